"""What a page says of one place, in words and cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trainers.experiment.summary import Equal, Line, Summary
from trainers.experiment.wording import (
    difference_text,
    estimate_text,
    is_decided,
    worth_interval_text,
    worth_text,
)
from trainers.study.columns import title_of

__all__ = ["Cell", "Section", "TableRow", "section_of"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, and what stands small behind it.

    Attributes:
        value: The number.
        rest: Its interval, and its p value.
        mark: "decided" where the interval leaves 0 out, "decided worse" where it lies below; else empty.
    """

    value: str
    rest: str
    mark: str = ""

    def __str__(self) -> str:
        """Join both."""
        return f"{self.value} {self.rest}".strip()


@dataclass(frozen=True, slots=True)
class TableRow:
    """An arm in the tables; `seeds` of its own, and `paired` with those of the reference."""

    name: str
    seeds: int
    paired: int
    reference: bool
    scores: Sequence[Cell]
    differences: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Section:
    """What a page says of one place.

    Attributes:
        title: The place, and how many photographs it has.
        titles: Of the scores.
        rows: One for each arm.
        reference: Name of the arm that the others are compared with.
        worth: Sentences on what synthetic pictures are worth.
        charts: Files and captions.
        pictures: Files, by arm.
    """

    title: str
    titles: Sequence[str]
    rows: Sequence[TableRow]
    reference: str
    worth: Sequence[str]
    charts: Sequence[tuple[str, str]]
    pictures: Mapping[str, Sequence[str]]

    @property
    def compared(self) -> list[TableRow]:
        """The rows that have a difference to the reference."""
        return [row for row in self.rows if row.differences]


def section_of(
    summary: Summary,
    charts: Sequence[tuple[str, str]] = (),
    pictures: Mapping[str, Sequence[str]] | None = None,
) -> Section:
    """Put what was found at a place into words."""
    photographs, groups = len(summary.names), summary.groups
    grouped = "each its own group" if groups == photographs else f"in {groups:,} groups"
    return Section(
        title=f"{summary.place.key}: {photographs:,} photographs, {grouped}, compared by {summary.place.kind}",
        titles=[title_of(score) for score in summary.shown],
        rows=[_row(summary, line) for line in summary.lines],
        reference=summary.reference.name,
        worth=[_sentence(equal, summary) for equal in summary.equals],
        charts=charts,
        pictures=pictures or {},
    )


def _row(summary: Summary, line: Line) -> TableRow:
    scores = [Cell(*_parted(estimate_text(line.scores[score]))) for score in summary.shown]
    differences = [_difference(line, score) for score in summary.shown] if line.differences else []
    return TableRow(
        line.arm.name, len(line.seeds), len(line.paired), line.arm == summary.reference, scores, differences
    )


def _difference(line: Line, score: str) -> Cell:
    difference = line.differences[score]
    mark = ""
    if is_decided(difference):
        mark = "decided" if difference.value > 0 else "decided worse"
    return Cell(*_parted(difference_text(difference)), mark)


def _parted(text: str) -> tuple[str, str]:
    value, _, rest = text.partition(" ")
    return value, rest


def _sentence(equal: Equal, summary: Summary) -> str:
    score = next(line.scores[summary.headline] for line in summary.lines if line.arm == equal.arm)
    worth = worth_text(equal.worth.value, equal.counts)
    interval = worth_interval_text(equal.worth, equal.counts)
    ends = "" if interval in (worth, "–") else f" (95 %: {interval})"
    return (
        f"{equal.arm.name}: as good as {worth} photographs of {equal.series!r}{ends}, "
        f"at a {title_of(summary.headline)} of {score.value:.3f}."
    )
