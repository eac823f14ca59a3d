"""What a scorer is: one for each kind of benchmark. `trainers.score.evaluate` goes by this alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Num

from synthgen.core.letterbox import Fit
from synthgen.core.picture import DecodedPicture, Truth
from synthgen.core.types import Size
from trainers.config.operating_point import OperatingPoint
from trainers.predict.protocols import Predictor
from trainers.score.resample import intervals_of, resampled
from trainers.score.result import Counted, Row

__all__ = ["Measured", "Scorer", "Settings", "Weighted"]

Weighted: TypeAlias = Callable[[Num[np.ndarray, " rows"]], dict[str, float]]
"""Scores by name as a function of how often each row counts."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How probabilities become decisions.

    Attributes:
        point: The operating point.
        fit: How pictures come into the network's frame.
    """

    point: OperatingPoint = field(default_factory=OperatingPoint)
    fit: Fit = "letterbox"


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What was measured on one picture.

    Attributes:
        counted: Of the predictor.
        baselines: Of each baseline that needs no other picture.
        found: What the predictor found, as a truth.
        target: Whether the picture has a target.
        truth: What it was compared with, where that is not the picture's truth as it is.
    """

    counted: Counted
    baselines: Mapping[str, Counted]
    found: Truth
    target: bool
    truth: Truth | None = None


@runtime_checkable
class Scorer(Protocol):
    """Measures pictures one by one, and makes scores of the rows."""

    @property
    def headline(self) -> str:
        """The score by which predictors are ranked; it has an interval."""
        ...

    @property
    def batch(self) -> int:
        """Pictures at a time."""
        ...

    @property
    def spread(self) -> bool:
        """Whether examples are taken at even distances, and not from the first pictures."""
        ...

    def size(self, predictor: Predictor) -> Size | None:
        """Return the size that pictures are fitted to; None for their own.

        Raises:
            TrainingError: The predictor cannot be scored in this way.
        """
        ...

    def measure(self, predictor: Any, pictures: Sequence[DecodedPicture], settings: Settings) -> Iterator[Measured]:
        """Predict a batch, and compare it with the truth.

        Raises:
            DatasetError: A picture lacks the truth that is compared.
        """
        ...

    def decides(self, row: Row) -> bool:
        """Tell whether a picture bears on the headline; without any that does, the headline means nothing."""
        ...

    def weighted(self, rows: Sequence[Row]) -> Weighted:
        """Return the scores as a function of how often each row counts; NaN where none has what one is about."""
        ...

    def scores(self, rows: Sequence[Row]) -> dict[str, float]:
        """Return the scores where each row counts once."""
        return self.weighted(rows)(np.ones(len(rows)))

    def intervals(self, rows: Sequence[Row]) -> dict[str, tuple[float, float]]:
        """Return 95 % intervals from resampled rows, of the scores that are a number in each resample."""
        return intervals_of(map(self.weighted(rows), resampled(len(rows))))

    def baselines(self, rows: Sequence[Row]) -> dict[str, Sequence[Row]]:
        """Return the rows of baselines that follow from all pictures together, such as the most frequent label."""
        ...
