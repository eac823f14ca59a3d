"""Scores of a model on photographs with boxes, beside those of finding nothing and everything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from synthgen.core.types import RGB, Coverage
from synthgen.formats.coco import Annotated, Box
from trainers.predict.open import Predictor
from trainers.predict.parts import find_instances
from trainers.predict.tiles import probability_map
from trainers.score.boxes import BoxScores

__all__ = ["BoxEvaluation", "BoxExample", "evaluate_boxes"]


@dataclass(frozen=True, slots=True, eq=False)
class BoxExample:
    """A photograph, its true boxes, and what was found."""

    image: RGB
    truth: tuple[Box, ...]
    prediction: Coverage
    found: tuple[Box, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BoxEvaluation:
    """Scores of the model and of the predictors that find nothing and everything, on the same photographs.

    Attributes:
        samples: Photographs scored.
        scores: Of the model, as `BoxScores.compute` names them.
        intervals: Their 95 % intervals.
        empty: Of the empty prediction.
        full: Of the prediction that is all foreground: one box as large as the frame.
        examples: Of photographs at even distances.
    """

    samples: int
    scores: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    empty: dict[str, float]
    full: dict[str, float]
    examples: tuple[BoxExample, ...]


def evaluate_boxes(
    model: Predictor, photographs: Iterable[Annotated], *, threshold: float, min_area: float, pictures: int
) -> BoxEvaluation:
    """Score the boxes around connected parts of at least `min_area` of the frame."""
    scores, empty, full = BoxScores(), BoxScores(), BoxScores()
    examples = []
    for photograph in photographs:
        probability = probability_map(model, photograph.image)
        parts = find_instances(probability, threshold=threshold, min_area=min_area)
        prediction = probability >= threshold
        found = tuple((float(x0), float(y0), float(x1), float(y1)) for x0, y0, x1, y1 in (part.box for part in parts))
        height, width = prediction.shape
        scores.update(found, prediction, photograph.boxes)
        empty.update((), np.zeros_like(prediction), photograph.boxes)
        full.update([(0.0, 0.0, float(width), float(height))], np.ones_like(prediction), photograph.boxes)
        examples.append(BoxExample(photograph.image, photograph.boxes, prediction, found))
    step = max(1, len(examples) // pictures)
    return BoxEvaluation(
        len(scores),
        scores.compute(),
        scores.intervals(),
        empty.compute(),
        full.compute(),
        tuple(examples[::step][:pictures]),
    )
