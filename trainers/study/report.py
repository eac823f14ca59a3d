"""The report of a study: results.parquet, results.md, results.html, curves, and a picture for every network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthgen.core.files import make_directory, write_atomic
from trainers.show.page import page
from trainers.study.by_class import ClassTable, class_table
from trainers.study.columns import columns_of, name_of_column
from trainers.study.config import Published
from trainers.study.curves import draw_cost, draw_curves, draw_samples
from trainers.study.job import PICTURE
from trainers.study.table import Line, lines_of, write_parquet

__all__ = ["Heading", "write_report", "write_tables"]

Row = dict[str, Any]
INTRODUCTION = "Baselines{published} come first, then our settings by {headline}; numbers are means over seeds."
PRINT = " and published figures"
MEAN_IOU = (
    "mIoU is the mean of foreground and background IoU over all pixels, on which the empty prediction scores about "
    "one half."
)
PRINTED_IOU = "The published figures are of that kind, and of other pictures."
SPREAD = "Seeds: least and greatest of the {headline}. 95 %: resampled test images, mean over seeds."
ALARMS = "False alarms: connected false positives per image without target."
COST = (
    "GFLOP: of predicting one picture. Seconds and images/s: training with its validations, on a machine that may have "
    "had other work."
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above and beside the rows of a report.

    Attributes:
        title: Of the report.
        note: What a reader must know about the preset; may be empty.
        published: Figures to stand beside.
    """

    title: str
    note: str = ""
    published: tuple[Published, ...] = ()


@dataclass(frozen=True, slots=True)
class _Table:
    """What stands in the table: its titles, the cells of each line, and what failed and why."""

    explanation: str
    titles: list[str]
    cells: list[tuple[Line, list[str]]]
    failed: list[tuple[str, str]]


def write_tables(folder: Path, heading: Heading, rows: Sequence[Row]) -> None:
    """Write results.parquet and results.md into `folder`; cheap, so that it can be done after every run."""
    make_directory(folder)
    write_parquet(folder / "results.parquet", rows)
    text = _markdown(heading.title, _table(heading, rows), _by_class(rows))
    write_atomic(folder / "results.md", text.encode())


def write_report(folder: Path, heading: Heading, rows: Sequence[Row], runs: Path) -> Path:
    """Write tables, curves, pictures and results.html into `folder`, from the rows and folders of `runs`."""
    write_tables(folder, heading, rows)
    done = [row for row in rows if row["status"] == "done"]
    html = page(
        "trainers.study",
        "report.html.j2",
        title=heading.title,
        table=_table(heading, rows),
        by_class=_by_class(rows),
        pictures=_pictures(folder, lines_of(rows, ()), runs),
        curves=_curves(folder, done, runs) if done else [],
    )
    write_atomic(folder / "results.html", html.encode())
    return folder / "results.html"


def _table(heading: Heading, rows: Sequence[Row]) -> _Table:
    lines, done = lines_of(rows, heading.published), [row for row in rows if row["status"] == "done"]
    shown = [line for line in lines if line["kind"] != "failed"]
    columns = columns_of(done)
    titles = [title for title, form in columns.items() if any(_cell(line, form) for line in shown)]
    cells = [(line, [_cell(line, columns[title]) for title in titles]) for line in shown]
    failed = [(line["name"], line["error"]) for line in lines if line["kind"] == "failed"]
    return _Table(_explanation(heading, done, titles), titles, cells, failed)


def _explanation(heading: Heading, done: Sequence[Row], titles: Sequence[str]) -> str:
    """Explain what stands in the table, and nothing else."""
    headline = " or ".join(dict.fromkeys(name_of_column(row) for row in done)) or "their score"
    parts = [
        INTRODUCTION.format(published=PRINT if heading.published else "", headline=headline),
        heading.note,
        MEAN_IOU if any(title.endswith("mIoU") for title in titles) else "",
        PRINTED_IOU if heading.published and any(title.endswith("mIoU") for title in titles) else "",
        SPREAD.format(headline=headline) if "seeds" in titles else "",
        ALARMS if "false alarms" in titles else "",
        COST if done else "",
    ]
    return " ".join(part for part in parts if part)


def _cell(line: Line, form: str) -> str:
    try:
        return form.format(**line)
    except KeyError:  # this kind of line lacks the column
        return ""


def _by_class(rows: Sequence[Row]) -> ClassTable | None:
    return class_table(lines_of(rows, ()), [row for row in rows if row["status"] == "done"])


def _markdown(title: str, table: _Table, by_class: ClassTable | None) -> str:
    lines = [f"# {title}", "", table.explanation, "", f"| | {' | '.join(table.titles)} |"]
    lines.append("|---" * (len(table.titles) + 1) + "|")
    lines += [f"| {line['name']} | {' | '.join(row)} |" for line, row in table.cells]
    if by_class is not None:
        lines += ["", "## By class", "", by_class.explanation, "", f"| | {' | '.join(by_class.titles)} |"]
        lines.append("|---" * (len(by_class.titles) + 1) + "|")
        lines += [f"| {name} | {' | '.join(cells)} |" for name, cells in by_class.cells]
    if table.failed:
        lines += ["", "Failed:", "", *(f"- {name}: {error}" for name, error in table.failed)]
    return "\n".join([*lines, ""])


def _pictures(folder: Path, lines: Sequence[Line], runs: Path) -> dict[str, str]:
    """Copy the picture of each setting's first run; return file names by setting, best first."""
    make_directory(folder / "predictions")
    found = {line["name"]: runs / line["run"] / PICTURE for line in lines if line["kind"] == "run"}
    found = {setting: file for setting, file in found.items() if file.is_file()}
    for setting, file in found.items():
        write_atomic(folder / f"predictions/{setting}.png", file.read_bytes())
    return {setting: f"predictions/{setting}.png" for setting in found}


def _curves(folder: Path, done: Sequence[Row], runs: Path) -> list[str]:
    draw_curves(folder / "curves.png", done, runs)
    draw_cost(folder / "cost.png", done)
    return ["curves.png", "cost.png", *(["samples.png"] if draw_samples(folder / "samples.png", done) else [])]
