"""Scores of boxes: those of a box predictor, or those around the parts of predicted pixels.

Recall and precision are those of the operating point; average precision and FROC need every box, however unsure. Of a
box predictor these are all that it gives, and the threshold decides which pass. Of a predictor of pixels they are the
parts at the operating point's threshold, closing and least area, which say what a part is, whatever their score: the
least score decides which pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from jaxtyping import Bool, Float32, Float64

from synthgen.core.errors import DatasetError, TrainingError
from synthgen.core.geometry import decode_rle, encode_rle
from synthgen.core.picture import Boxes, DecodedPicture, Truth
from synthgen.core.types import Alpha, Coverage, Size
from trainers.predict.foreground import foreground
from trainers.predict.protocols import BoxPredictor, PixelPredictor, Predictor, classes_of
from trainers.predict.tiles import heatmap
from trainers.score.average_precision import SUMMARIES, precisions, rankings_of, summarized
from trainers.score.box_classes import in_classes
from trainers.score.box_figures import box_figures, pointing_figures
from trainers.score.froc import recall_at
from trainers.score.resample import intervals_of, resampled_pictures
from trainers.score.result import EMPTY, FULL, Counted, Row, Shape
from trainers.score.scorer import Measured, Scorer, Settings, Weighted
from trainers.score.sequences import sequence_error

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
        classes = classes_of(predictor)
        for picture, found in zip(pictures, _found(predictor, pictures, settings), strict=True):
            boxes = picture.truth.boxes
            if boxes is None:
                raise DatasetError(f"{picture.name}: has no boxes to compare with; annotate it, or score on masks")
            wanted = in_classes(boxes, classes)
            picture = replace(picture, truth=replace(picture.truth, boxes=wanted))
            yield Measured(
                _counted(found, picture),
                _baselines(found, picture),
                _shown(found, picture.size),
                not wanted.crowd.all(),
            )

    def decides(self, row: Row) -> bool:
        """Tell whether a picture has a box to be found."""
        return row.figures["truth"] > 0

    def weighted(self, rows: Sequence[Row]) -> Weighted:
        """Return the scores of boxes.

        At the operating point: box_recall, box_precision, pixels_inside, the number of boxes found, and sequence_error
        (`trainers.score.sequences`). A true box is found where a found box has IoU ≥ .5; precision is the number of
        these over all found boxes, at most 1, as true boxes that overlap may share one. pointing is the share of
        pictures with boxes whose most probable pixel lies in one; NaN for predictors of boxes.

        By falling score: ap, ap50, ap75, ap_small, ap_medium and ap_large, COCO's average precision
        (`trainers.score.average_precision`), the mean over categories where they are told apart; the same of masks as
        mask_ap and so on; recall_at_1_fa, the recall at one false alarm a picture (`trainers.score.froc`). NaN where
        there is nothing to be found, or where it is not known what was.
        """
        counts, error, recall = _counts(rows), sequence_error(rows), recall_at(rows, 1.0)
        boxes, masks = _precision(rows, "box"), _precision(rows, "mask")
        return lambda weights: {
            **_pooled(weights @ counts),
            **boxes(weights),
            **{f"mask_{name}": value for name, value in masks(weights).items()},
            "recall_at_1_fa": recall(weights),
            "sequence_error": error(weights),
        }

    def intervals(self, rows: Sequence[Row]) -> dict[str, tuple[float, float]]:
        """Return 95 % intervals from resampled groups: pictures, or sequences with all their frames."""
        return intervals_of(map(self.weighted(rows), resampled_pictures([row.group for row in rows])))

    def baselines(self, rows: Sequence[Row]) -> dict[str, Sequence[Row]]:
        """Return none: they are measured picture by picture."""
        return {}


BOXES = BoxScorer()


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """All boxes in the picture's own pixels, and which of them the operating point lets pass.

    Of a predictor of pixels also its map, at the network's resolution.
    """

    boxes: Boxes
    decided: Bool[np.ndarray, " n"]
    probability: Alpha | None = None
    foreground: Coverage | None = None


def _found(
    predictor: BoxPredictor | PixelPredictor, pictures: Sequence[DecodedPicture], settings: Settings
) -> Iterator[_Found]:
    point = settings.point
    if isinstance(predictor, BoxPredictor):
        for boxes in predictor.boxes([picture.image for picture in pictures]):
            yield _Found(boxes, _sureness(boxes) > point.threshold)
        return
    every = point.model_copy(update={"least_score": 0.0})
    for picture in pictures:
        seen = heatmap(predictor, picture.image, settings.fit)
        highest = foreground(seen.values)
        boxes = seen.parts(every, classes_of(predictor).names or None, masks=_has_masks(picture.truth)).boxes
        yield _Found(boxes, _sureness(boxes) > point.least_score, highest, highest > point.threshold)


def _has_masks(truth: Truth) -> bool:
    return truth.mask is not None and truth.boxes is not None and truth.boxes.numbers is not None


def _counted(found: _Found, picture: DecodedPicture) -> Counted:
    counted = box_figures(found.boxes, found.foreground, picture.truth, picture.size, found.decided)
    if found.probability is None:
        return counted
    pointed = pointing_figures(found.probability, picture.truth, picture.size)
    return replace(counted, figures={**counted.figures, **pointed})


def _baselines(found: _Found, picture: DecodedPicture) -> dict[str, Counted]:
    """Return what finds nothing, and what finds the whole picture, which points at a pixel by lot."""
    height, width = picture.size
    whole = [encode_rle(np.ones(picture.size, bool))] if _has_masks(picture.truth) else None
    empty, full = Boxes.of([], []), Boxes.of([[0, 0, width, height]], [""], masks=whole)
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


def _shown(found: _Found, size: Size) -> Truth:
    """Return what passes the operating point: its boxes, and the pixels of these or of the map."""
    boxes = found.boxes.select(found.decided)
    if found.foreground is not None:
        mask = cv2.resize(found.foreground.astype(np.uint8), size[::-1], interpolation=cv2.INTER_NEAREST)
        return Truth(mask=mask, boxes=boxes)
    if not boxes.masks:
        return Truth(boxes=boxes)
    pixels = np.any([decode_rle(mask, size) for mask in boxes.masks], axis=0)
    return Truth(mask=pixels.astype(np.uint8), boxes=boxes)


def _counts(rows: Sequence[Row]) -> Float64[np.ndarray, "rows 7"]:
    counted = [
        [*(row.figures[name] for name in COUNTS), *(row.figures.get(name, 0) for name in POINTS)] for row in rows
    ]
    return np.array(counted, np.float64).reshape(-1, len(COUNTS) + len(POINTS))


def _precision(rows: Sequence[Row], shape: Shape) -> Weighted:
    rankings = rankings_of(rows, shape)
    if rankings is None:
        return lambda weights: dict.fromkeys(SUMMARIES, float("nan"))
    weighted = precisions(rankings)
    return lambda weights: summarized(weighted(weights))


def _pooled(totals: Float64[np.ndarray, " 7"]) -> dict[str, float]:
    hits, found, truth, inside, pixels, pointed, pointable = totals.tolist()
    return {
        "box_recall": hits / truth if truth else 0.0,
        "box_precision": min(1.0, hits / found) if found else 0.0,
        "pointing": pointed / pointable if pointable else float("nan"),
        "pixels_inside": inside / pixels if pixels else 0.0,
        "boxes": found,
    }
