"""What is left of a judgement: report.html, report.md, results.parquet, grid.parquet, pictures, chosen localizers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from synthgen.core.files import atomic_path, make_directory, write_atomic
from synthgen.core.pictures import write_picture
from trainers.config.localizer import ChosenLocalizer
from trainers.localize.judging.choosing import Tried, axes_of
from trainers.localize.judging.curves import draw_thresholds
from trainers.localize.judging.grid import SIDE
from trainers.localize.judging.judge import Judgement
from trainers.localize.judging.pictures import judged_sheet
from trainers.localize.judging.tables import Section, ranked, sections_of
from trainers.show.page import page

__all__ = ["CHOSEN", "write_judgement"]

CHOSEN = "localizers"
CURVES, PICTURES = "thresholds.png", "pictures.png"


@dataclass(frozen=True, slots=True)
class _Said:
    """Some lines below a title."""

    title: str
    lines: tuple[str, ...]


def write_judgement(folder: Path, judgement: Judgement, pictures: int) -> list[Section]:
    """Write everything into `folder`, which is made where it is missing; return the tables.

    Args:
        folder: To write into.
        judgement: What became of all localizers.
        pictures: Rows of the page of pictures.

    Raises:
        OutputError: The folder cannot be written.
        DatasetError: A picture cannot be read any more.
    """
    make_directory(folder)
    sections, title = sections_of(judgement), f"Localizers on {judgement.bench.title}"
    lists = [*_lists(judgement)]
    _write_rows(folder / "results.parquet", [*_rows(judgement)])
    _write_grid(folder / "grid.parquet", judgement)
    _write_chosen(make_directory(folder / CHOSEN), judgement)
    draw_thresholds(folder / CURVES, judgement)
    write_picture(folder / PICTURES, judged_sheet(judgement, pictures))
    write_atomic(folder / "report.md", _markdown(title, sections, lists).encode())
    figures = [(CURVES, "Mean IoU against the threshold"), (PICTURES, "Pictures at even distances")]
    html = page(
        "trainers.localize.judging", "report.html.j2", title=title, sections=sections, lists=lists, figures=figures
    )
    write_atomic(folder / "report.html", html.encode())
    return sections


def _lists(judgement: Judgement) -> Iterator[_Said]:
    if judgement.failed:
        yield _Said("Could not be judged", tuple(f"{name}: {reason}" for name, reason in judgement.failed.items()))
    if judgement.bench.left_out:
        yield _Said("Pictures that do not count", judgement.bench.left_out)


def _rows(judgement: Judgement) -> Iterator[dict[str, Any]]:
    """Yield a row for each localizer and picture."""
    bench = judgement.bench
    for name, verdict in ranked(judgement):
        for row in verdict.rows:
            yield {
                "localizer": name,
                "method": verdict.candidate.config.method,
                "picture": bench.picture(row.number).name,
                "group": bench.groups[row.number],
                "shows": bench.shows[row.number] if bench.shows else None,
                **row.figures,
                "template": row.choice.template,
                **{f"post_{key}": value for key, value in row.choice.post.model_dump().items()},
            }


def _write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    names = dict.fromkeys(name for row in rows for name in row)
    with atomic_path(path) as temporary:
        pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), temporary)


def _write_grid(path: Path, judgement: Judgement) -> None:
    """Write a row for each localizer, sentence, set of pictures and try of the grid."""
    counts = [len(fold.choose) for fold in judgement.bench.folds]
    tables = [
        _grid(judgement, name, tried, where, means)
        for name, verdict in ranked(judgement)
        for tried in verdict.tried
        for where, means in (("chosen on", tried.chosen_over(counts)), ("scored", tried.scored))
    ]
    with atomic_path(path) as temporary:
        pq.write_table(pa.concat_tables(tables), temporary)


def _grid(judgement: Judgement, name: str, tried: Tried, where: str, means: np.ndarray) -> pa.Table:
    axes = axes_of(judgement.bench)
    settings, thresholds = len(axes.settings), len(axes.thresholds)
    count = settings * thresholds
    columns: dict[str, Any] = {
        "localizer": [name] * count,
        "template": [tried.template] * count,
        "pictures": [where] * count,
    }
    for field in ("interpolation", "order", "kernel"):
        columns[field] = np.repeat([getattr(post, field) for post in axes.settings], thresholds)
    columns[f"kernel_of_{SIDE}"] = np.maximum(np.rint(columns["kernel"] * SIDE), 1).astype(np.int16)
    columns["threshold"] = np.tile(axes.thresholds, settings)
    columns |= {measure: means[place].ravel() for place, measure in enumerate(axes.measures)}
    return pa.table(columns)


def _write_chosen(folder: Path, judgement: Judgement) -> None:
    """Write each localizer with what was chosen for it, so that `synthgen localize` makes the same masks."""
    for name, verdict in judgement.verdicts.items():
        config = verdict.candidate.config.model_copy(update={"template": verdict.chosen.template})
        brought = verdict.candidate.post is not None
        where = "" if brought else _told(judgement)
        values = ChosenLocalizer(localizer=config, post=verdict.chosen.post, chosen_on=where)
        dumped = values.model_dump(mode="json", exclude_defaults=True)
        text = yaml.safe_dump({"localizer": {}, "post": {}, **dumped}, sort_keys=False, allow_unicode=True)
        write_atomic(folder / f"{name}.yaml", text.encode())


def _told(judgement: Judgement) -> str:
    bench = judgement.bench
    return f"{bench.title}: all pictures" if len(bench.folds) > 1 else f"{bench.title}: {bench.chosen_on}"


def _markdown(title: str, sections: list[Section], lists: list[_Said]) -> str:
    lines = [f"# {title}"]
    for section in sections:
        lines += ["", f"## {section.title}", "", section.note, "", f"| {' | '.join(section.head)} |"]
        lines += ["|---" * len(section.head) + "|", *(f"| {' | '.join(row)} |" for row in section.rows)]
    for said in lists:
        lines += ["", f"## {said.title}", "", *(f"- {line}" for line in said.lines)]
    lines += ["", f"![Mean IoU against the threshold]({CURVES})", "", f"![Pictures]({PICTURES})", ""]
    return "\n".join(lines)
