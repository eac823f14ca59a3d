"""The runs of an experiment: each arm with each seed, as trainings one after the other. No torch in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthgen.core.errors import ConfigError
from synthgen.core.types import Size
from trainers.config.loop import TrainingConfig
from trainers.config.section import validated_training
from trainers.experiment.arms import Arm
from trainers.experiment.config import ExperimentConfig, Stage

__all__ = ["Made", "Run", "Training", "runs_of"]


@dataclass(frozen=True, slots=True)
class Made:
    """A dataset that is generated, but for the number of its pictures.

    Attributes:
        recipe: What lies upon the pipeline's recipe, as text.
        seed: What is added to the pipeline's.
    """

    recipe: str
    seed: int


@dataclass(frozen=True, slots=True)
class Training:
    """One training of a run.

    Attributes:
        config: All of it but the model that it goes on from.
        made: The dataset that it learns from; None for real pictures alone.
        pictures: How many of its pictures.
    """

    config: TrainingConfig
    made: Made | None
    pictures: int

    @property
    def compute(self) -> int:
        """Pixels that are looked at: steps × batch × height × width."""
        config, (height, width) = self.config, self.config.size or (0, 0)
        return config.steps * config.accumulate * config.batch_size * config.devices * height * width


@dataclass(frozen=True, slots=True)
class Run:
    """An arm with a seed.

    Attributes:
        arm: What is trained.
        seed: Of data and trainings.
        trainings: One after the other, each with the model of the one before.
    """

    arm: Arm
    seed: int
    trainings: tuple[Training, ...]

    @property
    def name(self) -> str:
        """Name of the run and of its folder."""
        return f"{self.arm.file}-s{self.seed}"


def runs_of(
    experiment: ExperimentConfig, arms: Sequence[Arm], path: Path, *, size: Size, pictures: int
) -> tuple[Run, ...]:
    """Lay out the runs: all arms with the first seed, then with the next one.

    Args:
        experiment: What `path` says.
        arms: Its arms.
        path: Of the experiment file, to which paths in it are relative; for messages, too.
        size: (height, width) of the pipeline's pictures, which all learn from unless a training has another size.
        pictures: How many of them the pipeline makes.

    Raises:
        ConfigError: A field is no field of a training or wrong, or the arms are of unequal compute.
    """
    runs = tuple(
        Run(arm, seed, tuple(_training(experiment, arm, stage, seed, path, size, pictures) for stage in arm.stages))
        for seed in experiment.seeds
        for arm in arms
    )
    _check_compute(runs[: len(arms)], path)
    return runs


def _training(
    experiment: ExperimentConfig, arm: Arm, stage: Stage, seed: int, path: Path, size: Size, pictures: int
) -> Training:
    synthetic = (stage.pictures[0] or pictures) if stage.real < 1 else 0
    values = {
        "size": size,
        **experiment.training,
        **stage.training,
        "name": arm.file,
        "seed": seed,
        "steps": stage.steps,
        "samples": synthetic,
        "photographs": _photographs(experiment, stage),
    }
    config = validated_training(values, f"{path}: arm {arm.series!r}", base=path.parent)
    made = Made(stage.recipe_key, seed) if synthetic else None
    return Training(config, made, synthetic)


def _photographs(experiment: ExperimentConfig, stage: Stage) -> list[Mapping[str, Any]]:
    if not stage.real:
        return []
    assert experiment.real is not None, "checked with the file"
    own = experiment.real.model_dump(mode="json", exclude={"share", "samples"})
    return [{**own, "share": stage.real, "samples": stage.photographs[0]}]


def _check_compute(runs: Sequence[Run], path: Path) -> None:
    """Refuse arms that look at more pixels than others: what they are worth would not be told from what they cost."""
    arms: dict[int, list[str]] = {}
    for run in runs:
        arms.setdefault(sum(training.compute for training in run.trainings), []).append(run.arm.name)
    if len(arms) > 1:
        told = "; ".join(f"{' and '.join(map(repr, names))} {pixels:,}" for pixels, names in sorted(arms.items()))
        raise ConfigError(f"{path}: arms of unequal compute (steps × batch_size × pixels): {told}; give all the same")
