"""Scores on categories that were learnt beside those on categories held out for test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from rich.table import Table

from trainers.score.evaluate import SCORERS
from trainers.score.result import Result
from trainers.score.slices import Slice, slices_of
from trainers.score.traits import CATEGORY, NOVELTY, UNSEEN
from trainers.show.columns import cell_of, columns_of, interval_cell, narrow, short_title

__all__ = ["NO_SIDES", "Sides", "novelty_lines", "novelty_table", "novelty_values", "sides_of"]

Sides = Mapping[str, tuple[Slice, ...]]
"""By the name of the model: the slices "seen" and "unseen"; models without any are absent."""

NO_SIDES: Sides = MappingProxyType({})


def sides_of(results: Mapping[str, Result]) -> Sides:
    """Return the slices of each model whose rows say which pictures show categories that were held out."""
    found = {name: slices_of(result.rows, SCORERS[result.kind], (NOVELTY,)) for name, result in results.items()}
    return {name: sides for name, sides in found.items() if sides}


def novelty_table(sides: Sides, title: str) -> Table | None:
    """Return two rows for each model, for the terminal; None where nothing was held out."""
    if not sides:
        return None
    columns = narrow(columns_of(_scores(sides)))
    table = Table(title=f"{title}: categories seen and held out")
    table.add_column("model", overflow="fold")
    for column in ("shown", *map(short_title, columns)):
        table.add_column(column, justify="right", min_width=6)
    for name, found in sides.items():
        for place, side in enumerate(found):
            cells = (cell_of(column, side.scores[column]) for column in columns)
            table.add_row("" if place else name, side.label, *cells)
    return table


def novelty_lines(sides: Sides, results: Mapping[str, Result]) -> Iterator[str]:
    """Yield the lines of Markdown; none where nothing was held out."""
    if not sides:
        return
    first = results[next(iter(sides))]
    columns, headline = columns_of(_scores(sides)), SCORERS[first.kind].headline
    yield from ("", f"Categories seen and held out ({', '.join(_held_out(first))}):", "")
    yield f"| model | categories | pictures | {' | '.join(columns)} | interval of {headline} |"
    yield "|---" * (4 + len(columns)) + "|"
    for name, found in sides.items():
        for side in found:
            cells = " | ".join(cell_of(column, side.scores[column]) for column in columns)
            yield f"| {name} | {side.label} | {side.pictures} | {cells} | {interval_cell(side.interval)} |"


def novelty_values(sides: Sequence[Slice]) -> dict[str, Any]:
    """Return for JSON the pictures, all scores and the headline's interval of each side."""
    return {
        side.label: {"pictures": side.pictures, "scores": dict(side.scores), "interval": side.interval}
        for side in sides
    }


def _scores(sides: Sides) -> Iterator[Mapping[str, float]]:
    return (side.scores for found in sides.values() for side in found)


def _held_out(result: Result) -> list[str]:
    """Return the categories of the pictures that show such alone."""
    unseen = [row.traits for row in result.rows if row.traits.get(NOVELTY) == (UNSEEN,)]
    return sorted({name for traits in unseen for name in traits[CATEGORY]})  # type: ignore[union-attr]
