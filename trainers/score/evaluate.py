"""A predictor scored on a benchmark, beside baselines that need no model. It knows kinds, and no task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.letterbox import Fit
from synthgen.core.picture import DecodedPicture
from synthgen.core.registry import Registry
from trainers.config.evaluation import EvaluationConfig
from trainers.config.operating_point import OperatingPoint
from trainers.predict.averaged import averaged
from trainers.predict.protocols import Predictor, ShowsWhere, point_of
from trainers.score.benchmark import Benchmark, check_classes
from trainers.score.boxes import BOXES
from trainers.score.labels import LABELS
from trainers.score.load import load_batches
from trainers.score.pixels import PIXELS
from trainers.score.result import Counted, Example, Result, Row
from trainers.score.scorer import Measured, Scorer, Settings
from trainers.score.traits import Traits, told_traits

__all__ = ["SCORERS", "evaluate", "evaluate_as"]

SCORERS: Registry[Scorer] = Registry("kind of benchmark")
SCORERS.register("pixels", PIXELS)
SCORERS.register("boxes", BOXES)
SCORERS.register("labels", LABELS)


def evaluate(
    predictor: Predictor,
    benchmark: Benchmark,
    *,
    point: OperatingPoint | None = None,
    fit: Fit = "letterbox",
    pictures: int = 8,
) -> Result:
    """Predict every picture, compare it with its truth, and make scores of the rows.

    Args:
        predictor: Whatever gives what the benchmark compares.
        benchmark: What to score on.
        point: How probabilities become decisions; None: the predictor's own.
        fit: How pictures of other sizes come into the network's frame.
        pictures: Examples to keep.

    Raises:
        TrainingError: The predictor does not give what the benchmark compares, or has none of its classes.
        DatasetError: There is no picture, one cannot be read, or one has not the truth that is compared.
    """
    scorer, samples = SCORERS[benchmark.kind], benchmark.samples
    check_classes(predictor, benchmark)
    size, settings = scorer.size(predictor), Settings(point or point_of(predictor), fit)
    if not len(samples):
        raise DatasetError(f"{benchmark.name}: holds no picture to score on; give another split or folder")
    collected = _Collected(_candidates(len(samples), pictures, scorer), pictures, benchmark)
    for batch in load_batches(samples, batch=scorer.batch, size=size, fit=fit):
        for picture, measured in zip(batch, scorer.measure(predictor, batch, settings), strict=True):
            collected.add(picture, measured)
    rows = collected.rows
    baselines: dict[str, Sequence[Row]] = {**collected.baselines, **scorer.baselines(rows)}
    return Result(
        predictor=predictor.title,
        benchmark=benchmark.name,
        kind=benchmark.kind,
        rows=tuple(rows),
        scores=scorer.scores(rows),
        intervals=scorer.intervals(rows),
        baselines={name: scorer.scores(found) for name, found in baselines.items()},
        examples=_looked_at(predictor, collected.examples()),
        point=settings.point,
        fit=fit,
    )


def evaluate_as(evaluation: EvaluationConfig, predictor: Predictor, benchmark: Benchmark, *, pictures: int) -> Result:
    """Evaluate as a config says: at the model's own operating point but for what it names, averaged where it asks.

    Raises:
        TrainingError: As `evaluate`, and where an average is asked of what gives no maps.
        DatasetError: As `evaluate`.
    """
    point, seer = evaluation.point(point_of(predictor)), averaged(predictor) if evaluation.tta else predictor
    return evaluate(seer, benchmark, point=point, fit=evaluation.fit, pictures=pictures)


def _candidates(count: int, pictures: int, scorer: Scorer) -> range:
    """Return the numbers of the pictures that may be examples."""
    step = max(1, count // pictures) if scorer.spread else 1
    return range(0, count, step)[: pictures if scorer.spread else None]


def _looked_at(predictor: Predictor, examples: tuple[Example, ...]) -> tuple[Example, ...]:
    """Return the examples with what a predictor of labels says of where it looked."""
    if not examples or not isinstance(predictor, ShowsWhere):
        return examples
    _, maps = predictor.labels_and_maps(np.stack([example.image for example in examples]))
    return tuple(replace(example, looked=own) for example, own in zip(examples, maps, strict=True))


class _Collected:
    """Rows, and no more pictures than are shown."""

    def __init__(self, candidates: range, pictures: int, benchmark: Benchmark) -> None:
        self.rows: list[Row] = []
        self.baselines: dict[str, list[Row]] = {}
        self._candidates, self._pictures, self._benchmark = candidates, pictures, benchmark
        self._examples: dict[bool, list[Example]] = {True: [], False: []}

    def add(self, picture: DecodedPicture, measured: Measured) -> None:
        kept = self._examples[measured.target]
        if len(self.rows) in self._candidates and len(kept) < self._pictures:
            kept.append(Example(picture.name, picture.image, measured.truth or picture.truth, measured.found))
        benchmark, place = self._benchmark, len(self.rows)
        source = benchmark.sources[place] if benchmark.sources else ""
        traits = told_traits(picture.truth, benchmark.held_out, source)
        self.rows.append(_row(picture, measured.counted, traits))
        for name, counted in measured.baselines.items():
            self.baselines.setdefault(name, []).append(_row(picture, counted, traits))

    def examples(self) -> tuple[Example, ...]:
        """Return those with a target first, then the others."""
        return tuple((self._examples[True] + self._examples[False])[: self._pictures])


def _row(picture: DecodedPicture, counted: Counted, traits: Traits) -> Row:
    return Row(picture.name, picture.group, counted.figures, counted.ranked, traits, counted.pairs)
