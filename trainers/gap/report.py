"""What `synthgen gap` found: as a table for the terminal, as JSON, and as a chart of bars with intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from rich.table import Table

from synthgen.core.letterbox import Fit
from synthgen.core.types import Size
from trainers.gap.estimate import Estimate

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
    """

    name: str
    pictures: int
    kid: Estimate
    change: Estimate | None = None
    auc: Estimate | None = None


@dataclass(frozen=True, slots=True, eq=False)
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
        table = Table(title=self.title)
        table.add_column("dataset", overflow="fold")
        for column in ("images", self._unit, *(["above the first"] if changes else []), *(["AUC"] if probed else [])):
            table.add_column(column, justify="right", no_wrap=True)
        rest = [""] * (changes + probed)
        table.add_row("real halves", f"{self.pictures:,}", self._scaled(self.floor), *rest, style="dim")
        for gap in self.gaps:
            cells = [self._scaled(gap.change)] if changes else []
            cells += [_hundredths(gap.auc)] if probed else []
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
                }
                for gap in self.gaps
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
        figure.savefig(path, dpi=120)
        plt.close(figure)

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
