"""The report of a study: results.parquet, results.md, results.html, curves, and a picture for every network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from synthgen.core.files import make_directory, write_atomic
from trainers.study.config import Published
from trainers.study.curves import draw_cost, draw_curves, draw_samples
from trainers.study.table import Line, lines_of, write_parquet

__all__ = ["write_report", "write_tables"]

Row = dict[str, Any]
COLUMNS = {  # of the table: title, and the number or numbers of a line that it shows
    "runs": "{runs:.0f}",
    "weights": "{weights}",
    "train mIoU": "{train_mean_iou:.4f}",
    "test mIoU": "{test_mean_iou:.4f}",
    "test fg IoU": "{test_foreground_iou:.4f}",
    "seeds": "{least:.4f}–{greatest:.4f}",
    "95 % over images": "{test_foreground_iou_low:.4f}–{test_foreground_iou_high:.4f}",
    "per image": "{test_image_iou:.4f}",
    "dice": "{test_dice:.4f}",
    "precision": "{test_precision:.4f}",
    "recall": "{test_recall:.4f}",
    "boundary F": "{test_boundary_f:.4f}",
    "false alarms": "{test_false_alarms:.2f}",
    "photographs mIoU": "{real_mean_iou:.4f}",
    "photographs fg IoU": "{real_foreground_iou:.4f}",
    "box recall": "{real_box_recall:.3f}",
    "box precision": "{real_box_precision:.3f}",
    "parameters": "{parameters:,.0f}",
    "that learn": "{trainable:,.0f}",
    "GFLOP": "{gflop_forward:.3f}",
    "training TFLOP": "{tflop_training:.1f}",
    "seconds": "{seconds:.0f}",
    "images/s": "{images_per_second:.0f}",
}
EXPLANATION = (
    "Baselines and published figures come first, then our settings by test foreground IoU; numbers are means over "
    "seeds. mIoU is the mean of foreground and background IoU over all pixels, on which the empty prediction scores "
    "about one half; the published figures are of that kind, and of other pictures. Seeds: least and greatest of the "
    "foreground IoU. 95 %: resampled test images, mean over seeds. False alarms: connected false positives per image "
    "without target. GFLOP: of predicting one picture. Seconds and images/s: training with its validations, on a "
    "machine that may have had other work."
)


@dataclass(frozen=True, slots=True)
class _Table:
    """What stands in the table: its titles, the cells of each line, and what failed and why."""

    titles: list[str]
    cells: list[tuple[Line, list[str]]]
    failed: list[tuple[str, str]]


def write_tables(folder: Path, title: str, rows: Sequence[Row], published: Sequence[Published]) -> None:
    """Write results.parquet and results.md into `folder`; cheap, so that it can be done after every run."""
    make_directory(folder)
    write_parquet(folder / "results.parquet", rows)
    write_atomic(folder / "results.md", _markdown(title, _table(lines_of(rows, published))).encode())


def write_report(folder: Path, title: str, rows: Sequence[Row], published: Sequence[Published], runs: Path) -> Path:
    """Write tables, curves, pictures and results.html into `folder`, from the rows and folders of `runs`."""
    write_tables(folder, title, rows, published)
    lines = lines_of(rows, published)
    done = [row for row in rows if row["status"] == "done"]
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("trainers.study", "."), autoescape=True, undefined=jinja2.StrictUndefined
    )
    page = environment.get_template("report.html.j2").render(
        title=title,
        table=_table(lines),
        explanation=EXPLANATION,
        pictures=_pictures(folder, lines, runs),
        curves=_curves(folder, done, runs) if done else [],
    )
    write_atomic(folder / "results.html", page.encode())
    return folder / "results.html"


def _table(lines: Sequence[Line]) -> _Table:
    shown = [line for line in lines if line["kind"] != "failed"]
    titles = [title for title, form in COLUMNS.items() if any(_cell(line, form) for line in shown)]
    cells = [(line, [_cell(line, COLUMNS[title]) for title in titles]) for line in shown]
    return _Table(titles, cells, [(line["name"], line["error"]) for line in lines if line["kind"] == "failed"])


def _cell(line: Line, form: str) -> str:
    try:
        return form.format(**line)
    except KeyError:  # of a column that this kind of line lacks
        return ""


def _markdown(title: str, table: _Table) -> str:
    lines = [f"# {title}", "", EXPLANATION, "", f"| | {' | '.join(table.titles)} |"]
    lines.append("|---" * (len(table.titles) + 1) + "|")
    lines += [f"| {line['name']} | {' | '.join(row)} |" for line, row in table.cells]
    if table.failed:
        lines += ["", "Failed:", "", *(f"- {name}: {error}" for name, error in table.failed)]
    return "\n".join([*lines, ""])


def _pictures(folder: Path, lines: Sequence[Line], runs: Path) -> dict[str, str]:
    """Copy the picture of each setting's first run; return file names by setting, best first."""
    make_directory(folder / "predictions")
    found = {line["name"]: line["run"] for line in lines if line["kind"] == "run"}
    for setting, run in found.items():
        write_atomic(folder / f"predictions/{setting}.png", (runs / run / "predictions.png").read_bytes())
    return {setting: f"predictions/{setting}.png" for setting in found}


def _curves(folder: Path, done: Sequence[Row], runs: Path) -> list[str]:
    draw_curves(folder / "curves.png", done, runs)
    draw_cost(folder / "cost.png", done)
    return ["curves.png", "cost.png", *(["samples.png"] if draw_samples(folder / "samples.png", done) else [])]
