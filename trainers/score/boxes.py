"""Scores of boxes: those of a box predictor, or those around the connected parts of predicted pixels.

Crowds and ignored regions are neither right nor wrong: what is found mostly inside of them does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64

from synthgen.core.errors import DatasetError, TrainingError
from synthgen.core.picture import Boxes, DecodedPicture, Truth
from synthgen.core.types import Coverage, InstanceMask, Size
from trainers.predict.parts import find_parts
from trainers.predict.protocols import BoxPredictor, PixelPredictor, Predictor
from trainers.predict.tiles import probability_map
from trainers.score.resample import percentile_intervals
from trainers.score.result import EMPTY, FULL, Row
from trainers.score.scorer import Measured, Settings

__all__ = ["BOXES", "BoxScorer", "box_figures", "box_iou", "matches"]

LEAST_IOU = 0.5
MOSTLY = 0.5  # of a found box: so much of it in a crowd or an ignored region, and it does not count
COUNTS = ("hits", "found", "truth", "inside", "pixels")


class BoxScorer:
    """Scores predictors of boxes or of pixels on boxes."""

    headline, batch, spread = "box_recall", 2, True

    def size(self, predictor: Predictor) -> None:
        """Return None: boxes are compared in the picture's own pixels.

        Raises:
            TrainingError: The predictor finds neither boxes nor pixels.
        """
        if not isinstance(predictor, BoxPredictor | PixelPredictor):
            raise TrainingError(f"{predictor.title}: finds neither boxes nor pixels; score it on labels")

    def measure(
        self, predictor: BoxPredictor | PixelPredictor, pictures: Sequence[DecodedPicture], settings: Settings
    ) -> Iterator[Measured]:
        """Find boxes in a batch, and compare them with the true ones.

        Raises:
            DatasetError: A picture has no boxes, not even an empty list of them.
        """
        for picture, found in zip(pictures, _found(predictor, pictures, settings), strict=True):
            size, truth = picture.size, picture.truth
            nothing, everything = Boxes.of([], []), Boxes.of([[0, 0, size[1], size[0]]], [""])
            wanted = _truth_of(picture)
            yield Measured(
                box_figures(found.boxes, found.mask, truth, size),
                {
                    EMPTY: box_figures(nothing, None, truth, size),
                    FULL: box_figures(everything, None, truth, size),
                },
                Truth(mask=_as_mask(found.mask), boxes=found.boxes),
                not wanted.crowd.all(),
            )

    def scores(self, rows: Sequence[Row]) -> dict[str, float]:
        """Return box_recall and box_precision at IoU ≥ .5, pixels_inside, and boxes found; nothing of nothing is 0."""
        return _pooled(_counts(rows).sum(axis=0))

    def intervals(self, rows: Sequence[Row]) -> dict[str, tuple[float, float]]:
        """Return 95 % intervals from resampled pictures."""
        return percentile_intervals(_counts(rows), _pooled)

    def baselines(self, rows: Sequence[Row]) -> dict[str, Sequence[Row]]:
        """Return none: they are measured picture by picture."""
        return {}


BOXES = BoxScorer()


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    boxes: Boxes
    mask: Coverage | None


def _found(
    predictor: BoxPredictor | PixelPredictor, pictures: Sequence[DecodedPicture], settings: Settings
) -> Iterator[_Found]:
    if isinstance(predictor, BoxPredictor):
        for boxes in predictor.boxes([picture.image for picture in pictures]):
            yield _Found(boxes.select(_scores(boxes) >= settings.threshold), None)
        return
    for picture in pictures:
        probabilities = probability_map(predictor, picture.image)
        options = {"threshold": settings.threshold, "min_area": settings.min_area}
        parts = find_parts(probabilities, categories=[""] * len(probabilities), **options)
        yield _Found(parts.boxes, probabilities.max(axis=0) >= settings.threshold)


def box_figures(found: Boxes, prediction: Coverage | None, truth: Truth, size: Size) -> dict[str, float]:
    """Count boxes found and missed, and predicted pixels inside true boxes.

    Args:
        found: Boxes of the predictor.
        prediction: The pixels they are of; None: all pixels within them.
        truth: Boxes, some perhaps of crowds, and perhaps an ignored region.
        size: (height, width) of the picture.
    """
    assert truth.boxes is not None, "checked before"
    wanted, crowds = truth.boxes.select(~truth.boxes.crowd), truth.boxes.select(truth.boxes.crowd)
    left_out = _pixels_of(crowds, size) if truth.ignore is None else _pixels_of(crowds, size) | truth.ignore
    hits = matches(found, wanted)
    others = (number for number in range(len(found)) if number not in hits)
    excused = sum(_share(found, number, left_out) >= MOSTLY for number in others)
    inside = _pixels_of(wanted, size)
    predicted = _pixels_of(found, size) if prediction is None else prediction
    predicted = predicted & (inside | ~left_out)
    return {
        "hits": len(hits),
        "found": len(found) - excused,
        "truth": len(wanted),
        "inside": int(np.count_nonzero(predicted & inside)),
        "pixels": int(np.count_nonzero(predicted)),
    }


def matches(found: Boxes, truth: Boxes) -> dict[int, int]:
    """Return found box → true box: pairs of IoU ≥ .5 and one category, best first, each box in one pair."""
    overlap = box_iou(found.xyxy, truth.xyxy) * _same_category(found, truth)
    pairs: dict[int, int] = {}
    for place in np.argsort(-overlap, axis=None, kind="stable").tolist():
        i, j = divmod(place, overlap.shape[1])
        if overlap[i, j] < LEAST_IOU:
            break
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def box_iou(a: Float32[np.ndarray, "n 4"], b: Float32[np.ndarray, "m 4"]) -> np.ndarray:
    """Return the overlap of each box of `a` with each of `b` over their union, 0–1."""
    first, second = a.astype(np.float64)[:, None], b.astype(np.float64)[None]
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    both: np.ndarray = np.clip(sides, 0, None).prod(axis=-1)
    union = _area(first) + _area(second) - both
    overlap: np.ndarray = np.divide(both, union, out=np.zeros_like(both), where=both > 0)
    return overlap


def _area(boxes: Float64[np.ndarray, "... 4"]) -> np.ndarray:
    return np.asarray((boxes[..., 2:] - boxes[..., :2]).prod(axis=-1))


def _same_category(found: Boxes, truth: Boxes) -> Bool[np.ndarray, "n m"]:
    """Tell which pairs may belong together; a box without a category may be any."""
    pairs = [[not a or not b or a == b for b in truth.categories] for a in found.categories]
    return np.array(pairs, bool).reshape(len(found), len(truth))


def _share(boxes: Boxes, number: int, region: Coverage) -> float:
    """Return how much of a box lies in a region, 0–1."""
    height, width = region.shape
    x0, y0, x1, y1 = _corners(boxes.xyxy[number])
    window = region[max(0, y0) : min(y1, height), max(0, x0) : min(x1, width)]
    return float(np.count_nonzero(window)) / max(1, (x1 - x0) * (y1 - y0))


def _pixels_of(boxes: Boxes, size: Size) -> Coverage:
    """Return the pixels of `size` that lie in any of the boxes."""
    inside = np.zeros(size, bool)
    for x0, y0, x1, y1 in map(_corners, boxes.xyxy):
        inside[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = True
    return inside


def _corners(box: Float32[np.ndarray, " 4"]) -> list[int]:
    found: list[int] = np.rint(box).astype(int).tolist()
    return found


def _scores(boxes: Boxes) -> Float32[np.ndarray, " n"]:
    return np.ones(len(boxes), np.float32) if boxes.scores is None else boxes.scores


def _as_mask(mask: Coverage | None) -> InstanceMask | None:
    return None if mask is None else mask.astype(np.uint8)


def _truth_of(picture: DecodedPicture) -> Boxes:
    if picture.truth.boxes is None:
        raise DatasetError(f"{picture.name}: has no boxes to compare with; annotate it, or score on masks")
    return picture.truth.boxes


def _counts(rows: Sequence[Row]) -> Float64[np.ndarray, "rows 5"]:
    return np.array([[row.figures[name] for name in COUNTS] for row in rows], np.float64).reshape(-1, len(COUNTS))


def _pooled(totals: Float64[np.ndarray, " 5"]) -> dict[str, float]:
    hits, found, truth, inside, pixels = totals.tolist()
    return {
        "box_recall": hits / truth if truth else 0.0,
        "box_precision": hits / found if found else 0.0,
        "pixels_inside": inside / pixels if pixels else 0.0,
        "boxes": found,
    }
