"""What a study file says: data, grids, published figures to stand beside. No torch in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field

from synthgen.core.config import Model
from synthgen.core.paths import LocalFile
from synthgen.core.yaml_file import overridden_yaml, set_value, validated
from trainers.config.evaluation import EvaluationConfig

__all__ = ["Preset", "Published", "StudyConfig", "read_study", "split_overrides"]


class Published(Model):
    """A line of somebody's table.

    Attributes:
        scores: By column of the results, such as test_mean_iou; in the file they stand beside the name.
        name: As printed there. Its scores stand beside it, by column of the results: `test_mean_iou: 0.9`.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, float]

    name: str

    @property
    def scores(self) -> dict[str, float]:
        """Return the printed figures by column."""
        return dict(self.__pydantic_extra__)


class Preset(Model):
    """One size of the study.

    Attributes:
        set: Overrides of the pipeline, such as samples.train=1000.
        note: What a reader of the report must know about this preset.
        grids: Each maps fields of a training to a value or to a list of them, all of whose combinations are run.
            Beside them, `name` stands before the names of the runs, and `budget` is the TFLOP of one training, from
            which epochs and samples follow.
    """

    set: tuple[str, ...] = ()
    note: str = ""
    grids: tuple[dict[str, Any], ...] = Field(min_length=1)


class StudyConfig(Model):
    """The whole file.

    Attributes:
        title: Of the report.
        pipeline: File that says what to generate.
        defaults: Fields of a training, for all runs; `task` among them.
        presets: Sizes of the study; `--preset` chooses one.
        published: Lines of somebody's table, to stand beside.
        train_scored: Samples of the training split that are scored, too.
        evaluation: How the networks are scored, as the section `evaluation` of pipeline.yaml.
    """

    title: str
    pipeline: LocalFile
    defaults: dict[str, Any] = Field(default_factory=dict)
    presets: dict[str, Preset] = Field(min_length=1)
    published: tuple[Published, ...] = ()
    train_scored: int = Field(default=500, ge=1)
    evaluation: EvaluationConfig = EvaluationConfig()


def read_study(path: Path, overrides: Sequence[str] = (), evaluation: Mapping[str, Path] | None = None) -> StudyConfig:
    """Read a study; apply overrides such as "defaults.epochs=1" and paths of its evaluation from the command line.

    Raises:
        ConfigError: The file is missing or no YAML, a key is unknown, a value is out of range.
    """
    values = overridden_yaml(path, "study file", overrides)
    for name, file in (evaluation or {}).items():
        set_value(values, f"evaluation.{name}", str(file), f"--{name}")
    return validated(StudyConfig, values, path, base=path.parent)


def split_overrides(overrides: Sequence[str], model: type[Model] = StudyConfig) -> tuple[list[str], list[str]]:
    """Part the overrides of a file from those of the pipeline that it names: the first key tells which file has it."""
    ours = [override for override in overrides if override.partition("=")[0].split(".")[0] in model.model_fields]
    return ours, [override for override in overrides if override not in ours]
