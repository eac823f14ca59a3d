"""Two distributions over the same bins: one as bars, the other as a line of steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

from synthgen.core.types import RGB
from synthgen.draw.palette import GREY, INK, PAPER, Colour
from synthgen.draw.text import shortened, text_width, write

__all__ = ["BARS", "STEPS", "chart"]

BARS: Colour = (158, 202, 225)
STEPS: Colour = (213, 94, 0)
RULE: Colour = (222, 222, 218)
LEFT, TOP, RIGHT, BOTTOM = 52, 40, 12, 30  # margins of the plot, pixels
GAP = 1  # between bars
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)  # steps of the scale, of which the first with at most five rules is taken


def chart(
    title: str, bars: Sequence[float], steps: Sequence[float], labels: Mapping[float, str], *, width: int, height: int
) -> RGB:
    """Draw shares by bin.

    Args:
        title: One line above.
        bars: Share of each bin, 0–1.
        steps: Likewise, of the other distribution.
        labels: Words below, by place: bin i reaches from i to i + 1.
        width: Of the picture, pixels.
        height: Likewise.
    """
    page = np.full((height, width, 3), PAPER, np.uint8)
    page = write(page, shortened(title, width - LEFT - RIGHT, 14), (LEFT, 12), size=14)
    tick = next((tick for tick in TICKS if max(*bars, *steps) <= 5 * tick), TICKS[-1])
    rules = int(np.ceil(max(*bars, *steps, tick) / tick - 1e-9))
    foot, head = height - BOTTOM, TOP

    def across(place: float) -> int:
        return round(LEFT + place / len(bars) * (width - LEFT - RIGHT))

    def up(share: float) -> int:
        return round(foot - share / (rules * tick) * (foot - head))

    canvas = Image.fromarray(page)
    pen = ImageDraw.Draw(canvas)
    for rule in range(rules + 1):
        pen.line((LEFT, up(rule * tick), width - RIGHT, up(rule * tick)), INK if rule == 0 else RULE)
    for number, share in enumerate(bars):
        if share > 0:
            pen.rectangle((across(number) + GAP, up(share), across(number + 1) - GAP, foot - 1), BARS)
    corners = [(across(number + end), up(share)) for number, share in enumerate(steps) for end in (0, 1)]
    pen.line(corners, STEPS, 2)
    page = np.array(canvas)
    for rule in range(rules + 1):
        page = write(page, f"{rule * tick:.0%}", (LEFT - 8, up(rule * tick) - 7), size=12, colour=GREY, anchor="right")
    for place, label in labels.items():
        start = round(across(place) - text_width(label, 12) / 2)
        page = write(
            page, label, (min(start, round(width - text_width(label, 12)) - 2), foot + 7), size=12, colour=GREY
        )
    return page
