"""One picture worth sending: scenes, their truth, and what the best network saw in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2

from synthgen.core.types import AnyRGB, InstanceMask
from synthgen.draw import beside, captioned, class_colour, explained, outline, overlay, scaled, stacked, titled
from synthgen.draw.palette import FALSE_ALARM, HIT, PAPER, WHITE, Colour
from trainers.score.class_figures import class_names
from trainers.score.result import Example, Result

__all__ = ["best_of", "showcase"]

ROWS = 6
LONGEST = 320  # side of a picture, pixels


def best_of(results: Mapping[str, Result]) -> tuple[str, Result]:
    """Return name and result of the network with the highest foreground IoU; the first of equals."""
    return max(results.items(), key=lambda entry: entry[1].scores["foreground_iou"])


def showcase(name: str, result: Result) -> AnyRGB:
    """Draw at most six rows of scene, truth and prediction, those with a target first, below the score."""
    names = class_names(result.rows)
    rows = [_row(example, names, first=number == 0) for number, example in enumerate(result.examples[:ROWS])]
    low, high = result.intervals["foreground_iou"]
    facts = f"foreground IoU {result.scores['foreground_iou']:.3f} ({low:.3f} to {high:.3f}), {len(result.rows)} images"
    sheet = stacked(rows, paper=PAPER)
    if len(names) > 1:
        sheet = explained(sheet, [(class_colour(n), own) for n, own in enumerate(names, 1)], paper=PAPER)
    return titled(sheet, f"{name} on {result.benchmark}", facts, margin=16)


def _row(example: Example, names: Sequence[str], *, first: bool) -> AnyRGB:
    assert example.truth.mask is not None and example.found.mask is not None, "pixels were compared"
    colours = {number: class_colour(number) for number in range(1, len(names) + 1)} if len(names) > 1 else None
    tiles = {
        "scene": scaled(example.image, LONGEST),
        "truth": _painted(example, example.truth.mask, colours or {1: HIT}),
        "prediction": _painted(example, example.found.mask, colours or {1: FALSE_ALARM}),
    }
    return beside(
        [captioned(tile, title, paper=PAPER) if first else tile for title, tile in tiles.items()], paper=PAPER
    )


def _painted(example: Example, mask: InstanceMask, colours: Mapping[int, Colour]) -> AnyRGB:
    """Tint each class of the mask and trace its edge, at the size at which it is shown; a single one is all of it."""
    image = scaled(example.image, LONGEST)
    height, width = image.shape[:2]
    for number, colour in colours.items():
        own = mask == number if len(colours) > 1 else mask > 0
        large = cv2.resize(own.astype("uint8"), (width, height), interpolation=cv2.INTER_NEAREST) > 0
        image = outline(overlay(image, large, colour), own, WHITE, halo=None)
    return image
