"""What an evaluation gives: one row for each picture. Scores and intervals are functions of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from synthgen.core.letterbox import Fit
from synthgen.core.picture import Truth
from synthgen.core.types import RGB
from trainers.config.operating_point import OperatingPoint
from trainers.predict.protocols import Kind
from trainers.score.traits import Traits

__all__ = ["EMPTY", "FULL", "MAJORITY", "Counted", "Example", "Result", "Row"]

EMPTY, FULL, MAJORITY = "empty prediction", "all foreground", "most frequent label"  # the baselines' names


Detections = tuple[tuple[float, bool], ...]  # score of each box found, and whether it is a true one


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted on one picture.

    Attributes:
        figures: Numbers by name, such as tp, fp, tn, fn. A figure that the picture does not have is absent.
        detections: Score of each box found, and whether it is a true one.
    """

    figures: Mapping[str, float]
    detections: Detections = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured on one picture.

    Attributes:
        name: The picture's.
        group: The picture's: rows of one group are no independent observations.
        figures: As in `Counted`.
        detections: Likewise.
        traits: What the picture is like, as `trainers.score.traits.traits_of` tells it; empty where nobody asked.
    """

    name: str
    group: str
    figures: Mapping[str, float]
    detections: Detections = ()
    traits: Traits = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A picture with its truth and with what was found, both in pixels of this image."""

    name: str
    image: RGB
    truth: Truth
    found: Truth


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
