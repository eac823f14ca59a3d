"""The threshold of a classifier chosen on pictures: the one of the best F1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.letterbox import Fit
from trainers.config.operating_point import OperatingPoint
from trainers.predict.protocols import LabelPredictor
from trainers.score.benchmark import Benchmark
from trainers.score.evaluate import evaluate
from trainers.score.label_curves import Told, told_by

__all__ = ["LabelTrial", "choose_label"]

USUAL = OperatingPoint().threshold


@dataclass(frozen=True, slots=True)
class LabelTrial:
    """A threshold, and what it gives on the pictures that were looked at.

    Attributes:
        threshold: Probability above which a picture is said to show a target.
        precision: Share of positives among those; NaN where nothing passes.
        recall: Share of the positives that pass.
        f1: Their harmonic mean.
    """

    threshold: float
    precision: float
    recall: float
    f1: float


def choose_label(
    predictor: LabelPredictor, benchmark: Benchmark, *, fit: Fit = "letterbox"
) -> tuple[LabelTrial, LabelTrial]:
    """Return the best threshold and the usual one, 0.5, each with its scores.

    Tried are 0.5 and the middle between each two neighbouring probabilities. Of equals, the one nearest to 0.5 is best.

    Raises:
        TrainingError: It predicts no labels.
        DatasetError: There is no picture, one cannot be read, or not both labels are there to choose by.
    """
    told = told_by(evaluate(predictor, benchmark, fit=fit, pictures=1).rows)
    if not told.positive.any() or told.positive.all():
        raise DatasetError(
            f"{benchmark.name}: its pictures are not of both labels, 0 and 1, by which a threshold could be chosen; "
            "give another split or folder"
        )
    values = np.unique(told.probability)
    tried = [_trial(told, threshold) for threshold in (USUAL, *((values[1:] + values[:-1]) / 2).tolist())]
    return max(tried, key=lambda trial: (trial.f1, -abs(trial.threshold - USUAL))), tried[0]


def _trial(told: Told, threshold: float) -> LabelTrial:
    passed = told.probability > threshold
    right, count, positives = int((passed & told.positive).sum()), int(passed.sum()), int(told.positive.sum())
    precision = right / count if count else float("nan")
    return LabelTrial(threshold, precision, right / positives, 2 * right / (count + positives))
