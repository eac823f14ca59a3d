"""Scores against the severity of a camera, and one photograph at all severities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

from synthgen.core.types import RGB, AnyRGB
from synthgen.draw import captioned, grid, scaled
from trainers.score.evaluate import SCORERS
from trainers.score.result import Result
from trainers.show.curves import title_of
from trainers.show.figures import save_figure

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["draw_severities", "severity_name", "severity_sheet"]

LONGEST, COLUMNS = 480, 3  # side of a picture in pixels, unless it is smaller; pictures in a row
NO_INTERVAL = (float("nan"), float("nan"))


def draw_severities(path: Path, curves: Mapping[str, Sequence[Result]], title: str) -> None:
    """Draw the headline and its interval against the severity, a line for each entry.

    Args:
        path: PNG to write.
        curves: Results at severity 0 (the photographs as they are), 1, 2 …, by name; all of one kind.
        title: Of the chart.
    """
    figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
    headline = ""
    for name, results in curves.items():
        headline = SCORERS[results[0].kind].headline
        (line,) = axis.plot([result.scores[headline] for result in results], marker="o", label=name)
        low, high = zip(*(result.intervals.get(headline, NO_INTERVAL) for result in results), strict=True)
        axis.fill_between(range(len(results)), low, high, color=line.get_color(), alpha=0.15)
    axis.set(xlabel="severity; 0: as they are", ylabel=title_of(headline), title=title)
    axis.set_ylim(0, 1.02)
    axis.set_xticks(range(max(map(len, curves.values()))))
    axis.grid(alpha=0.3)
    axis.legend()
    save_figure(figure, path)


def severity_sheet(images: Sequence[RGB]) -> AnyRGB:
    """Draw one photograph at each severity from 0 on."""
    tiles = [image if max(image.shape) <= LONGEST else scaled(image, LONGEST) for image in images]
    return grid([captioned(tile, severity_name(number)) for number, tile in enumerate(tiles)], COLUMNS)


def severity_name(severity: int) -> str:
    """Return the name of a severity in tables; 0 is the photographs as they are."""
    return f"severity {severity}" if severity else "as they are"
