"""Curves of a study: loss and IoU by epoch for each family of networks, IoU against cost and against samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

from trainers.learn.log import METRICS_FILE, logged

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["draw_cost", "draw_curves", "draw_samples"]

Row = dict[str, Any]
IOU = "val_foreground_iou"


def draw_curves(path: Path, rows: Sequence[Row], runs: Path) -> None:
    """Draw a pair of panels for each family: training loss and validation IoU of every run by epoch."""
    families = dict.fromkeys(family_of(row) for row in rows)
    highest = max(value for row in rows for value in [0.1, *logged(runs / row["name"] / METRICS_FILE, IOU)[1]])
    figure, axes = plt.subplots(
        len(families), 2, figsize=(14, 2.8 * len(families)), layout="constrained", squeeze=False
    )
    for (loss, iou), family in zip(axes, families, strict=True):
        members = [row for row in rows if family_of(row) == family]
        settings = list(dict.fromkeys(row["setting"] for row in members))
        for row in members:
            colour = plt.get_cmap("tab20")(settings.index(row["setting"]) % 20)
            label = row["setting"].removeprefix(f"{family}-") if row is _first(members, row["setting"]) else None
            for axis, column in ((loss, "train_loss"), (iou, IOU)):
                axis.plot(*logged(runs / row["name"] / METRICS_FILE, column), color=colour, label=label, marker=".")
        loss.set(title=family, ylabel="training loss")
        iou.set(ylabel="validation fg IoU", ylim=(0, 1.05 * highest))
        if len(settings) <= 20:
            iou.legend(fontsize=6, loc="upper left", bbox_to_anchor=(1.01, 1.0))
        for axis in (loss, iou):
            axis.set(xlabel="epoch")
            axis.xaxis.get_major_locator().set_params(integer=True)
            axis.grid(alpha=0.3)
    _save(figure, path)


def draw_cost(path: Path, rows: Sequence[Row]) -> None:
    """Draw test IoU against the TFLOP of the training, a mark for each run: what is best at equal compute."""
    figure, axis = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for family in dict.fromkeys(family_of(row) for row in rows):
        members = [row for row in rows if family_of(row) == family]
        axis.scatter(
            [row["tflop_training"] for row in members],
            [row["test_foreground_iou"] for row in members],
            label=family,
            alpha=0.8,
        )
    axis.set(xlabel="TFLOP of the training", ylabel="test foreground IoU", xscale="log")
    axis.grid(alpha=0.3)
    figure.legend(fontsize=7, loc="outside right upper")
    _save(figure, path)


def draw_samples(path: Path, rows: Sequence[Row]) -> bool:
    """Draw test IoU against training samples for networks trained on several numbers of them; False if none was."""
    sizes: dict[str, dict[int, list[float]]] = {}
    for row in rows:
        setting = "-".join(part for part in row["setting"].split("-") if part != f"n{row['samples']}")
        sizes.setdefault(setting, {}).setdefault(row["samples"], []).append(row["test_foreground_iou"])
    curves = {setting: points for setting, points in sizes.items() if len(points) > 1}
    if not curves:
        return False
    figure, axis = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for setting, points in curves.items():
        counts = sorted(points)
        means = [sum(points[count]) / len(points[count]) for count in counts]
        axis.plot(counts, means, marker="o", label=setting)
        for count in counts:
            axis.plot([count] * 2, [min(points[count]), max(points[count])], color="grey", linewidth=1)
    axis.set(xlabel="training samples", ylabel="test foreground IoU", xscale="log")
    axis.set_ylim(bottom=0)
    shown = sorted({count for points in curves.values() for count in points})
    axis.set_xticks(shown, [f"{count:,}" for count in shown])
    axis.minorticks_off()
    axis.grid(alpha=0.3)
    figure.legend(fontsize=7, loc="outside right upper")
    _save(figure, path)
    return True


def family_of(row: Row) -> str:
    """Return network and encoder."""
    return row["network"] if row["network"] == "plain_unet" else f"{row['network']}-{row['encoder']}"


def _first(rows: Sequence[Row], setting: str) -> Row:
    return next(row for row in rows if row["setting"] == setting)


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=110)
    plt.close(figure)
