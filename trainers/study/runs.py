"""The runs of a study: every combination of a preset's grids, each with a name. No torch in here."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthgen.core.errors import ConfigError
from synthgen.core.files import content_of, sha256_of
from trainers.config.clip import ClipConfig
from trainers.config.loop import TrainingConfig
from trainers.config.over_clip import clip_of
from trainers.config.section import validated_training
from trainers.config.weights import NO_FILE
from trainers.study.config import StudyConfig
from trainers.study.naming import differences, name_of

__all__ = ["Run", "runs_of"]

MOST_RUNS = 10_000


@dataclass(frozen=True, slots=True)
class Run:
    """One job of a study.

    Attributes:
        config: Of the training, named after the setting and the seed.
        family: What is trained, e.g. network and encoder.
        setting: All that was chosen, but for the seed.
        series: All that was chosen, but for the seed and the number of samples.
        budget: TFLOP of the training; 0 for as many epochs as the config says.
    """

    config: TrainingConfig
    family: str
    setting: str
    series: str
    budget: float

    @property
    def name(self) -> str:
        """Name of the run and of its folder."""
        return self.config.title


def runs_of(study: StudyConfig, preset: str, path: Path, weights: Mapping[str, str]) -> tuple[Run, ...]:
    """Lay out the runs of a preset.

    Args:
        study: What `path` says.
        preset: Name of one in it.
        path: Of the study file, to which paths in it are relative; for messages, too.
        weights: Of encoders, or of networks that are their own encoder, where neither a grid nor the defaults name any:
            "imagenet" or the absolute path of a file.

    Raises:
        ConfigError: There is no such preset; a combination is no training; two runs are the same.
    """
    if preset not in study.presets:
        raise ConfigError(f"{path}: no preset {preset!r}; there are: {', '.join(study.presets)}")
    grids = study.presets[preset].grids
    count = sum(math.prod(len(choices) for choices in _choices(grid)) for grid in grids)
    if not 1 <= count <= MOST_RUNS:
        raise ConfigError(f"{path}: the preset {preset} has {count:,} runs; give each grid 1 to {MOST_RUNS:,} in all")
    runs = tuple(_run(path, study.defaults, values, weights) for grid in grids for values in _combinations(grid))
    seen: set[str] = set()
    for name in (run.name for run in runs):
        if name in seen:
            raise ConfigError(f"{path}: two runs are called {name!r}: they are the same; give one grid a `name`")
        seen.add(name)
    return runs


def _choices(grid: Mapping[str, Any]) -> list[list[Any]]:
    return [value if isinstance(value, list) else [value] for value in grid.values()]


def _combinations(grid: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*_choices(grid)):
        yield dict(zip(grid, values, strict=True))


def _run(path: Path, defaults: Mapping[str, Any], grid: Mapping[str, Any], weights: Mapping[str, str]) -> Run:
    where = f"{path}: the run {dict(grid)!s:.300}"
    budget = _budget(where, grid.get("budget", 0))
    values = {field: value for field, value in {**defaults, **grid}.items() if field != "budget"}
    bodies = [name for name in (str(values.get("network")), str(values.get("encoder"))) if name in weights]
    if "weights" not in values and bodies and values.get("network") != "plain_unet":
        values["weights"] = weights[bodies[0]]
    config = validated_training(values, where, base=path.parent)
    if budget and config.steps:
        raise ConfigError(f"{where}: budget decides how long a training is, and so does steps; give one of them")
    chosen = _chosen(config, defaults, grid) | ({"budget": budget} if budget else {})
    family = config.model_copy(update={"name": ""}).title
    setting = name_of(config.name, family, chosen)
    series = name_of(config.name, family, {field: value for field, value in chosen.items() if field != "samples"})
    named = validated_training({**values, "name": f"{setting}-s{config.seed}"}, where, base=path.parent)
    return Run(named, name_of("", family, {}), setting, series, budget)


def _chosen(config: TrainingConfig, defaults: Mapping[str, Any], grid: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the grid changes of the study's defaults; of a file of weights, or a CLIP, name and what it holds."""
    usual = {name: field.get_default(call_default_factory=True) for name, field in type(config).model_fields.items()}
    told = {field: value for field, value in grid.items() if field not in ("name", "seed", "budget")}
    chosen = differences(told, {**usual, **defaults})
    if "weights" in chosen and config.weights not in NO_FILE:
        file = Path(config.weights)
        chosen["weights"] = f"{file.stem}-{sha256_of(file)[:8]}"
    if "clip" in chosen and (clip := clip_of(config)):
        chosen["clip"] = _clip_name(clip)
    return chosen


def _clip_name(clip: ClipConfig) -> str:
    if clip.place is not None:
        return f"{clip.place.name}-{content_of(clip.place)[:8]}"
    return "-".join(part for part in (clip.model, clip.weights) if part)


def _budget(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ConfigError(f"{where}: budget: expected TFLOP, a number from 0 (found {value!r})")
    return float(value)
