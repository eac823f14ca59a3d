"""Charts of a loop: scores of both loops round by round, and the weights that the closed one turned."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

from trainers.experiment.charts import BETTER, OPEN, save, tidy
from trainers.experiment.places import Place
from trainers.score.evaluate import SCORERS
from trainers.study.columns import title_of

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.ticker import MaxNLocator

__all__ = ["draw_rounds", "draw_weights"]

Row = dict[str, Any]
COLOURS = {"open": OPEN, "closed": BETTER}


def draw_rounds(path: Path, place: Place, rows: Sequence[Row]) -> None:
    """Draw the score that decides after each round: the mean over seeds, and each seed as a thin line."""
    score = SCORERS[place.kind].headline
    figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
    for arm, colour in COLOURS.items():
        lines = [[each["scores"][place.key][score] for each in _of(row, arm)] for row in rows]
        numbers = [each["round"] for each in _of(rows[0], arm)]
        for line in lines:
            axis.plot(numbers, line, color=colour, linewidth=0.8, alpha=0.5)
        means = [statistics.fmean(values) for values in zip(*lines, strict=True)]
        axis.plot(numbers, means, color=colour, linewidth=2.2, marker="o", label=f"{arm} loop")
    axis.set(xlabel="round", ylabel=title_of(score))
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_title(f"{place.key}: {title_of(score)} after each round, {len(rows)} seeds", fontsize=11)
    axis.legend(frameon=False)
    tidy(axis, "y")
    save(figure, path)


def draw_weights(path: Path, rows: Sequence[Row]) -> None:
    """Draw a panel for each knob: the weight of each option in each round, the mean over seeds."""
    found: dict[str, dict[str, dict[int, list[float]]]] = {}
    for each in (each for row in rows for each in _of(row, "closed")):
        for turn in each.get("turns", ()):
            weights = found.setdefault(turn["knob"], {}).setdefault(turn["option"], {})
            weights.setdefault(each["round"], []).append(turn["after"])
            if each["round"] == 2:
                weights.setdefault(1, []).append(turn["before"])
    figure, axes = plt.subplots(
        1, len(found), figsize=(3.6 * len(found), 3.4), squeeze=False, sharey=True, layout="constrained"
    )
    for axis, (knob, options) in zip(axes[0], found.items(), strict=True):
        for option, weights in options.items():
            rounds = sorted(weights)
            axis.plot(rounds, [statistics.fmean(weights[number]) for number in rounds], "o-", label=option)
        axis.set_title(knob, fontsize=11)
        axis.set(xlabel="round")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.set_ylim(0, 1)
        axis.legend(frameon=False, fontsize=8)
        tidy(axis, "y")
    axes[0][0].set_ylabel("weight")
    save(figure, path)


def _of(row: Row, arm: str) -> list[Row]:
    return [each for each in row["loop"] if each["arm"] == arm]
