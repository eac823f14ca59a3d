"""The operating point chosen on pictures: one prediction of each, every point of a small grid counted on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from jaxtyping import Int64

from synthgen.core.errors import DatasetError, TrainingError
from synthgen.core.letterbox import Fit, Stretch
from synthgen.core.picture import Boxes, DecodedPicture, Truth
from trainers.config.operating_point import OperatingPoint
from trainers.loading.classed import of_classes
from trainers.predict.foreground import foreground
from trainers.predict.heatmap import Heatmap
from trainers.predict.parts import find_parts
from trainers.predict.protocols import PixelPredictor, Predictor, classes_of
from trainers.predict.tiles import heatmap
from trainers.score.benchmark import Benchmark
from trainers.score.box_figures import counted_boxes, left_out, wanted_boxes
from trainers.score.load import load_batches

__all__ = ["CLOSINGS", "LEAST_AREAS", "LEAST_SCORES", "THRESHOLDS", "Choice", "Trial", "choose"]

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
CLOSINGS = (0.0, 0.025, 0.047, 0.07)
LEAST_AREAS = (0.0001, 0.001, 0.0025, 0.005, 0.01)
LEAST_SCORES = (0.0, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)
GRID = (len(THRESHOLDS), len(CLOSINGS), len(LEAST_AREAS), len(LEAST_SCORES))


@dataclass(frozen=True, slots=True)
class Trial:
    """A point, and what it gives.

    Attributes:
        point: Threshold, closing, least area, least score.
        foreground_iou: Of its threshold, 0–1; None where there are no masks.
        recall: Boxes found over true boxes, at IoU ≥ .5.
        precision: Boxes found over parts.
        f1: Their harmonic mean.
    """

    point: OperatingPoint
    foreground_iou: float | None
    recall: float
    precision: float
    f1: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The point that was chosen, and all that were tried."""

    best: Trial
    trials: tuple[Trial, ...]

    def best_at(self, threshold: float) -> Trial:
        """Return the best trial of a threshold."""
        return max((trial for trial in self.trials if trial.point.threshold == threshold), key=_merit)


def choose(predictor: Predictor, benchmark: Benchmark, *, fit: Fit = "letterbox") -> Choice:
    """Try every point of the grid; of equals, the one nearest to the default is chosen.

    On pictures with masks (a benchmark of pixels) the threshold is the one of the best foreground IoU, and the other
    numbers are those of the best F1 of parts at that threshold; on boxes all are those of the best F1.

    Raises:
        TrainingError: It predicts no pixels, or no point finds a single box.
        DatasetError: There is no picture, one cannot be read, or one has no such truth.
    """
    if not isinstance(predictor, PixelPredictor):
        raise TrainingError(f"{predictor.title}: predicts no pixels, so it has no parts to choose; leave --choose out")
    if not len(benchmark.samples):
        raise DatasetError(f"{benchmark.name}: holds no picture to choose by; give another split or folder")
    masks, classes = benchmark.kind == "pixels", classes_of(predictor)
    parts = np.zeros((*GRID, 3), np.int64)
    pixels = np.zeros((len(THRESHOLDS), 3), np.int64)
    for batch in load_batches(benchmark.samples, batch=2, size=None):
        for picture in batch:
            seen = heatmap(predictor, picture.image, fit)
            picture = replace(picture, truth=of_classes(picture.truth, classes))
            parts += _parts(seen, _boxed(picture), picture)
            pixels += _pixels(seen, picture) if masks else 0
    trials = _trials(parts, pixels if masks else None)
    candidates = trials
    if masks:
        threshold = max(trials, key=lambda trial: (trial.foreground_iou, -_distance(trial))).point.threshold
        candidates = tuple(trial for trial in trials if trial.point.threshold == threshold)
    best = max(candidates, key=_merit)
    if not best.f1:
        raise TrainingError(
            f"{predictor.title}: finds no box of {benchmark.name} at any of {len(trials)} points; train it further"
        )
    return Choice(best, trials)


def _boxed(picture: DecodedPicture) -> Truth:
    """Return the truth with boxes; where none are given, with those around the connected parts of its mask."""
    truth = picture.truth
    if truth.boxes is not None:
        return truth
    if truth.mask is None:
        raise DatasetError(f"{picture.name}: has neither mask nor boxes to choose by; annotate it")
    whole = Heatmap((truth.mask > 0).astype(np.float32)[None], picture.size, picture.size)
    found = whole.parts(OperatingPoint(closing=0, least_area=0, least_score=0)).boxes
    return Truth(truth.mask, Boxes.of(found.xyxy, found.categories), truth.label, truth.ignore)


def _parts(
    seen: Heatmap, truth: Truth, picture: DecodedPicture
) -> Int64[np.ndarray, "thresholds closings areas scores 3"]:
    """Return boxes found, parts, and true boxes for every point."""
    wanted, excuse = wanted_boxes(truth), left_out(truth, picture.size)
    counts = np.zeros((*GRID, 3), np.int64)
    any_class = foreground(seen.values)[None]
    least_areas = np.array(LEAST_AREAS) * seen.seen[0] * seen.seen[1]
    for (i, threshold), (j, closing) in product(enumerate(THRESHOLDS), enumerate(CLOSINGS)):
        point = OperatingPoint(threshold=threshold, closing=closing, least_area=0, least_score=0)
        found = find_parts(any_class, point, frame=seen.seen)
        boxes = seen.on_frame(found).boxes
        large = np.array(found.areas) > least_areas[:, None]
        sure = np.asarray(found.boxes.scores) > np.array(LEAST_SCORES)[:, None]
        kept = large[:, None] & sure  # (areas, scores, boxes)
        near, counted = counted_boxes(boxes, wanted, excuse)
        counts[i, j, ..., 0] = (kept[..., None] & near).any(axis=2).sum(axis=-1)
        counts[i, j, ..., 1] = kept[..., counted].sum(axis=-1)
        counts[i, j, ..., 2] = len(wanted)
    return counts


def _pixels(seen: Heatmap, picture: DecodedPicture) -> Int64[np.ndarray, "thresholds 3"]:
    """Return true positives, false positives and false negatives for every threshold."""
    if picture.truth.mask is None:
        raise DatasetError(f"{picture.name}: has no mask to choose the threshold by; annotate it, or choose by boxes")
    fitted = Stretch(picture.size, seen.values.shape[1:])  # the map covers the frame, and no bars
    truth, ignore = fitted.put(picture.truth.mask > 0), picture.truth.ignore
    kept = np.ones_like(truth) if ignore is None else ~fitted.put(ignore)
    probability = foreground(seen.values)
    found = [(probability > threshold) & kept for threshold in THRESHOLDS]
    target = truth & kept
    return np.array([[(f & target).sum(), (f & ~target).sum(), (~f & target).sum()] for f in found], np.int64)


def _trials(parts: Int64[np.ndarray, "t c a s 3"], pixels: Int64[np.ndarray, "t 3"] | None) -> tuple[Trial, ...]:
    found = []
    for place in np.ndindex(GRID):
        i, j, k, m = place
        hits, counted, truth = (int(count) for count in parts[place])
        iou = None if pixels is None else float(pixels[i, 0] / max(1, pixels[i].sum()))
        point = OperatingPoint(
            threshold=THRESHOLDS[i], closing=CLOSINGS[j], least_area=LEAST_AREAS[k], least_score=LEAST_SCORES[m]
        )
        f1 = min(1.0, 2 * hits / max(1, counted + truth))
        found.append(Trial(point, iou, hits / max(1, truth), min(1.0, hits / max(1, counted)), f1))
    return tuple(found)


def _merit(trial: Trial) -> tuple[float, float]:
    return trial.f1, -_distance(trial)


def _distance(trial: Trial) -> float:
    """Return how far a point is from the default one, so that of equals the nearest is taken."""
    ours, usual = trial.point, OperatingPoint()
    return float(sum(abs(getattr(ours, name) - getattr(usual, name)) for name in OperatingPoint.model_fields))
