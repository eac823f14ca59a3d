"""What an experiment file says: arms, seeds, photographs to learn from and to be scored on. No torch in here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from synthgen.core.config import Model
from synthgen.core.letterbox import Fit
from synthgen.core.paths import LocalFile, LocalFolder
from synthgen.core.yaml_file import overridden_yaml, validated
from trainers.config.evaluation import EvaluationConfig
from trainers.config.file_name import FileName
from trainers.config.operating_point import OperatingPoint
from trainers.config.photographs import PhotographSource
from trainers.config.sources import SourcePattern, source_of

__all__ = [
    "COUNTED",
    "Count",
    "ExperimentConfig",
    "RealPictures",
    "ScoredPictures",
    "Scoring",
    "Stage",
    "distinct",
    "read_experiment",
    "undecided",
]

DECIDED = ("name", "seed", "steps", "epochs", "samples", "photographs", "finetune")  # of a training, by its arm
COUNTED = ("photographs", "pictures")  # fields of a stage of which an arm may give several values
SCORING = {*OperatingPoint.model_fields, "tta"}
Count = Annotated[int, Field(ge=0)]


def _listed(value: Any) -> Any:
    """Return one value as a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return values as they are.

    Raises:
        ValueError: One stands there twice.
    """
    if len(set(values)) < len(values):
        raise ValueError("one stands there twice; give each once")
    return values


Counts = Annotated[tuple[Count, ...], BeforeValidator(_listed), AfterValidator(distinct), Field(min_length=1)]


class RealPictures(PhotographSource):
    """Photographs to learn from. How many of them a stage takes, and their share of it, each stage says itself."""

    @model_validator(mode="before")
    @classmethod
    def _left_to_stages(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        if "images" not in values:
            raise ValueError(
                "images is missing; give the folder of photographs to learn from, here or by --real-images"
            )
        for field, own in {"share": "real", "samples": "photographs"}.items():
            if field in values:
                raise ValueError(f"{field}: each stage says so itself, by `{own}`; leave it out here")
        return values


class ScoredPictures(Model):
    """Photographs that every run is scored on, and no run learns from.

    Attributes:
        images: Folder of the photographs.
        masks: Folder of their masks: same stems, PNG, above 0 = foreground. Give `masks`, `boxes`, or both; or
            `labels` alone.
        boxes: COCO JSON of their boxes.
        labels: CSV with the columns `file` and `label`: 1 where a target is seen.
        fit: How they come into the network's frame: "letterbox" (whole, with black bars) or "stretch" (squeezed).
        group: Regular expression on the photographs' names (of files, without suffix): what its first group
            matches, or all of it, is shared by photographs of one source or camera. Those in which it finds nothing
            stand alone.
    """

    images: LocalFolder
    masks: LocalFolder | None = None
    boxes: LocalFile | None = None
    labels: LocalFile | None = None
    fit: Fit = "letterbox"
    group: SourcePattern = ""

    @model_validator(mode="before")
    @classmethod
    def _has_images(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and "images" not in values:
            raise ValueError("images is missing; give the folder of photographs to score, here or by --images")
        return values

    @model_validator(mode="after")
    def _annotated(self) -> ScoredPictures:
        if self.labels is not None and (self.masks is not None or self.boxes is not None):
            raise ValueError("labels stand alone: masks and boxes tell the label, too; leave labels out")
        if self.masks is None and self.boxes is None and self.labels is None:
            raise ValueError("photographs are scored by masks, boxes or labels; give some, here or by --masks, --boxes")
        return self

    def group_of(self, name: str) -> str:
        """Return what the photographs of one source or camera share; the name itself where it stands alone."""
        return source_of(name, self.group)


class Stage(Model):
    """A training within an arm.

    Attributes:
        steps: Steps of the optimiser.
        real: Share of real pictures in every stretch of the training; the others are synthetic.
        photographs: How many different real ones, evenly spaced; 0 for all. A list makes an arm for each.
        pictures: How many different synthetic ones, the first of the dataset; 0 for as many as `samples.train` of
            the pipeline. A list makes an arm for each; only one list an arm.
        recipe: Lies upon the pipeline's recipe as that lies upon its preset; `preset: null` drops the preset.
        training: Fields that lie upon the `training` of all.
    """

    steps: int = Field(ge=1)
    real: float = Field(default=0.0, ge=0, le=1)
    photographs: Counts = (0,)
    pictures: Counts = (0,)
    recipe: dict[str, Any] = Field(default_factory=dict)
    training: dict[str, Any] = Field(default_factory=dict)

    @property
    def recipe_key(self) -> str:
        """The recipe as text: stages that have the same learn from one dataset."""
        return json.dumps(self.recipe, sort_keys=True)

    @model_validator(mode="after")
    def _needs_what_it_names(self) -> Stage:
        if self.real == 0 and self.photographs != (0,):
            raise ValueError("photographs: this stage has no real pictures; give their share by `real`")
        if self.real == 1 and (self.pictures != (0,) or self.recipe):
            raise ValueError("pictures, recipe: this stage has real pictures alone; lower `real`, or leave them out")
        return self

    @field_validator("training")
    @classmethod
    def _left_to_arms(cls, training: dict[str, Any]) -> dict[str, Any]:
        if "task" in training:
            raise ValueError("task: all arms have one, so that they can be compared; give it in the `training` of all")
        return undecided(training)


def undecided(training: dict[str, Any]) -> dict[str, Any]:
    """Return fields of a training as they are.

    Raises:
        ValueError: The file decides one of them elsewhere.
    """
    for field in DECIDED:
        if field in training:
            raise ValueError(f"{field}: the arms and seeds decide it; leave it out here")
    return training


def _decides_only(evaluation: EvaluationConfig) -> EvaluationConfig:
    for field in evaluation.model_fields_set - SCORING:
        raise ValueError(f"{field}: `scored` says what is scored; leave it out here")
    return evaluation


Scoring = Annotated[EvaluationConfig, AfterValidator(_decides_only)]
"""An evaluation that says how is decided, and not what is scored."""


def _varied_once(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    if sum(len(getattr(stage, field)) > 1 for stage in stages for field in COUNTED) > 1:
        raise ValueError("several counts of two things; give several of one, and write another arm for the other")
    return stages


Stages = Annotated[tuple[Stage, ...], BeforeValidator(_listed), AfterValidator(_varied_once), Field(min_length=1)]


class ExperimentConfig(Model):
    """The whole file.

    Attributes:
        title: Of the page: the question.
        pipeline: File that says what is generated; its `seed` + the seed of a run is the seed of the run's data.
        training: Fields of every training, `task` among them, but for those that arms and seeds decide: `name`,
            `seed`, `steps`, `epochs`, `samples`, `photographs`, `finetune`. Without `size` it is the pipeline's.
        real: Photographs to learn from, where an arm does: `images` with one of `masks`, `boxes` and `labels`, and
            `fit`, as in `photographs` of a training.
        scored: Photographs to score on, by name.
        evaluation: `threshold`, `closing`, `least_area` and `least_score` in the place of each model's own, and
            `tta`, as in the section `evaluation` of pipeline.yaml.
        seeds: Of data and training; every arm is run with each of them.
        reference: Name of the arm that the others are compared with; of an arm with several counts, the one with
            most pictures.
        arms: A stage, or a list of stages, of which each goes on with the model of the one before, as `finetune`
            does.
    """

    title: str
    pipeline: LocalFile
    training: Annotated[dict[str, Any], AfterValidator(undecided)] = Field(default_factory=dict)
    real: RealPictures | None = None
    scored: dict[FileName, ScoredPictures] = Field(min_length=1)
    evaluation: Scoring = EvaluationConfig()
    seeds: Annotated[tuple[Count, ...], AfterValidator(distinct)] = Field(min_length=1)
    reference: str
    arms: dict[str, Stages] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_what_arms_need(self) -> ExperimentConfig:
        needy = [name for name, stages in self.arms.items() if any(stage.real for stage in stages)]
        if needy and self.real is None:
            raise ValueError(
                f"arms.{needy[0]}: learns from real pictures, and none are given; give `real`, --real-images"
            )
        return self


def read_experiment(
    path: Path, overrides: Sequence[str] = (), options: Mapping[str, Any] | None = None
) -> ExperimentConfig:
    """Read an experiment; apply overrides such as "seeds=[0]", then options, values by dotted key.

    Paths within the file are relative to it; those in overrides and options to the working directory.

    Raises:
        ConfigError: The file is missing or no YAML, a key is unknown, a value is out of range.
    """
    values = overridden_yaml(path, "experiment file", overrides, options)
    return validated(ExperimentConfig, values, path, base=path.parent)
