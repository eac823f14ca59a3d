"""A picture of both distributions: real boxes as bars, what the recipe draws as a line."""

from __future__ import annotations

import numpy as np

from synthgen.core.types import RGB
from synthgen.draw.chart import BARS, STEPS, chart
from synthgen.draw.legend import legend
from synthgen.draw.palette import PAPER
from synthgen.draw.sheet import grid, titled
from synthgen.priors.boxes import Boxes

__all__ = ["draw_priors"]

WIDTH, HEIGHT = 420, 260  # of one chart, pixels
GAP = 14
LENGTH_BINS, PLACE_BINS, SHAPE_BINS = 20, 21, 17  # an odd number: what lies in the middle has a bin of its own
MOST = 6  # boxes in a picture; more are counted as so many
RATIO = 4.0  # of width and height, at which shapes end


def draw_priors(measured: Boxes, drawn: Boxes, source: str) -> RGB:
    """Draw six charts: length, centre, shape, number, and the shares of what is cut and of empty pictures."""
    top = _top(measured, drawn)
    ratio = np.log(RATIO)
    charts = [
        _histogram(
            "long side of what is seen, in heights of the frame",
            (measured.lengths, drawn.lengths),
            (0, top, LENGTH_BINS),
            {part * LENGTH_BINS / 4: f"{part * top / 4:.3g}" for part in range(5)},
        ),
        _places("centre, from left to right", measured, drawn, 0),
        _places("centre, from top to bottom", measured, drawn, 1),
        _histogram(
            "width over height of what is seen",
            (measured.shapes, drawn.shapes),
            (-ratio, ratio, SHAPE_BINS),
            {(np.log(value) / ratio + 1) / 2 * SHAPE_BINS: f"{value:g}" for value in (0.25, 0.5, 1, 2, 4)},
        ),
        _counts(measured, drawn),
        _shares(measured, drawn),
    ]
    key = legend([(BARS, "real boxes"), (STEPS, "what the recipe draws")], 3 * WIDTH + 2 * GAP, paper=PAPER)
    sheet = np.concatenate([key, grid(charts, 3, gap=GAP, paper=PAPER)])
    facts = (
        f"{len(measured.lengths):,} boxes in {len(measured.counts):,} pictures; "
        f"{len(drawn.lengths):,} objects in {len(drawn.counts):,} planned scenes"
    )
    return titled(sheet, f"Priors of {source}", facts, margin=GAP)


def _top(measured: Boxes, drawn: Boxes) -> float:
    """Return a round number above nearly all lengths."""
    longest = max(float(np.quantile(boxes.lengths, 0.995)) for boxes in (measured, drawn))
    return next((top for top in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.6, 2.0) if longest <= top + 1e-6), longest)


def _histogram(
    title: str, values: tuple[np.ndarray, np.ndarray], bins: tuple[float, float, int], labels: dict[float, str]
) -> RGB:
    """Chart two samples; what lies beyond the bins is counted in the last ones."""
    low, high, count = bins
    inside = [np.clip(sample, low, np.nextafter(high, low)) for sample in values]
    bars, steps = (np.histogram(sample, count, (low, high))[0] / len(sample) for sample in inside)
    return chart(title, bars.tolist(), steps.tolist(), labels, width=WIDTH, height=HEIGHT)


def _places(title: str, measured: Boxes, drawn: Boxes, axis: int) -> RGB:
    values = (measured.centres[:, axis], drawn.centres[:, axis])
    labels = {part * PLACE_BINS / 4: f"{part / 4:g}" for part in range(5)}
    return _histogram(title, values, (0, 1, PLACE_BINS), labels)


def _counts(measured: Boxes, drawn: Boxes) -> RGB:
    bars, steps = (
        np.bincount(np.minimum(boxes.counts[boxes.counts > 0], MOST), minlength=MOST + 1)[1:]
        / max(1, (boxes.counts > 0).sum())
        for boxes in (measured, drawn)
    )
    labels = {number - 0.5: str(number) if number < MOST else f"{MOST}+" for number in range(1, MOST + 1)}
    title = "boxes in a picture that has any"
    return chart(title, bars.tolist(), steps.tolist(), labels, width=WIDTH, height=HEIGHT)


def _shares(measured: Boxes, drawn: Boxes) -> RGB:
    bars, steps = ([float((~boxes.cut).mean()), *_cut_by(boxes), boxes.negatives] for boxes in (measured, drawn))
    words = ("0", "1", "2", "3, 4", "no box")
    labels = {number + 0.5: word for number, word in enumerate(words)}
    title = "edges that a box touches; pictures without a box"
    return chart(title, bars, steps, labels, width=WIDTH, height=HEIGHT)


def _cut_by(boxes: Boxes) -> list[float]:
    """Return the shares of the boxes that touch one edge, two, and more."""
    edges = boxes.touches.sum(axis=1)
    return [float(share.mean()) for share in (edges == 1, edges == 2, edges > 2)]
