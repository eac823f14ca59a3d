"""What an evaluation gives: one row for each picture. Scores and intervals are functions of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float32

from synthgen.core.letterbox import Fit
from synthgen.core.picture import Truth
from synthgen.core.types import RGB
from trainers.config.operating_point import OperatingPoint
from trainers.predict.protocols import Kind
from trainers.score.traits import Traits

__all__ = [
    "EMPTY",
    "FULL",
    "MAJORITY",
    "SOURCE_ALONE",
    "Counted",
    "Example",
    "Pair",
    "Ranked",
    "Result",
    "Row",
    "Shape",
]

EMPTY, FULL, MAJORITY = "empty prediction", "all foreground", "most frequent label"  # the baselines' names
SOURCE_ALONE = "the source alone"  # likewise: knows where a picture comes from, and does not look at it

Shape: TypeAlias = Literal["box", "mask"]
"""What of an object is compared with what of a true one."""

Pair: TypeAlias = tuple[str | None, str | None]
"""A true object's category and that of what was found there; None is background: nothing there, or nothing found."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """The objects found in one picture, at whatever score, and which of them are right: all that curves by score need.

    A cell is an IoU threshold with a range of sizes (`trainers.score.ranked.CELLS`); a set of them is an integer with a
    bit for each cell.

    Attributes:
        scores: Of each object found, surest first.
        categories: Likewise; "" where it has none.
        right: The cells in which it is a true object's.
        counted: The cells in which it is right or wrong; in the others it is neither.
        wanted: The category of each true object.
        sizes: Of each true object the ranges of sizes that it lies in, a bit for each.
    """

    scores: tuple[float, ...]
    categories: tuple[str, ...]
    right: tuple[int, ...]
    counted: tuple[int, ...]
    wanted: tuple[str, ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted on one picture.

    Attributes:
        figures: Numbers by name, such as tp, fp, tn, fn. A figure that the picture does not have is absent.
        ranked: What was found, by boxes and by masks, where these were compared.
        pairs: True objects and those found at the operating point, each in one pair.
    """

    figures: Mapping[str, float]
    ranked: Mapping[Shape, Ranked] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured on one picture.

    Attributes:
        name: The picture's.
        group: The picture's: rows of one group are no independent observations.
        figures: As in `Counted`.
        ranked: Likewise.
        traits: What the picture is like, as `trainers.score.traits` tells it: `told_traits`, and the others where
            somebody asked.
        pairs: As in `Counted`.
    """

    name: str
    group: str
    figures: Mapping[str, float]
    ranked: Mapping[Shape, Ranked] = field(default_factory=dict)
    traits: Traits = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A picture with its truth and with what was found, both in pixels of this image.

    Attributes:
        name: The picture's.
        image: Its pixels.
        truth: What is known of it.
        found: What the predictor found.
        looked: Where a predictor of labels looked, 0–1; None where it does not say.
    """

    name: str
    image: RGB
    truth: Truth
    found: Truth
    looked: Float32[np.ndarray, "h w"] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A predictor's rows and scores on a benchmark, beside those of predictions that need no model.

    Attributes:
        predictor: Its title.
        benchmark: Its name.
        kind: Of the benchmark; says which figures a row has and which scores follow.
        rows: One for each picture, in the benchmark's order.
        scores: By name; NaN where no picture has what it is about.
        intervals: 95 % intervals from resampled pictures, of the scores that are a number in each resample.
        baselines: Name of the baseline → its scores on the same pictures.
        examples: Some pictures to look at, those with a target first.
        point: The operating point by which it was decided.
        fit: How pictures came into the network's frame.
    """

    predictor: str
    benchmark: str
    kind: Kind
    rows: tuple[Row, ...]
    scores: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    baselines: dict[str, dict[str, float]]
    examples: tuple[Example, ...]
    point: OperatingPoint = field(default_factory=OperatingPoint)
    fit: Fit = "letterbox"
