"""The table of scores, for the terminal, as Markdown and as JSON; and the curves of training."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import matplotlib
from rich.table import Table

from synthgen.core.files import write_atomic
from trainers.evaluate import EMPTY, Evaluation

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["draw_curves", "score_table", "write_scores"]

COLUMNS = ("foreground_iou", "mean_iou", "dice", "precision", "recall")
SHORT = {"foreground_iou": "fg IoU", "mean_iou": "mIoU"}  # so that a terminal of 80 columns holds a model's name


def score_table(evaluations: Mapping[str, Evaluation], title: str) -> Table:
    """Return a table with a row for each model and one for the empty prediction."""
    table = Table(title=title)
    table.add_column("model", overflow="fold")
    for column in COLUMNS:
        table.add_column(SHORT.get(column, column), justify="right", min_width=6)
    for name, scores in _rows(evaluations):
        table.add_row(name, *(f"{scores[column]:.4f}" for column in COLUMNS))
    return table


def write_scores(folder: Path, evaluations: Mapping[str, Evaluation], title: str) -> Path:
    """Write results.md and results.json; return the former."""
    rows = _rows(evaluations)
    lines = [f"# {title}", "", f"| model | {' | '.join(COLUMNS)} |", f"|---|{'---|' * len(COLUMNS)}"]
    lines += [
        f"| {name} | " + " | ".join(f"{scores[column]:.4f}" for column in COLUMNS) + " |" for name, scores in rows
    ]
    write_atomic(folder / "results.md", "\n".join([*lines, ""]).encode())
    samples = {name: evaluation.samples for name, evaluation in evaluations.items()}
    value = {"title": title, "samples": samples, "scores": dict(rows)}
    write_atomic(folder / "results.json", (json.dumps(value, indent=2) + "\n").encode())
    return folder / "results.md"


def draw_curves(path: Path, metrics: Mapping[str, Path]) -> None:
    """Draw loss and validation IoU against the epoch, a line for each model's metrics.csv."""
    figure, (loss, iou) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for name, file in metrics.items():
        with file.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        for axis, column in ((loss, "train_loss"), (iou, "val_foreground_iou")):
            points = [(int(row["epoch"]) + 1, float(row[column])) for row in rows if row.get(column)]
            axis.plot([x for x, _ in points], [y for _, y in points], marker="o", label=name)
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
    return [(EMPTY, first.empty), *((name, evaluation.scores) for name, evaluation in evaluations.items())]
