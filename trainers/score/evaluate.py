"""A predictor scored on a benchmark, beside baselines that need no model. It knows kinds, and no task."""

from __future__ import annotations

from collections.abc import Sequence

from synthgen.core.errors import DatasetError
from synthgen.core.picture import DecodedPicture
from synthgen.core.registry import Registry
from trainers.predict.protocols import Predictor
from trainers.score.benchmark import Benchmark
from trainers.score.boxes import BOXES
from trainers.score.labels import LABELS
from trainers.score.load import load_batches
from trainers.score.pixels import PIXELS
from trainers.score.result import Example, Result, Row
from trainers.score.scorer import Measured, Scorer, Settings

__all__ = ["SCORERS", "evaluate"]

SCORERS: Registry[Scorer] = Registry("kind of benchmark")
SCORERS.register("pixels", PIXELS)
SCORERS.register("boxes", BOXES)
SCORERS.register("labels", LABELS)


def evaluate(
    predictor: Predictor, benchmark: Benchmark, *, threshold: float = 0.5, min_area: float = 0.0001, pictures: int = 8
) -> Result:
    """Predict every picture, compare it with its truth, and make scores of the rows.

    Args:
        predictor: Whatever gives what the benchmark compares.
        benchmark: What to score on.
        threshold: Probability from which a pixel is foreground, a box is found, a label is given.
        min_area: Least area of a connected part that is a box, as a share of the frame.
        pictures: Examples to keep.

    Raises:
        TrainingError: The predictor does not give what the benchmark compares.
        DatasetError: There is no picture, one cannot be read, or one has not the truth that is compared.
    """
    scorer, samples = SCORERS[benchmark.kind], benchmark.samples
    size, settings = scorer.size(predictor), Settings(threshold, min_area)
    if not len(samples):
        raise DatasetError(f"{benchmark.name}: holds no picture to score on; give another split or folder")
    collected = _Collected(_candidates(len(samples), pictures, scorer), pictures)
    for batch in load_batches(samples, batch=scorer.batch, size=size):
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
        examples=collected.examples(),
    )


def _candidates(count: int, pictures: int, scorer: Scorer) -> range:
    """Return the numbers of the pictures that may be examples."""
    step = max(1, count // pictures) if scorer.spread else 1
    return range(0, count, step)[: pictures if scorer.spread else None]


class _Collected:
    """Rows, and no more pictures than are shown."""

    def __init__(self, candidates: range, pictures: int) -> None:
        self.rows: list[Row] = []
        self.baselines: dict[str, list[Row]] = {}
        self._candidates, self._pictures = candidates, pictures
        self._examples: dict[bool, list[Example]] = {True: [], False: []}

    def add(self, picture: DecodedPicture, measured: Measured) -> None:
        kept = self._examples[measured.target]
        if len(self.rows) in self._candidates and len(kept) < self._pictures:
            kept.append(Example(picture.name, picture.image, picture.truth, measured.found))
        self.rows.append(Row(picture.name, picture.group, measured.figures))
        for name, figures in measured.baselines.items():
            self.baselines.setdefault(name, []).append(Row(picture.name, picture.group, figures))

    def examples(self) -> tuple[Example, ...]:
        """Return those with a target first, then the others."""
        return tuple((self._examples[True] + self._examples[False])[: self._pictures])
