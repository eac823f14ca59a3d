"""The table of scores, for the terminal, as Markdown and as JSON; and the curves of training."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import matplotlib
from rich.table import Table

from synthgen.core.files import write_atomic
from trainers.learn.log import logged
from trainers.score.evaluate import EMPTY, FULL, Evaluation
from trainers.score.evaluate_boxes import BoxEvaluation

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["box_table", "draw_curves", "score_table", "write_box_scores", "write_scores"]

SHORT = {  # what a terminal of 80 columns holds beside a model's name
    "foreground_iou": "fg IoU",
    "mean_iou": "mIoU",
    "dice": "dice",
    "precision": "precision",
    "recall": "recall",
}
BOX_COLUMNS = ("box_recall", "box_precision", "pixels_inside")
COLUMNS = (*SHORT, "image_iou", "boundary_f", "false_alarms")


def score_table(evaluations: Mapping[str, Evaluation], title: str) -> Table:
    """Return a table with a row for each model and for the predictions that are empty and all foreground."""
    table = Table(title=title)
    table.add_column("model", overflow="fold")
    for short in SHORT.values():
        table.add_column(short, justify="right", min_width=6)
    for name, scores in _rows(evaluations):
        table.add_row(name, *(_number(scores[column]) for column in SHORT))
    return table


def write_scores(folder: Path, evaluations: Mapping[str, Evaluation], title: str) -> Path:
    """Write results.md and results.json; return the former."""
    rows = _rows(evaluations)
    lines = [f"# {title}", "", f"| model | {' | '.join(COLUMNS)} |", f"|---|{'---|' * len(COLUMNS)}"]
    lines += [
        f"| {name} | " + " | ".join(_number(scores[column]) for column in COLUMNS) + " |" for name, scores in rows
    ]
    lines += ["", "95 % intervals of the foreground IoU, from resampled images, and the foreground IoU by size:", ""]
    for name, evaluation in evaluations.items():
        low, high = evaluation.intervals["foreground_iou"]
        sizes = ", ".join(f"{size} {_number(iou)}" for size, iou in evaluation.by_size.items())
        lines.append(f"- {name}: {_number(low)}–{_number(high)}; {sizes or 'no target'}")
    write_atomic(folder / "results.md", "\n".join([*lines, ""]).encode())
    value = {
        "title": title,
        "samples": {name: evaluation.samples for name, evaluation in evaluations.items()},
        "scores": {name: _finite(scores) for name, scores in rows},
        "intervals": {name: evaluation.intervals for name, evaluation in evaluations.items()},
        "by_size": {name: evaluation.by_size for name, evaluation in evaluations.items()},
    }
    write_atomic(folder / "results.json", (json.dumps(value, indent=2, allow_nan=False) + "\n").encode())
    return folder / "results.md"


def box_table(name: str, evaluation: BoxEvaluation, title: str) -> Table:
    """Return a table of box scores with their intervals, beside those of the empty and the full prediction."""
    table = Table("model", *BOX_COLUMNS, "boxes found", title=title)
    for row in _box_rows(name, evaluation):
        table.add_row(*row)
    return table


def write_box_scores(folder: Path, name: str, evaluation: BoxEvaluation, title: str) -> Path:
    """Write boxes.md and boxes.json; return the former."""
    lines = [f"# {title}", "", f"| model | {' | '.join(BOX_COLUMNS)} | boxes found |", f"|---|{'---|' * 4}"]
    lines += ["| " + " | ".join(row) + " |" for row in _box_rows(name, evaluation)]
    note = "Recall and precision of boxes at IoU ≥ .5; share of predicted pixels inside true boxes; 95 % intervals."
    write_atomic(folder / "boxes.md", "\n".join([*lines, "", note, ""]).encode())
    value = {
        "title": title,
        "samples": evaluation.samples,
        "scores": {EMPTY: evaluation.empty, FULL: evaluation.full, name: evaluation.scores},
        "intervals": {name: evaluation.intervals},
    }
    write_atomic(folder / "boxes.json", (json.dumps(value, indent=2, allow_nan=False) + "\n").encode())
    return folder / "boxes.md"


def _box_rows(name: str, evaluation: BoxEvaluation) -> list[tuple[str, ...]]:
    def with_interval(column: str) -> str:
        low, high = evaluation.intervals[column]
        return f"{evaluation.scores[column]:.3f} ({low:.3f}–{high:.3f})"

    constant = [
        (title, *(f"{scores[column]:.3f}" for column in BOX_COLUMNS), f"{scores['boxes']:.0f}")
        for title, scores in ((EMPTY, evaluation.empty), (FULL, evaluation.full))
    ]
    return [*constant, (name, *map(with_interval, BOX_COLUMNS), f"{evaluation.scores['boxes']:.0f}")]


def draw_curves(path: Path, metrics: Mapping[str, Path]) -> None:
    """Draw loss and validation IoU against the epoch, a line for each model's metrics.csv."""
    figure, (loss, iou) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for name, file in metrics.items():
        for axis, column in ((loss, "train_loss"), (iou, "val_foreground_iou")):
            axis.plot(*logged(file, column), marker="o", label=name)
    loss.set(xlabel="epoch", ylabel="training dice loss")
    iou.set(xlabel="epoch", ylabel="validation foreground IoU", ylim=(0, 1))
    for axis in (loss, iou):
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.grid(alpha=0.3)
    loss.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _rows(evaluations: Mapping[str, Evaluation]) -> list[tuple[str, dict[str, float]]]:
    first = next(iter(evaluations.values()))
    models = ((name, evaluation.scores) for name, evaluation in evaluations.items())
    return [(EMPTY, first.empty), (FULL, first.full), *models]


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4f}"


def _finite(scores: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else value for name, value in scores.items()}
