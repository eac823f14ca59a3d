"""Curves of a study: loss and watched figure by epoch for each family, headline against cost and against samples."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

from trainers.learn.log import METRICS_FILE, logged
from trainers.show.figures import save_figure
from trainers.study.columns import name_of_column, title_of

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["draw_cost", "draw_curves", "draw_samples"]

Row = dict[str, Any]


def draw_curves(path: Path, rows: Sequence[Row], runs: Path) -> None:
    """Draw a pair of panels for each family: training loss and watched figure of every run by epoch."""
    families = _grouped(rows, "family")
    figure, axes = plt.subplots(
        len(families), 2, figsize=(14, 2.8 * len(families)), layout="constrained", squeeze=False
    )
    for (loss, figures), (family, members) in zip(axes, families.items(), strict=True):
        settings = _grouped(members, "setting")
        for number, (setting, seeds) in enumerate(settings.items()):
            for row in seeds:
                look = {"color": plt.get_cmap("tab20")(number % 20), "label": setting if row is seeds[0] else None}
                for axis, column in ((loss, "train_loss"), (figures, row["watched"])):
                    axis.plot(*logged(runs / row["name"] / METRICS_FILE, column), marker=".", **look)
        loss.set(title=family, ylabel="training loss")
        figures.set(ylabel=_watched(members))
        figures.set_ylim(bottom=0)
        if len(settings) <= 20:
            figures.legend(fontsize=6, loc="upper left", bbox_to_anchor=(1.01, 1.0))
        for axis in (loss, figures):
            axis.set(xlabel="epoch")
            axis.xaxis.get_major_locator().set_params(integer=True)
            axis.grid(alpha=0.3)
    save_figure(figure, path, dpi=110)


def draw_cost(path: Path, rows: Sequence[Row]) -> None:
    """Draw the headline against the TFLOP of the training, a mark for each run: what is best at equal compute."""
    figure, axis = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for family, members in _grouped(_with_headline(rows), "family").items():
        points = [(row["tflop_training"], row[row["headline"]]) for row in members]
        axis.scatter(*zip(*points, strict=True), label=family, alpha=0.8)
    axis.set(xlabel="TFLOP of the training", ylabel=_headline(rows), xscale="log")
    axis.grid(alpha=0.3)
    figure.legend(fontsize=7, loc="outside right upper")
    save_figure(figure, path, dpi=110)


def draw_samples(path: Path, rows: Sequence[Row]) -> bool:
    """Draw the headline against training samples for series with several numbers of them; False if none has."""
    series = {name: _grouped(runs, "samples") for name, runs in _grouped(_with_headline(rows), "series").items()}
    curves = {name: dict(sorted(counts.items())) for name, counts in series.items() if len(counts) > 1}
    if not curves:
        return False
    figure, axis = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for name, counts in curves.items():
        values = [[row[row["headline"]] for row in runs] for runs in counts.values()]
        axis.plot(list(counts), [statistics.fmean(found) for found in values], marker="o", label=name)
        for count, found in zip(counts, values, strict=True):
            axis.plot([count] * 2, [min(found), max(found)], color="grey", linewidth=1)
    axis.set(xlabel="training samples", ylabel=_headline(rows), xscale="log")
    axis.set_ylim(bottom=0)
    shown = sorted({count for counts in curves.values() for count in counts})
    axis.set_xticks(shown, [f"{count:,}" for count in shown])
    axis.minorticks_off()
    axis.grid(alpha=0.3)
    figure.legend(fontsize=7, loc="outside right upper")
    save_figure(figure, path, dpi=110)
    return True


def _grouped(rows: Sequence[Row], column: str) -> dict[Any, list[Row]]:
    """Return the rows by their value in a column, in order of appearance."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups


def _with_headline(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row[row["headline"]] is not None]


def _headline(rows: Sequence[Row]) -> str:
    return ", ".join(dict.fromkeys(map(name_of_column, rows)))


def _watched(rows: Sequence[Row]) -> str:
    return ", ".join(dict.fromkeys(f"validation {title_of(row['watched'].removeprefix('val_'))}" for row in rows))
