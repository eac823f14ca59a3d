"""Curves of training: the loss and the watched score against the epoch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib

from trainers.learn.log import logged
from trainers.show.figures import save_figure

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["draw_curves", "title_of"]


def draw_curves(path: Path, metrics: Mapping[str, Path], watched: Mapping[str, str]) -> None:
    """Draw a line for each model's metrics.csv: its training loss, and the score that chose its best epoch.

    Args:
        path: PNG to write.
        metrics: The log of each model, by name.
        watched: The column of the score, of each model. Models that watch different scores are labelled by them.
    """
    figure, (loss, score) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    titles = dict.fromkeys(title_of(column) for column in watched.values())
    for name, file in metrics.items():
        loss.plot(*logged(file, "train_loss"), marker="o", label=name)
        score.plot(*logged(file, watched[name]), marker="o", label=name)
    loss.set(xlabel="epoch", ylabel="training loss")
    score.set(xlabel="epoch", ylabel=", ".join(titles))
    score.set_ylim(bottom=0)
    for axis in (loss, score):
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.grid(alpha=0.3)
    loss.legend()
    save_figure(figure, path)


def title_of(column: str) -> str:
    """Return the words for a column of metrics.csv, such as "validation foreground IoU"."""
    words = ["validation" if word == "val" else word for word in column.split("_")]
    return " ".join("IoU" if word == "iou" else word for word in words)
