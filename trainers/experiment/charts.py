"""Charts of an experiment: which arm differs from the reference, and scores by the number of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from trainers.experiment.arms import Arm
from trainers.experiment.summary import Line, Summary
from trainers.experiment.wording import is_decided
from trainers.show.figures import save_figure
from trainers.study.columns import title_of

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.ticker import NullFormatter, NullLocator

__all__ = ["BETTER", "OPEN", "draw_curves", "draw_factors", "save", "tidy"]

# Okabe and Ito's palette, as on sheets: colour-blind readers can tell them apart.
BETTER, WORSE, OPEN = "#0072B2", "#D55E00", "#8c9096"
SYNTHETIC, REAL, MIXED = "#0072B2", "#D55E00", "#009E73"
INK, RULE, PAPER = "#22242a", "#deded9", "#fcfcfb"
MARKS = "osD^vPX"
PANELS = 4  # scores beside one another
NEAR = 1.3  # times the number before, from which two labels have room


def draw_factors(path: Path, summary: Summary) -> bool:
    """Draw what each arm has over the reference, with its interval, the best first; False if there is no other arm.

    The arms stand in the order of the score that decides, in all panels.
    """
    score = summary.headline
    compared = [line for line in summary.lines if score in line.differences]
    if not compared:
        return False
    compared.sort(key=lambda line: np.nan_to_num(line.differences[score].value, nan=-np.inf))
    panels = [name for name in summary.shown if any(_known(line, name) for line in compared)][:PANELS]
    figure, axes = plt.subplots(
        1,
        len(panels),
        figsize=(2.6 + 2.3 * len(panels), 1.2 + 0.3 * len(compared)),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis, name in zip(axes[0], panels, strict=True):
        _draw_differences(axis, compared, name)
    axes[0][0].set_yticks(range(len(compared)), [line.arm.name for line in compared])
    figure.suptitle(
        f"{summary.place.key}: difference to {summary.reference.name!r}, with 95 % intervals", fontsize=11, color=INK
    )
    save(figure, path)
    return True


def draw_curves(path: Path, summary: Summary, totals: Mapping[str, int]) -> bool:
    """Draw the score that decides by the number of pictures, for each series with several; False if there is none."""
    series: dict[str, list[Line]] = {}
    for line in summary.lines:
        if line.arm.varied:
            series.setdefault(line.arm.series, []).append(line)
    curves = {name: lines for name, lines in series.items() if len(lines) > 1}
    if not curves:
        return False
    figure, axis = plt.subplots(figsize=(8, 4.6), layout="constrained")
    for number, (name, lines) in enumerate(curves.items()):
        _draw_series(axis, name, lines, summary.headline, totals, MARKS[number % len(MARKS)])
    _draw_worth(axis, summary, totals)
    shown = _apart(sorted({_count(line.arm, totals) for lines in curves.values() for line in lines}))
    axis.set(xscale="log", xlabel="different pictures learnt from", ylabel=title_of(summary.headline))
    axis.set_xticks(shown, [f"{count:,}" for count in shown])
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.set_ylim(bottom=0)
    axis.set_title(f"{summary.place.key}: {title_of(summary.headline)}, with 95 % intervals", fontsize=11, color=INK)
    tidy(axis, "both")
    axis.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    save(figure, path)
    return True


def _apart(counts: Sequence[int]) -> list[int]:
    """Leave out numbers so near to the one before that their labels would touch on an axis of logarithms."""
    kept = [counts[0]]
    kept += [count for before, count in pairwise(counts) if count >= NEAR * before]
    return kept


def _known(line: Line, score: str) -> bool:
    return bool(np.isfinite(line.differences[score].value))


def _draw_differences(axis: Any, lines: Sequence[Line], score: str) -> None:
    for place, line in enumerate(lines):
        difference = line.differences[score]
        colour = OPEN
        if is_decided(difference):
            colour = BETTER if difference.value > 0 else WORSE
        axis.barh(place, difference.value, height=0.62, color=colour, alpha=0.45)
        axis.plot([difference.low, difference.high], [place, place], color=colour, linewidth=1.8)
        axis.plot(difference.value, place, marker="o", markersize=4, color=colour)
    axis.axvline(0, color=INK, linewidth=0.9)
    axis.set_title(title_of(score), fontsize=10, color=INK)
    axis.set_ylim(-0.6, len(lines) - 0.4)
    axis.tick_params(axis="y", length=0)
    tidy(axis, "x")


def _draw_series(axis: Any, name: str, lines: Sequence[Line], score: str, totals: Mapping[str, int], mark: str) -> None:
    points = sorted((_count(line.arm, totals), line.scores[score]) for line in lines)
    counts, found = [count for count, _ in points], [estimate for _, estimate in points]
    arm = lines[0].arm
    colour = SYNTHETIC if arm.synthetic else REAL if arm.real else MIXED
    values = [estimate.value for estimate in found]
    axis.plot(counts, values, marker=mark, color=colour, label=f"{name} (by {arm.varied})", linewidth=1.8)
    axis.fill_between(
        counts, [each.low for each in found], [each.high for each in found], color=colour, alpha=0.13, linewidth=0
    )


def _draw_worth(axis: Any, summary: Summary, totals: Mapping[str, int]) -> None:
    """Draw from each point of a synthetic curve over to the curve of photographs, and down to their number."""
    for equal in summary.equals:
        if not equal.arm.varied or not np.isfinite(equal.worth.value):
            continue
        line = next(line for line in summary.lines if line.arm == equal.arm)
        score, count = line.scores[summary.headline].value, _count(equal.arm, totals)
        axis.plot([count, equal.worth.value, equal.worth.value], [score, score, 0], ":", color=INK, linewidth=0.9)
        axis.annotate(
            f"{equal.worth.value:,.0f}",
            (equal.worth.value, 0),
            xytext=(3, 4),
            textcoords="offset points",
            fontsize=8,
            color=INK,
        )


def _count(arm: Arm, totals: Mapping[str, int]) -> int:
    return arm.count or totals[arm.varied]


def tidy(axis: Any, grid: str) -> None:
    """Leave nothing but a baseline and rules along one axis, or both."""
    axis.set_facecolor(PAPER)
    axis.grid(axis=grid, color=RULE, linewidth=0.8)
    axis.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color(RULE)
    axis.tick_params(colors=INK, labelsize=9)


def save(figure: Any, path: Path) -> None:
    """Write a figure on the paper of a page."""
    figure.set_facecolor(PAPER)
    save_figure(figure, path, dpi=140)
