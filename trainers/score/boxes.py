"""Scores of boxes: those of a box predictor, or those around the parts of predicted pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from jaxtyping import Bool, Float32, Float64

from synthgen.core.errors import DatasetError, TrainingError
from synthgen.core.picture import Boxes, DecodedPicture, Truth
from synthgen.core.types import Alpha, Coverage, InstanceMask, Size
from trainers.predict.protocols import BoxPredictor, PixelPredictor, Predictor
from trainers.predict.tiles import heatmap
from trainers.score.average_precision import precision_by_weights
from trainers.score.box_figures import box_figures, pointing_figures
from trainers.score.result import EMPTY, FULL, Counted, Row
from trainers.score.scorer import Measured, Scorer, Settings, Weighted

__all__ = ["BOXES", "BoxScorer"]

COUNTS = ("hits", "found", "truth", "inside", "pixels")
POINTS = ("pointed", "pointable")  # of predictors of pixels only


class BoxScorer(Scorer):
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
            if picture.truth.boxes is None:
                raise DatasetError(f"{picture.name}: has no boxes to compare with; annotate it, or score on masks")
            yield Measured(
                _counted(found, picture),
                _baselines(found, picture),
                Truth(mask=_mask(found.foreground, picture.size), boxes=found.boxes),
                not picture.truth.boxes.crowd.all(),
            )

    def decides(self, row: Row) -> bool:
        """Tell whether a picture has a box to be found."""
        return row.figures["truth"] > 0

    def weighted(self, rows: Sequence[Row]) -> Weighted:
        """Return box_recall, box_precision, box_ap, pointing, pixels_inside, and the number of boxes found.

        A true box is found where a found box has IoU ≥ .5; precision is the number of these over all found boxes, at
        most 1, as true boxes that overlap may share one. box_ap is the average precision of the boxes found at the
        operating point, by all-point interpolation, with a found box of its own for each true box. pointing is the
        share of pictures with boxes whose most probable pixel lies in one; NaN for predictors of boxes.
        """
        counts, precision = _counts(rows), precision_by_weights(rows)
        return lambda weights: _scores(weights @ counts, precision(weights))

    def baselines(self, rows: Sequence[Row]) -> dict[str, Sequence[Row]]:
        """Return none: they are measured picture by picture."""
        return {}


BOXES = BoxScorer()


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Boxes in the picture's own pixels; of a predictor of pixels also its map, at the network's resolution."""

    boxes: Boxes
    probability: Alpha | None = None
    foreground: Coverage | None = None


def _found(
    predictor: BoxPredictor | PixelPredictor, pictures: Sequence[DecodedPicture], settings: Settings
) -> Iterator[_Found]:
    if isinstance(predictor, BoxPredictor):
        for boxes in predictor.boxes([picture.image for picture in pictures]):
            yield _Found(boxes.select(_sureness(boxes) > settings.point.threshold))
        return
    for picture in pictures:
        seen = heatmap(predictor, picture.image, settings.fit)
        highest = seen.values.max(axis=0)
        yield _Found(seen.parts(settings.point).boxes, highest, highest > settings.point.threshold)


def _counted(found: _Found, picture: DecodedPicture) -> Counted:
    counted = box_figures(found.boxes, found.foreground, picture.truth, picture.size)
    if found.probability is None:
        return counted
    pointed = pointing_figures(found.probability, picture.truth, picture.size)
    return replace(counted, figures={**counted.figures, **pointed})


def _baselines(found: _Found, picture: DecodedPicture) -> dict[str, Counted]:
    """Return what finds nothing, and what finds the whole picture, which points at a pixel by lot."""
    height, width = picture.size
    empty, full = Boxes.of([], []), Boxes.of([[0, 0, width, height]], [""])
    shape = None if found.foreground is None else found.foreground.shape
    everywhere = None if shape is None else np.ones(shape, bool)
    nothing = box_figures(empty, None, picture.truth, picture.size)
    everything = box_figures(full, everywhere, picture.truth, picture.size)
    if shape is None:
        return {EMPTY: nothing, FULL: everything}
    share, pointable = everything.figures["inside"] / max(1, everything.figures["pixels"]), nothing.figures["truth"] > 0
    return {
        EMPTY: replace(nothing, figures={**nothing.figures, "pointed": 0, "pointable": int(pointable)}),
        FULL: replace(everything, figures={**everything.figures, "pointed": share, "pointable": int(pointable)}),
    }


def _sureness(boxes: Boxes) -> Float32[np.ndarray, " n"]:
    return np.ones(len(boxes), np.float32) if boxes.scores is None else boxes.scores


def _mask(foreground: Bool[np.ndarray, "map_h map_w"] | None, size: Size) -> InstanceMask | None:
    if foreground is None:
        return None
    mask: InstanceMask = cv2.resize(foreground.astype(np.uint8), size[::-1], interpolation=cv2.INTER_NEAREST)
    return mask


def _counts(rows: Sequence[Row]) -> Float64[np.ndarray, "rows 7"]:
    counted = [
        [*(row.figures[name] for name in COUNTS), *(row.figures.get(name, 0) for name in POINTS)] for row in rows
    ]
    return np.array(counted, np.float64).reshape(-1, len(COUNTS) + len(POINTS))


def _scores(totals: Float64[np.ndarray, " 7"], precision: float) -> dict[str, float]:
    hits, found, truth, inside, pixels, pointed, pointable = totals.tolist()
    return {
        "box_recall": hits / truth if truth else 0.0,
        "box_precision": min(1.0, hits / found) if found else 0.0,
        "box_ap": precision,
        "pointing": pointed / pointable if pointable else float("nan"),
        "pixels_inside": inside / pixels if pixels else 0.0,
        "boxes": found,
    }
