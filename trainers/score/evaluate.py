"""Scores of a model on a shard split or on photographs with masks, beside those of finding nothing and everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthgen.core.types import RGB, Coverage, Size, Split
from synthgen.formats.folder import fit_into, read_pairs
from trainers.loading.loader import ShardLoader
from trainers.predict.open import Predictor
from trainers.score.pixels import ImageScores

__all__ = ["EMPTY", "FULL", "Evaluation", "Example", "evaluate", "folder_batches", "shard_batches"]

EMPTY, FULL = "empty prediction", "all foreground"
Arrays = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A picture with its truth and its prediction."""

    image: RGB
    truth: Coverage
    prediction: Coverage


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Scores of the model and of the predictors that find nothing and everything, on the same pictures.

    Attributes:
        samples: Pictures scored.
        scores: Of the model, as `ImageScores.compute` names them.
        intervals: 95 % intervals of the pooled ones.
        by_size: Foreground IoU by pixels on target.
        empty: Of the empty prediction.
        full: Of the prediction that is all foreground.
        examples: The first pictures that hold a target, then the others.
    """

    samples: int
    scores: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    by_size: dict[str, float]
    empty: dict[str, float]
    full: dict[str, float]
    examples: tuple[Example, ...]


def evaluate(model: Predictor, batches: Iterable[Arrays], *, threshold: float, pictures: int) -> Evaluation:
    """Score batches of (uint8 RGB (b, h, w, 3), boolean masks (b, h, w))."""
    scores, empty, full = ImageScores(), ImageScores(), ImageScores()
    positives: list[Example] = []
    negatives: list[Example] = []
    for images, masks in batches:
        predictions = model.probabilities(images) >= threshold
        for found, by in ((scores, predictions), (empty, np.zeros_like(masks)), (full, np.ones_like(masks))):
            found.update(by, masks)
        for image, mask, prediction in zip(images, masks, predictions, strict=True):
            kept = positives if mask.any() else negatives
            if len(kept) < pictures:
                kept.append(Example(image.copy(), mask, prediction))
    return Evaluation(
        len(scores),
        scores.compute(),
        scores.intervals(),
        scores.by_size(),
        empty.compute(),
        full.compute(),
        tuple((positives + negatives)[:pictures]),
    )


def shard_batches(dataset: Path, split: Split, batch_size: int, samples: int = 0) -> Iterator[Arrays]:
    """Yield a split, or its first `samples` samples, in order."""
    for batch in ShardLoader(dataset, split, samples=samples, batch_size=batch_size, seed=0, shuffle=False):
        assert batch.masks is not None, "masks are read unless they are declined"
        yield batch.images, batch.masks > 0


def folder_batches(images: Path, masks: Path, size: Size) -> Iterator[Arrays]:
    """Yield photographs one by one, letterboxed to `size`."""
    for photograph in read_pairs(images, masks):
        image, mask = fit_into(photograph.image, size), fit_into(photograph.mask, size)
        yield image[None], mask[None]
