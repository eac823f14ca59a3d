"""Scores of masks picture by picture: pooled, averaged, by size, with intervals from resampled pictures.

Pooled scores weigh every pixel alike, averages every picture. Ignored pixels are neither right nor wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from jaxtyping import Float64, Num

from synthgen.core.errors import DatasetError, TrainingError
from synthgen.core.picture import DecodedPicture, Truth
from synthgen.core.types import Coverage, InstanceMask, Size
from trainers.config.classes import ClassesConfig
from trainers.loading.classed import class_mask, knows_classes
from trainers.predict.foreground import surest_classes
from trainers.predict.protocols import PixelPredictor, Predictor, classes_of
from trainers.score.boundary import boundary_f
from trainers.score.class_figures import class_figures, class_names, counts_by_class
from trainers.score.result import EMPTY, FULL, Counted, Row
from trainers.score.scorer import Measured, Scorer, Settings, Weighted
from trainers.tasks.segmentation.confusion import class_scores, scores_of

__all__ = ["PIXELS", "PixelScorer", "by_size", "pixel_figures"]

SIZES = {"small": (1, 32**2), "medium": (32**2, 96**2), "large": (96**2, None)}  # pixels on target, as COCO cuts them
COUNTS = ("tp", "fp", "tn", "fn")
POOLED = ("foreground_iou", "mean_iou", "dice", "precision", "recall")  # the scores of single classes come last
AVERAGED = ("boundary_f", "false_alarms")  # figures that some pictures have
MOSTLY = 0.5  # of a connected part: so much of it in an ignored region, and it is no false alarm


class PixelScorer(Scorer):
    """Scores predictors of pixels on masks."""

    headline, batch, spread = "foreground_iou", 32, False

    def size(self, predictor: Predictor) -> Size:
        """Return the size that pictures are fitted to.

        Raises:
            TrainingError: The predictor does not predict pixels.
        """
        if not isinstance(predictor, PixelPredictor):
            raise TrainingError(f"{predictor.title}: does not predict pixels; score it on boxes or labels")
        return predictor.size

    def measure(
        self, predictor: PixelPredictor, pictures: Sequence[DecodedPicture], settings: Settings
    ) -> Iterator[Measured]:
        """Predict a batch, and compare it with the masks, class by class where both tell classes apart.

        A pixel is found of its surest class where it is more probably of any than the threshold. Where the truth has no
        names of classes, any class is foreground.

        Raises:
            DatasetError: A picture has no mask.
        """
        classes = classes_of(predictor)
        probabilities = predictor.probabilities(np.stack([picture.image for picture in pictures]))
        for picture, own in zip(pictures, probabilities, strict=True):
            yield _measured(surest_classes(own, settings.point.threshold), picture, classes)

    def decides(self, row: Row) -> bool:
        """Tell whether a picture has a target that counts."""
        return row.figures["tp"] + row.figures["fn"] > 0

    def weighted(self, rows: Sequence[Row]) -> Weighted:
        """Return the pooled scores of `trainers.tasks.segmentation.confusion.class_scores`, and averages over pictures.

        The averages take all classes as one: `image_iou` and `boundary_f` are means over pictures with a target,
        `false_alarms` the mean number of connected false positives in one without; NaN where there is no such picture.
        """
        counts = _counts(rows)
        union = counts[:, 0] + counts[:, 1] + counts[:, 3]
        ious = np.where(counts[:, 0] + counts[:, 3] > 0, counts[:, 0] / np.maximum(union, 1), np.nan)
        averages = {"image_iou": _mean(ious), **{name: _mean(_column(rows, name)) for name in AVERAGED}}
        pooled = _pooled_by_class(rows) if class_names(rows) else lambda weights: _pooled(weights @ counts)

        def scores(weights: Num[np.ndarray, " rows"]) -> dict[str, float]:
            own = pooled(weights)
            means = {name: average(weights) for name, average in averages.items()}
            return {**{name: own.pop(name) for name in POOLED}, **means, **own}

        return scores

    def baselines(self, rows: Sequence[Row]) -> dict[str, Sequence[Row]]:
        """Return none: they are measured picture by picture."""
        return {}


PIXELS = PixelScorer()


def by_size(rows: Sequence[Row]) -> dict[str, float]:
    """Return the pooled foreground IoU of pictures by their pixels on target; sizes without a picture are left out."""
    counts = _counts(rows)
    on_target = counts[:, 0] + counts[:, 3]
    found = {}
    for name, (low, high) in SIZES.items():
        chosen = counts[(on_target >= low) & (on_target < (high or np.inf))]
        if len(chosen):
            found[name] = _pooled(chosen.sum(axis=0))["foreground_iou"]
    return found


def pixel_figures(prediction: Coverage, truth: Coverage, ignore: Coverage | None) -> dict[str, float]:
    """Count true and false positives and negatives outside of `ignore`.

    With a target comes boundary_f; without, false_alarms, the number of connected parts found.
    """
    kept = prediction if ignore is None else prediction & ~ignore
    target = truth if ignore is None else truth & ~ignore
    tp = int(np.count_nonzero(kept & target))
    fp = int(np.count_nonzero(kept)) - tp
    fn = int(np.count_nonzero(target)) - tp
    ignored = 0 if ignore is None else int(np.count_nonzero(ignore))
    figures: dict[str, float] = {"tp": tp, "fp": fp, "tn": truth.size - ignored - tp - fp - fn, "fn": fn}
    if target.any():
        return {**figures, "boundary_f": boundary_f(kept, target)}
    return {**figures, "false_alarms": _parts_outside(prediction, ignore)}


def _measured(found: InstanceMask, picture: DecodedPicture, classes: ClassesConfig) -> Measured:
    """Compare the class found for each pixel with the truth; without names in it, all targets are one."""
    if picture.truth.mask is None:
        raise DatasetError(f"{picture.name}: has no mask to compare with; annotate it, or score on boxes or labels")
    ignore, names = picture.truth.ignore, classes.names if knows_classes(picture.truth, classes) else ()
    truth = class_mask(picture.truth, classes) if names else (picture.truth.mask > 0).astype(np.uint8)
    found = found if names else (found > 0).astype(np.uint8)

    def counted(prediction: InstanceMask) -> Counted:
        figures = pixel_figures(prediction > 0, truth > 0, ignore)
        return Counted({**figures, **class_figures(prediction, truth, ignore, names)} if names else figures)

    baselines = {EMPTY: counted(np.zeros_like(truth))}
    if len(names) <= 1:  # of several classes there is none that all pixels could be of
        baselines[FULL] = counted(np.ones_like(truth))
    compared = replace(picture.truth, mask=truth)
    return Measured(counted(found), baselines, Truth(mask=found), bool(truth.any()), compared)


def _parts_outside(prediction: Coverage, ignore: Coverage | None) -> int:
    """Count connected parts, leaving out those that are mostly within `ignore`."""
    count, labels = cv2.connectedComponents(prediction.astype(np.uint8))
    if ignore is None or count == 1:
        return count - 1
    areas = np.bincount(labels.ravel(), minlength=count)
    inside = np.bincount(labels[ignore], minlength=count)
    return int(np.count_nonzero(inside[1:] < MOSTLY * areas[1:]))


def _counts(rows: Sequence[Row]) -> np.ndarray:
    return np.array([[row.figures[name] for name in COUNTS] for row in rows], np.float64).reshape(-1, len(COUNTS))


def _pooled(totals: np.ndarray) -> dict[str, float]:
    return scores_of(*totals.tolist())


def _pooled_by_class(rows: Sequence[Row]) -> Weighted:
    names, counts = class_names(rows), counts_by_class(rows)

    def scores(weights: Num[np.ndarray, " rows"]) -> dict[str, float]:
        hits, found, truth = np.tensordot(weights, counts, axes=1)
        return class_scores(hits, found, truth, names)

    return scores


def _column(rows: Sequence[Row], name: str) -> Float64[np.ndarray, " rows"]:
    """Return a figure of each row, NaN where a row does not have it."""
    return np.array([row.figures.get(name, np.nan) for row in rows], np.float64)


def _mean(values: Float64[np.ndarray, " rows"]) -> Callable[[Num[np.ndarray, " rows"]], float]:
    """Return the mean of the values that there are, as a function of how often each row counts; NaN where none does."""
    there = ~np.isnan(values)
    present = values[there]

    def mean(weights: Num[np.ndarray, " rows"]) -> float:
        counted = weights[there]
        total = float(counted.sum())
        return float(counted @ present) / total if total else float("nan")

    return mean
