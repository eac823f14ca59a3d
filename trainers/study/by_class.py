"""The second table of a study, where its runs tell classes apart: the IoU of each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainers.study.table import Line
from trainers.tasks.segmentation.confusion import class_score, classes_scored

__all__ = ["ClassTable", "class_table"]

EXPLANATION = (
    "IoU of each class on {key}, the mean over seeds. Where a run tells classes apart, its foreground IoU, dice, "
    "precision and recall are means over the classes that are shown there; a pixel found as another class is wrong for "
    "both."
)


@dataclass(frozen=True, slots=True)
class ClassTable:
    """What stands in the table: an explanation, the classes, and a line of cells for each setting."""

    explanation: str
    titles: tuple[str, ...]
    cells: tuple[tuple[str, tuple[str, ...]], ...]


def class_table(lines: Sequence[Line], done: Sequence[Mapping[str, Any]]) -> ClassTable | None:
    """Return the table of the benchmark by which runs are ranked; None where none tells classes apart.

    Args:
        lines: As `trainers.study.table.lines_of` gives them.
        done: The rows of the runs that went well.
    """
    columns = {
        name: (key, f"{key}_{class_score('iou', name)}")
        for row in done
        for key, scores in row["benchmarks"].items()
        if row["headline"] in {f"{key}_{score}" for score in scores}
        for name in classes_scored(scores)
    }
    if not columns:
        return None
    told = [line for line in lines if any(column in line for _, column in columns.values())]
    cells = tuple((line["name"], tuple(_cell(line, column) for _, column in columns.values())) for line in told)
    keys = " and ".join(dict.fromkeys(key for key, _ in columns.values()))
    return ClassTable(EXPLANATION.format(key=keys), tuple(columns), cells)


def _cell(line: Line, column: str) -> str:
    return f"{line[column]:.4f}" if column in line else ""
