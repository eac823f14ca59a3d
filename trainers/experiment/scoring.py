"""A model scored at one place, whatever it gives and whatever is compared there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthgen.core.picture import Picture, Samples
from trainers.config.evaluation import EvaluationConfig
from trainers.experiment.places import Place
from trainers.predict.averaged import averaged
from trainers.predict.protocols import PixelPredictor, Predictor, point_of
from trainers.predict.surest import SurestPart
from trainers.score.benchmark import Benchmark
from trainers.score.evaluate import evaluate
from trainers.score.result import Result

__all__ = ["score_at"]


def score_at(
    place: Place, predictor: Predictor, evaluation: EvaluationConfig, chosen: Sequence[int] | None = None
) -> Result:
    """Score a model on all photographs of a place, or on those with the numbers `chosen`, each of which is an example.

    Where labels are compared, a predictor of pixels is as sure of one as it is of its surest part.

    Raises:
        TrainingError: The model does not give what is compared.
        DatasetError: A photograph, or what is annotated, cannot be read.
    """
    point = evaluation.point(point_of(predictor))
    seer = averaged(predictor) if evaluation.tta else predictor
    if place.kind == "labels" and isinstance(seer, PixelPredictor):
        seer = SurestPart(seer, point)
        point = seer.operating_point
    samples: Samples = place.samples() if chosen is None else _Chosen(place.samples(), chosen)
    benchmark = Benchmark(place.key, place.key, samples, place.kind)
    pictures = 1 if chosen is None else len(chosen)
    return evaluate(seer, benchmark, point=point, fit=place.pictures.fit, pictures=pictures)


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    """Some of other samples, by their numbers."""

    samples: Samples
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int, /) -> Picture:
        return self.samples[self.numbers[index]]
