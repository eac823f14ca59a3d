"""Whether two forms of a detector find the same: box by box, where each graph alone is compared number by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthgen.core.picture import Boxes
from synthgen.core.types import AnyRGB
from trainers.predict.protocols import BoxPredictor

__all__ = ["LEAST_ALIKE", "PLACES", "SCORES", "Agreement", "agreement"]

PLACES = 1e-3  # between the corners of two boxes that are the same: pixels, and as a share of what is larger than 1
SCORES = 1e-3  # between their scores
LEAST_ALIKE = 0.95
"""Of the boxes: less is no matter of rounding. A box whose IoU or score lies on a limit may be told by one form and not
by the other."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What came of the comparison.

    Attributes:
        pictures: That were looked at.
        boxes: That the first form found.
        alike: Those of them that the other form found, too: of the same category, place and score.
    """

    pictures: int
    boxes: int
    alike: int

    @property
    def enough(self) -> bool:
        """Whether the forms are one model."""
        return self.alike >= LEAST_ALIKE * self.boxes


def agreement(first: BoxPredictor, other: BoxPredictor, images: Sequence[AnyRGB]) -> Agreement:
    """Compare what two forms find in pictures."""
    pairs = [*zip(first.boxes(images), other.boxes(images), strict=True)]
    return Agreement(len(images), sum(len(ours) for ours, _ in pairs), sum(_alike(*pair) for pair in pairs))


def _alike(ours: Boxes, theirs: Boxes) -> int:
    """Count the boxes that have a partner; one found by both in as many classes has one of each."""
    assert ours.scores is not None and theirs.scores is not None, "both were found"
    if not len(ours) or not len(theirs):
        return 0
    apart = np.abs(ours.xyxy[:, None] - theirs.xyxy) / np.maximum(np.abs(ours.xyxy[:, None]), 1)
    places = apart.max(axis=2) <= PLACES
    scores = np.abs(ours.scores[:, None] - theirs.scores) <= SCORES
    named = np.array(ours.categories)[:, None] == np.array(theirs.categories)
    return int((places & scores & named).any(axis=1).sum())
