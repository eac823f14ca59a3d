"""What is counted on one picture with boxes. Crowds and ignored regions are neither right nor wrong."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Bool, Float32

from synthgen.core.picture import Boxes, Truth
from synthgen.core.types import Alpha, Coverage, Size
from trainers.score.matching import hit_by, paired
from trainers.score.overlaps import box_overlaps, mask_overlaps, share_within
from trainers.score.ranked import ranked
from trainers.score.result import Counted, Ranked, Shape

__all__ = ["box_figures", "counted_boxes", "left_out", "pointing_figures", "wanted_boxes"]

MOSTLY = 0.5  # of a found box: so much of it in a crowd or an ignored region, and it does not count


def box_figures(
    found: Boxes, prediction: Coverage | None, truth: Truth, size: Size, decided: Bool[np.ndarray, " n"] | None = None
) -> Counted:
    """Count boxes found and missed, and predicted pixels inside true boxes; rank all that was found.

    Args:
        found: Boxes of the predictor, whatever their scores.
        prediction: The pixels they are of, over the whole picture at any resolution; None: all pixels within them.
        truth: Boxes, some perhaps of crowds, and perhaps an ignored region.
        size: (height, width) of the picture.
        decided: Which of the boxes the operating point lets pass; None: all. Only these are counted.
    """
    wanted, excuse = wanted_boxes(truth), left_out(truth, size)
    passed = found if decided is None else found.select(decided)
    near, counted = counted_boxes(passed, wanted, excuse)
    predicted = _pixels_of(passed, size, size) if prediction is None else prediction
    inside, outside = _regions(truth, size, predicted.shape)
    predicted = predicted & (inside | ~outside)
    figures = {
        "hits": int(near.any(axis=0).sum()),
        "found": len(counted),
        "truth": len(wanted),
        "inside": int(np.count_nonzero(predicted & inside)),
        "pixels": int(np.count_nonzero(predicted)),
    }
    return Counted(figures, _ranked(found, wanted, truth, excuse), paired(passed, wanted, counted))


def counted_boxes(found: Boxes, wanted: Boxes, excuse: Coverage) -> tuple[Bool[np.ndarray, "n m"], list[int]]:
    """Return which box found hits which true one, and which of them count: those that hit, or lie outside `excuse`."""
    near = hit_by(found, wanted)
    hitting: np.ndarray = np.asarray(near.any(axis=1))
    counted = [i for i in range(len(found)) if hitting[i] or share_within(excuse, found.xyxy[i]) < MOSTLY]
    return near, counted


def pointing_figures(probability: Alpha, truth: Truth, size: Size) -> dict[str, float]:
    """Tell whether the most probable pixel lies in a true box: the pointing game (Zhang et al. 2016).

    Args:
        probability: Over the whole picture at any resolution; of equals, the first in reading order counts.
        truth: Boxes, and perhaps an ignored region, which is not pointed at.
        size: (height, width) of the picture.
    """
    inside, outside = _regions(truth, size, probability.shape)
    row, column = np.unravel_index(np.where(outside & ~inside, -1, probability).argmax(), probability.shape)
    height, width = probability.shape
    x, y = (column + 0.5) * size[1] / width, (row + 0.5) * size[0] / height
    wanted = wanted_boxes(truth).xyxy
    within = (wanted[:, 0] <= x) & (x <= wanted[:, 2]) & (wanted[:, 1] <= y) & (y <= wanted[:, 3])
    return {"pointed": int(within.any()), "pointable": int(len(wanted) > 0)}


def wanted_boxes(truth: Truth) -> Boxes:
    """Return the boxes to be found: all but crowds."""
    assert truth.boxes is not None, "checked before"
    return truth.boxes.select(~truth.boxes.crowd)


def left_out(truth: Truth, size: Size) -> Coverage:
    """Return the pixels of a picture of `size` that count for nothing: those of crowds and the ignored region."""
    assert truth.boxes is not None, "checked before"
    crowds = _pixels_of(truth.boxes.select(truth.boxes.crowd), size, size)
    return crowds if truth.ignore is None else crowds | truth.ignore


def _regions(truth: Truth, size: Size, shape: Size) -> tuple[Coverage, Coverage]:
    """Return which pixels of a map of `shape` over the picture lie in true boxes, and which are left out."""
    outside = left_out(truth, size)
    if shape != size:
        outside = cv2.resize(outside.astype(np.uint8), shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    return _pixels_of(wanted_boxes(truth), size, shape), outside


def _ranked(found: Boxes, wanted: Boxes, truth: Truth, excuse: Coverage) -> dict[Shape, Ranked]:
    told: dict[Shape, Ranked] = {"box": ranked(found, wanted, box_overlaps(found, wanted, excuse))}
    masks = mask_overlaps(found, wanted, truth, excuse)
    return told if masks is None else {**told, "mask": ranked(found, wanted, masks)}


def _pixels_of(boxes: Boxes, size: Size, shape: Size) -> Coverage:
    """Return the pixels of a map of `shape` over a picture of `size` that lie in any of the picture's boxes."""
    inside = np.zeros(shape, bool)
    down, across = shape[0] / size[0], shape[1] / size[1]
    for x0, y0, x1, y1 in map(_corners, boxes.xyxy * np.array([across, down, across, down])):
        inside[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = True
    return inside


def _corners(box: Float32[np.ndarray, " 4"] | np.ndarray) -> list[int]:
    found: list[int] = np.rint(box).astype(int).tolist()
    return found
