"""What a study file says: data, grids of runs, published figures to stand beside. No torch in here."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from synthgen.core.config import Model
from synthgen.core.errors import ConfigError
from synthgen.core.paths import LocalFile
from trainers.config.segmentation import SegmentationConfig

__all__ = ["Preset", "Published", "Run", "StudyConfig", "load_study"]

COMPOSED = ("plain_unet", "transfer")  # networks with kernel, width and batch norm of their own


class Published(Model):
    """A line of somebody's table.

    Attributes:
        name: As printed there.
        train_mean_iou: On what was learnt from.
        test_mean_iou: On what was not.
    """

    name: str
    train_mean_iou: float = Field(ge=0, le=1)
    test_mean_iou: float = Field(ge=0, le=1)


class Preset(Model):
    """One size of the study.

    Attributes:
        set: Overrides of the pipeline, such as samples.train=1000.
        grids: Each maps fields of `SegmentationConfig` to a value or to a list of them, all of whose combinations are run;
            `budget` beside them is the TFLOP of one training, from which epochs and samples follow.
    """

    set: tuple[str, ...] = ()
    grids: tuple[dict[str, Any], ...] = Field(min_length=1)


class StudyConfig(Model):
    """The whole file.

    Attributes:
        title: Of the report.
        pipeline: File that says what to generate.
        defaults: Fields of `SegmentationConfig` for all runs.
        presets: By name.
        published: Figures to stand beside.
        train_scored: Samples of the training split that are scored, too.
    """

    title: str
    pipeline: LocalFile
    defaults: dict[str, Any] = Field(default_factory=dict)
    presets: dict[str, Preset] = Field(min_length=1)
    published: tuple[Published, ...] = ()
    train_scored: int = Field(default=500, ge=1)


@dataclass(frozen=True, slots=True)
class Run:
    """One job of a study.

    Attributes:
        setting: All that was chosen, but for the seed.
        config: Of the training, named after setting and seed.
        budget: TFLOP of the training; 0 for as many epochs as the config says.
    """

    setting: str
    config: SegmentationConfig
    budget: float

    @property
    def name(self) -> str:
        """Name of the run and of its folder."""
        return self.config.title


def load_study(path: Path, preset: str, weights: Mapping[str, str]) -> tuple[StudyConfig, tuple[Run, ...]]:
    """Read a study and lay out the runs of a preset.

    Args:
        path: Of the file.
        preset: Name of one in it.
        weights: Of encoders, where a grid leaves them open: "imagenet" or a file relative to the working directory.

    Raises:
        ConfigError: The file is missing or wrong; a combination is no training; two runs are the same.
    """
    try:
        study = StudyConfig.model_validate(_read(path), context={"base": path.parent.resolve()})
    except ValidationError as error:
        raise ConfigError("\n".join(_line(path, dict(problem)) for problem in error.errors())) from None
    if preset not in study.presets:
        raise ConfigError(f"{path}: no preset {preset!r}; there are: {', '.join(study.presets)}")
    runs = [
        _run(path, {**study.defaults, **values}, weights)
        for grid in study.presets[preset].grids
        for values in _combinations(grid)
    ]
    names = [run.name for run in runs]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{path}: two runs are called {name!r}; give one of their grids a name of its own")
    return study, tuple(runs)


def _combinations(grid: dict[str, Any]) -> list[dict[str, Any]]:
    choices = [value if isinstance(value, list) else [value] for value in grid.values()]
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*choices)]


def _run(path: Path, values: dict[str, Any], weights: Mapping[str, str]) -> Run:
    budget = float(values.pop("budget", 0))
    prefix = values.pop("name", "")
    if values.get("network") != "plain_unet" and "weights" not in values:
        values["weights"] = weights.get(str(values.get("encoder")), "none")
    try:
        config = SegmentationConfig.model_validate(values, context={"base": Path.cwd()})
    except ValidationError as error:
        problems = "\n".join(_line(path, dict(problem)) for problem in error.errors())
        raise ConfigError(f"{problems}\nin the run {values}") from None
    setting = "-".join([*([prefix] if prefix else []), *_parts(config, budget)])
    return Run(setting, config.model_copy(update={"name": f"{setting}-s{config.seed}"}), budget)


def _parts(config: SegmentationConfig, budget: float) -> list[str]:
    """Say in a few words what was chosen."""
    parts = [config.network] if config.network == "plain_unet" else [config.network, config.encoder]
    if config.network in COMPOSED:
        parts += [f"k{config.kernel}", f"f{config.width}", "bn" if config.batch_norm else "nobn"]
    if config.network == "transfer" and config.activation != "own":
        parts.append(config.activation)
    if config.network == "transfer" and (
        config.activation == "leaky_relu" or (config.activation == "own" and config.encoder == "mobilenet_v2")
    ):
        parts.append(f"a{config.alpha:g}")
    if config.network not in COMPOSED and config.freeze_encoder:
        parts.append("frozen")
    parts.append(config.loss)
    parts += [f"n{config.samples}"] if config.samples else []
    parts += [f"b{budget:g}"] if budget else []
    return parts


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; give the path of a study file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from error


def _line(path: Path, problem: dict[str, Any]) -> str:
    where = ".".join(map(str, problem["loc"])) or "the file"
    return f"{path}: {where}: {problem['msg'].removeprefix('Value error, ')}"
