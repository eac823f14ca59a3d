"""What `synthgen gap` found: as a table for the terminal, as JSON, and as a chart of bars with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from rich.table import Table

from synthgen.core.letterbox import Fit
from synthgen.core.types import Size
from trainers.gap.estimate import Estimate
from trainers.gap.rank import RankCorrelation, rank_correlation
from trainers.show.figures import save_figure

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

__all__ = ["Gap", "GapReport"]

BAR, CHANCE = "#56b4e9", "#c8c8c4"


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """How far a dataset is from the photographs.

    Attributes:
        name: Of the dataset.
        pictures: That were looked at.
        kid: Kernel inception distance to the photographs.
        change: How much larger it is than the first dataset's; None for the first.
        auc: Of the paste probe; None where it was not asked for.
        scores: What a network that learnt from it scored on photographs, by title; empty where that is not known.
    """

    name: str
    pictures: int
    kid: Estimate
    change: Estimate | None = None
    auc: Estimate | None = None
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class GapReport:
    """The gaps of several datasets to the same photographs.

    Attributes:
        photographs: Name of their folder.
        pictures: Photographs that were looked at.
        sources: Groups of them.
        encoder: Its name.
        weights: Its weights: "imagenet", the name of a file, or "none".
        size: (height, width) of all pictures.
        fit: How they came into it.
        floor: The KID of one half of the photographs to the other.
        gaps: Of each dataset.
    """

    photographs: str
    pictures: int
    sources: int
    encoder: str
    weights: str
    size: Size
    fit: Fit
    floor: Estimate
    gaps: tuple[Gap, ...]

    @cached_property
    def ranks(self) -> Mapping[tuple[str, str], RankCorrelation]:
        """How far each measure ("KID", "AUC") and each score put the datasets in one order.

        Raises:
            ConfigError: All datasets have the same score.
        """
        scores = list(self.gaps[0].scores)
        measures = {"KID": [gap.kid.value for gap in self.gaps]}
        if aucs := [gap.auc.value for gap in self.gaps if gap.auc]:
            measures["AUC"] = aucs
        return {
            (measure, score): rank_correlation(numbers, [gap.scores[score] for gap in self.gaps])
            for measure, numbers in measures.items()
            for score in scores
        }

    def verdicts(self) -> list[str]:
        """Say of each measure and score whether the one predicts the other: a smaller gap should score more."""
        return [
            f"{measure} and {score} of {len(self.gaps)} arms: rank correlation {rank.value:.2f} "
            f"({rank.low:.2f} to {rank.high:.2f}), p {rank.p:.3f}: the smaller {measure} "
            + ("scores more" if rank.high < 0 else "does not predict the higher score")
            for (measure, score), rank in self.ranks.items()
        ]

    @property
    def title(self) -> str:
        """What was measured, in a line."""
        weights = "random weights" if self.weights == "none" else self.weights
        return (
            f"gap to {self.photographs}: KID over {self.encoder} ({weights}), {self.size[0]}×{self.size[1]}, {self.fit}"
        )

    @property
    def power(self) -> int:
        """Of ten, by which KIDs are multiplied to be read: 3, where they are below 1, or another multiple of 3."""
        largest = max(gap.kid.high for gap in self.gaps)
        return max(0, 3 * math.ceil(-math.log10(largest) / 3)) if largest > 0 else 3

    def table(self) -> Table:
        """Return a row for the photographs against themselves, and one for each dataset."""
        changes, probed = len(self.gaps) > 1, any(gap.auc for gap in self.gaps)
        scores = list(self.gaps[0].scores)
        table = Table(title=self.title)
        table.add_column("dataset", overflow="fold")
        for column in ("images", self._unit, *(["above the first"] if changes else []), *(["AUC"] if probed else [])):
            table.add_column(column, justify="right", no_wrap=True)
        for score in scores:
            table.add_column(score, justify="right", overflow="fold")
        rest = [""] * (changes + probed + len(scores))
        table.add_row("real halves", f"{self.pictures:,}", self._scaled(self.floor), *rest, style="dim")
        for gap in self.gaps:
            cells = [self._scaled(gap.change)] if changes else []
            cells += [_hundredths(gap.auc)] if probed else []
            cells += [f"{gap.scores[score]:.3f}" for score in scores]
            table.add_row(gap.name, f"{gap.pictures:,}", self._scaled(gap.kid), *cells)
        return table

    def values(self) -> dict[str, Any]:
        """Return all of it as JSON has it; numbers are [value, low, high]."""
        return {
            "encoder": self.encoder,
            "weights": self.weights,
            "size": list(self.size),
            "fit": self.fit,
            "photographs": {
                "name": self.photographs,
                "pictures": self.pictures,
                "sources": self.sources,
                "halves": _numbers(self.floor),
            },
            "datasets": [
                {
                    "name": gap.name,
                    "pictures": gap.pictures,
                    "kid": _numbers(gap.kid),
                    "above_the_first": None if gap.change is None else _numbers(gap.change),
                    "probe_auc": None if gap.auc is None else _numbers(gap.auc),
                    "scores": dict(gap.scores),
                }
                for gap in self.gaps
            ],
            "rank_correlations": [
                {"measure": measure, "score": score, "rho": rank.value, "low": rank.low, "high": rank.high, "p": rank.p}
                for (measure, score), rank in self.ranks.items()
            ],
        }

    def draw(self, path: Path) -> None:
        """Draw a bar with its interval for each dataset: its KID, and beside it the AUC of its paste probe."""
        probed = any(gap.auc for gap in self.gaps)
        figure, axes = plt.subplots(
            1,
            1 + probed,
            figsize=(9, 1.8 + 0.4 * len(self.gaps)),
            layout="constrained",
            squeeze=False,
            sharey=True,
            width_ratios=[2, 1][: 1 + probed],
        )
        names, scale = [gap.name for gap in self.gaps], 10**self.power
        _bars(axes[0, 0], names, [scale * np.array(_numbers(gap.kid)) for gap in self.gaps], 0.0)
        chance = scale * self.floor.low, scale * self.floor.high
        axes[0, 0].axvspan(*chance, color=CHANCE, label="one half of the photographs against the other")
        axes[0, 0].set(xlabel=f"{self._unit}, with 95 % intervals")
        if probed:
            _bars(axes[0, 1], names, [np.array(_numbers(gap.auc)) for gap in self.gaps if gap.auc], 0.5)
            axes[0, 1].set(xlabel="AUC of the paste probe", xlim=(0.4, 1.0))
        axes[0, 0].invert_yaxis()
        figure.suptitle(self.title, fontsize=10)
        figure.legend(fontsize=8, loc="outside lower left")
        save_figure(figure, path)

    def draw_scores(self, path: Path) -> None:
        """Draw a point for each dataset: its gap by its score, a panel for each measure and score."""
        ranks = self.ranks
        figure, axes = plt.subplots(
            1, len(ranks), figsize=(1 + 6 * len(ranks), 4.5), layout="constrained", squeeze=False
        )
        for axis, ((measure, score), rank) in zip(axes[0], ranks.items(), strict=True):
            scale = 10**self.power if measure == "KID" else 1
            found = [gap.kid if measure == "KID" else gap.auc for gap in self.gaps]
            numbers = np.array([_numbers(each) for each in found if each]).T * scale
            scores = [gap.scores[score] for gap in self.gaps]
            axis.errorbar(
                (numbers[1] + numbers[2]) / 2, scores, xerr=(numbers[2] - numbers[1]) / 2, fmt="none", ecolor=CHANCE
            )
            axis.plot(numbers[0], scores, "o", color=BAR)
            for gap, gap_value, value in zip(self.gaps, numbers[0], scores, strict=True):
                axis.annotate(gap.name, (gap_value, value), xytext=(4, 4), textcoords="offset points", fontsize=7)
            axis.set(xlabel=self._unit if measure == "KID" else "AUC of the paste probe", ylabel=score)
            axis.set_title(f"rank correlation {rank.value:.2f} ({rank.low:.2f} to {rank.high:.2f})", fontsize=9)
            axis.grid(alpha=0.3)
        figure.suptitle(self.title, fontsize=10)
        save_figure(figure, path)

    @property
    def _unit(self) -> str:
        return f"KID × {10**self.power:,}" if self.power else "KID"

    def _scaled(self, found: Estimate | None) -> str:
        """Write a KID with as many digits as its interval leaves a meaning, at most two."""
        if found is None:
            return ""
        numbers = 10**self.power * np.array(_numbers(found))
        width = max(numbers[2] - numbers[1], 1e-9)
        digits = min(2, max(0, math.ceil(-math.log10(width / 5))))
        value, low, high = (f"{round(float(number), digits) + 0.0:,.{digits}f}" for number in numbers)
        return f"{value} ({low} to {high})"


def _bars(axis: Axes, names: list[str], numbers: list[np.ndarray], start: float) -> None:
    """Draw bars of (value, low, high) that begin at `start`, which is what no gap would give."""
    value, low, high = np.array(numbers).T
    rows = np.arange(len(names))
    axis.barh(rows, value - start, left=start, color=BAR, height=0.6, zorder=2)
    axis.errorbar((low + high) / 2, rows, xerr=(high - low) / 2, fmt="none", ecolor="black", capsize=4, zorder=3)
    axis.set_yticks(rows, names)
    axis.axvline(start, color="black", linewidth=0.8)
    axis.grid(axis="x", alpha=0.3)


def _hundredths(found: Estimate | None) -> str:
    if found is None:
        return ""
    value, low, high = (f"{number:.2f}".lstrip("0") for number in _numbers(found))
    return f"{value} ({low} to {high})"


def _numbers(found: Estimate) -> list[float]:
    return [found.value, found.low, found.high]
