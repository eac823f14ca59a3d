"""The table of scores: for the terminal, as Markdown, as JSON, and picture by picture as Parquet, there and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rich.table import Table

from synthgen.core.files import atomic_path, write_atomic
from trainers.score.pixels import by_size
from trainers.score.result import Result, Row
from trainers.show.box_figures import box_sections, box_values
from trainers.show.columns import cell_of, columns_of, interval_cell, is_count, narrow, short_title
from trainers.show.label_figures import label_sections, label_values
from trainers.show.novelty import NO_SIDES, Sides, novelty_lines, novelty_values
from trainers.show.ranked_columns import ranked_columns, taken_from
from trainers.tasks.segmentation.confusion import MEASURES, class_measure, class_score, classes_scored

__all__ = ["class_table", "read_rows", "score_table", "without_nan", "write_rows", "write_scores"]

TRAIT = "trait_"  # begins the name of a trait's column


def score_table(results: Mapping[str, Result], title: str) -> Table:
    """Return a table with a row for each baseline and each model, all scored on one benchmark."""
    columns = narrow(columns_of(scores for _, scores in _lines(results)))
    table = Table(title=title)
    table.add_column("model", overflow="fold")
    for column in columns:
        table.add_column(short_title(column), justify="right", min_width=6)
    for name, scores in _lines(results):
        table.add_row(name, *(cell_of(column, scores[column]) for column in columns))
    return table


def class_table(results: Mapping[str, Result], title: str) -> Table | None:
    """Return a table with a row for each class and a column for the IoU of each model; None where there are none."""
    names = classes_scored(score for result in results.values() for score in result.scores)
    if not names:
        return None
    table = Table(title=f"{title}: IoU by class")
    table.add_column("class", overflow="fold")
    for model in results:
        table.add_column(model, justify="right", min_width=6, overflow="fold")
    for name in names:
        score = class_score("iou", name)
        table.add_row(name, *(cell_of(score, result.scores.get(score, math.nan)) for result in results.values()))
    return table


def write_scores(
    folder: Path, results: Mapping[str, Result], title: str, stem: str = "results", sides: Sides = NO_SIDES
) -> Path:
    """Write STEM.md, STEM.json and STEM-rows.parquet; return the first.

    Args:
        folder: To write into.
        results: Of each model, by name, all on one benchmark.
        title: Of the table.
        stem: Of the file names.
        sides: Categories seen beside those held out, as `trainers.show.novelty.sides_of` gives them.
    """
    write_atomic(folder / f"{stem}.md", _markdown(results, title, sides).encode())
    value = {
        "title": title,
        "samples": {name: len(result.rows) for name, result in results.items()},
        "scores": dict(_lines(results)),
        "intervals": {name: result.intervals for name, result in results.items()},
        "operating_points": {name: result.point.model_dump() for name, result in results.items()},
        "fit": {name: result.fit for name, result in results.items()},
        "by_size": {name: by_size(result.rows) for name, result in results.items() if result.kind == "pixels"},
        "boxes": {name: box_values(result) for name, result in results.items() if result.kind == "boxes"},
        "novelty": {name: novelty_values(own) for name, own in sides.items()},
        "labels": {name: label_values(result) for name, result in results.items() if result.kind == "labels"},
    }
    write_atomic(folder / f"{stem}.json", (json.dumps(without_nan(value), indent=2, allow_nan=False) + "\n").encode())
    write_rows(folder / f"{stem}-rows.parquet", results)
    return folder / f"{stem}.md"


def write_rows(path: Path, results: Mapping[str, Result]) -> None:
    """Write a row for each model and picture: model, name, group, figures, what was found, traits; null if absent."""
    rows: list[dict[str, Any]] = [
        {"model": model, "name": row.name, "group": row.group, **row.figures, **ranked_columns(row), **_traits(row)}
        for model, result in results.items()
        for row in result.rows
    ]
    names = dict.fromkeys(name for row in rows for name in row)
    with atomic_path(path) as temporary:
        pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), temporary)


def read_rows(path: Path) -> dict[str, tuple[Row, ...]]:
    """Return what `write_rows` wrote: the rows of each model, in order.

    Raises:
        OSError: The file cannot be read.
    """
    found: dict[str, list[Row]] = {}
    for values in pq.read_table(path).to_pylist():
        present = {name: value for name, value in values.items() if value is not None}
        ranked, pairs = taken_from(present)
        model, name, group = (present.pop(column) for column in ("model", "name", "group"))
        traits = {
            column.removeprefix(TRAIT): _trait(present.pop(column))
            for column in list(present)
            if column.startswith(TRAIT)
        }
        found.setdefault(model, []).append(Row(name, group, present, ranked, traits, pairs))
    return {model: tuple(rows) for model, rows in found.items()}


def without_nan(value: Any) -> Any:
    """Return None in place of NaN, which JSON does not have."""
    if isinstance(value, dict):
        return {name: without_nan(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(part) for part in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _traits(row: Row) -> dict[str, Any]:
    """Return each trait as a column of its own; several values as a list."""
    return {TRAIT + name: list(value) if isinstance(value, tuple) else value for name, value in row.traits.items()}


def _trait(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _markdown(results: Mapping[str, Result], title: str, sides: Sides) -> str:
    columns = columns_of(scores for _, scores in _lines(results))
    lines = [f"# {title}", "", f"| model | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for name, scores in _lines(results):
        lines.append(f"| {name} | " + " | ".join(cell_of(column, scores[column]) for column in columns) + " |")
    lines += ["", "95 % intervals, from resampled images:", ""]
    for name, result in results.items():
        found = [
            f"{score} {low:.4f}–{high:.4f}"
            for score, (low, high) in result.intervals.items()
            if not is_count(score) and class_measure(score) is None
        ]
        lines.append(f"- {name}: {', '.join(found)}")
    lines += novelty_lines(sides, results)
    lines += _by_class(results)
    lines += ["", "Operating points:", "", *(f"- {name}: {result.point}" for name, result in results.items())]
    sizes = {name: by_size(result.rows) for name, result in results.items() if result.kind == "pixels"}
    if sizes:
        told = any(classes_scored(result.scores) for result in results.values())
        lines += ["", f"Foreground IoU by pixels on target{', all classes as one' if told else ''}:", ""]
    for name, found_sizes in sizes.items():
        ious = ", ".join(f"{size} {iou:.4f}" for size, iou in found_sizes.items())
        lines.append(f"- {name}: {ious or 'no target'}")
    lines += box_sections({name: result for name, result in results.items() if result.kind == "boxes"})
    lines += label_sections({name: result for name, result in results.items() if result.kind == "labels"})
    return "\n".join([*lines, ""])


def _by_class(results: Mapping[str, Result]) -> list[str]:
    """Return a table for each model that tells classes apart, with the interval of each class's IoU."""
    lines: list[str] = []
    for model, result in results.items():
        names = classes_scored(result.scores)
        if names:
            lines += ["", f"By class, {model}; its scores above are means over the classes that are shown:", ""]
            lines += [f"| class | {' | '.join(MEASURES)} | interval of iou |", "|---|" + "---|" * (len(MEASURES) + 1)]
            lines += [f"| {name} | {' | '.join(_class_cells(result, name))} |" for name in names]
    return lines


def _class_cells(result: Result, name: str) -> list[str]:
    cells = [cell_of(measure, result.scores[class_score(measure, name)]) for measure in MEASURES]
    return [*cells, interval_cell(result.intervals.get(class_score("iou", name)))]


def _lines(results: Mapping[str, Result]) -> list[tuple[str, dict[str, float]]]:
    first = next(iter(results.values()))
    return [*first.baselines.items(), *((name, result.scores) for name, result in results.items())]
