"""What a loop file says: rounds, knobs, photographs to harvest and to be scored on. No torch in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from synthgen.core.config import Model
from synthgen.core.paths import LocalFile, LocalFolder
from synthgen.core.ranges import FloatRange, between
from synthgen.core.yaml_file import overridden_yaml, validated
from trainers.config.evaluation import EvaluationConfig
from trainers.config.file_name import FileName
from trainers.config.sources import SourcePattern
from trainers.experiment.config import Count, ScoredPictures, Scoring, distinct, undecided

__all__ = ["BoxedPictures", "LoopConfig", "read_loop"]

KnobName = Literal["scale", "rotation", "ground", "occluders", "categories"]


class BoxedPictures(Model):
    """Photographs whose boxed objects become cutouts of the rounds after the first.

    Attributes:
        images: Folder of the photographs.
        boxes: COCO JSON of their boxes.
        group: Regular expression, as of scored photographs: those of one source stay in one split.
    """

    images: LocalFolder
    boxes: LocalFile
    group: SourcePattern = ""


class LoopConfig(Model):
    """The whole file.

    Attributes:
        title: Of the page.
        pipeline: File that says what is generated in the first round, and in every round of the open loop.
        training: Fields of every round's training, as in an experiment.
        later: Fields of the rounds after the first, upon those: they go on from the model of the round before, at a
            tenth of the rate.
        steps: Steps of the optimiser in each round.
        rounds: How often is generated and trained.
        pictures: How many are generated to learn from in each round.
        probes: How many are generated in each round to see where the model fails.
        knobs: What of the recipe is turned.
        gain: How far it is turned: weights move by the error over the mean error to this power.
        bounds: Least and greatest weight of an option.
        boxed: Photographs whose objects are cut out; without it, nothing is harvested.
        empty: Folder of photographs that show no target: what the model takes for one there becomes a distractor.
        scored: Photographs to score on, by name, as in an experiment.
        evaluation: As in an experiment.
        seeds: Of data and training; the loop is run with each of them.
    """

    title: str
    pipeline: LocalFile
    training: Annotated[dict[str, Any], AfterValidator(undecided)] = Field(default_factory=dict)
    later: Annotated[dict[str, Any], AfterValidator(undecided)] = Field(default_factory=dict)
    steps: int = Field(ge=1)
    rounds: int = Field(default=3, ge=2, le=20)
    pictures: int = Field(ge=1)
    probes: int = Field(default=300, ge=20)
    knobs: Annotated[tuple[KnobName, ...], AfterValidator(distinct)] = ("scale", "rotation", "ground")
    gain: float = Field(default=1.0, ge=0, le=4)
    bounds: Annotated[FloatRange, between(0, 1)] = FloatRange(min=0.05, max=0.9)
    boxed: BoxedPictures | None = None
    empty: LocalFolder | None = None
    scored: dict[FileName, ScoredPictures] = Field(min_length=1)
    evaluation: Scoring = EvaluationConfig()
    seeds: Annotated[tuple[Count, ...], AfterValidator(distinct)] = Field(min_length=1)


def read_loop(path: Path, overrides: Sequence[str] = (), options: Mapping[str, Any] | None = None) -> LoopConfig:
    """Read a loop; apply overrides such as "rounds=2", then options, values by dotted key.

    Raises:
        ConfigError: The file is missing or no YAML, a key is unknown, a value is out of range.
    """
    return validated(LoopConfig, overridden_yaml(path, "loop file", overrides, options), path, base=path.parent)
