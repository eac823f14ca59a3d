"""A picture with what was found in it and what was missed: boxes with their categories and scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from synthgen.core.picture import Boxes
from synthgen.core.types import AnyRGB
from synthgen.draw import draw_boxes, draw_tags, overlay, scaled
from synthgen.draw.palette import COLOURS, FALSE_ALARM, GREY, HIT, MISS, Colour
from trainers.score.box_figures import counted_boxes, left_out, wanted_boxes
from trainers.score.result import Example

__all__ = ["BOX_LEGEND", "box_picture"]

TINT = COLOURS[0]
BOX_LEGEND: tuple[tuple[Colour, str], ...] = (
    (HIT, "found (dashed: the true box)"),
    (FALSE_ALARM, "false alarm"),
    (MISS, "missed"),
    (GREY, "not counted"),
    (TINT, "pixels found"),
)
LONGEST = 320  # side of a picture, pixels: lines and words are of one size on all
WORDS = 12


def box_picture(example: Example) -> AnyRGB:
    """Draw the boxes found green where they are right, red where they are not; true boxes blue where they were missed.

    What lies in a crowd or in an ignored region is grey, the crowds themselves dashed; pixels found are tinted. The
    longer side of the picture has 320 pixels.
    """
    found, truth = example.found.boxes, example.truth
    assert found is not None and truth.boxes is not None, "boxes were compared"
    size = (example.image.shape[0], example.image.shape[1])
    wanted, crowds = wanted_boxes(truth), truth.boxes.select(truth.boxes.crowd)
    near, counted = counted_boxes(found, wanted, left_out(truth, size))
    hitting, seen = (np.asarray(near.any(axis=axis)) for axis in (1, 0))
    alarms: np.ndarray = np.isin(np.arange(len(found)), counted) & ~hitting
    picture = example.image if example.found.mask is None else overlay(example.image, example.found.mask > 0, TINT)
    marked = (
        _Marked(crowds, np.ones(len(crowds), bool), GREY, dashed=True),
        _Marked(wanted, seen, HIT, dashed=True),
        _Marked(found, ~hitting & ~alarms, GREY),
        _Marked(wanted, ~seen, MISS),
        _Marked(found, hitting, HIT),
        _Marked(found, alarms, FALSE_ALARM),
    )
    picture = scaled(picture, LONGEST)
    for each in marked:
        picture = each.drawn(picture, LONGEST / max(size))
    for each in marked:
        picture = each.named(picture, LONGEST / max(size))
    return picture


@dataclass(frozen=True, slots=True, eq=False)
class _Marked:
    """Some boxes in one colour: dashed and without names, or solid with them."""

    boxes: Boxes
    chosen: Bool[np.ndarray, " n"]
    colour: Colour
    dashed: bool = False

    def drawn(self, picture: AnyRGB, scale: float) -> AnyRGB:
        """Draw the boxes; `scale` is how much larger the picture is than the one that they are of."""
        xyxy, width = self.boxes.xyxy[self.chosen] * scale, 1 if self.dashed else 2
        return draw_boxes(picture, xyxy, self.colour, dashed=self.dashed, width=width)

    def named(self, picture: AnyRGB, scale: float) -> AnyRGB:
        """Write the names: those of true boxes below them, as those found there stand above."""
        if self.dashed:
            return picture
        words = [_words(self.boxes, place) for place in np.flatnonzero(self.chosen).tolist()]
        xyxy, below = self.boxes.xyxy[self.chosen] * scale, self.boxes.scores is None
        return draw_tags(picture, xyxy, words, self.colour, size=WORDS, below=below)


def _words(boxes: Boxes, place: int) -> str:
    score = "" if boxes.scores is None else f"{boxes.scores[place]:.2f}"
    return f"{boxes.categories[place]} {score}".strip()
