"""Everything about an experiment that is decided, and refused, before its first dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from synthgen.core.types import Size
from trainers.experiment.arms import Arm, arms_of, reference_of
from trainers.experiment.checks import check_photographs
from trainers.experiment.config import ExperimentConfig
from trainers.experiment.places import Place, places_of
from trainers.experiment.runs import Made, Run, runs_of
from trainers.task import TASKS

__all__ = ["Plan", "planned"]


@dataclass(frozen=True, slots=True)
class Plan:
    """An experiment laid out.

    Attributes:
        experiment: What the file says.
        arms: In the order of the file.
        reference: The arm that the others are compared with.
        runs: Each arm with each seed.
        places: Where they are scored.
        totals: How many "photographs" and "pictures" there are where an arm has all.
    """

    experiment: ExperimentConfig
    arms: tuple[Arm, ...]
    reference: Arm
    runs: tuple[Run, ...]
    places: tuple[Place, ...]
    totals: Mapping[str, int]

    @property
    def made(self) -> dict[Made, int]:
        """The datasets that are needed, each with the most pictures that a run learns from."""
        most: dict[Made, int] = {}
        for training in (training for run in self.runs for training in run.trainings):
            if training.made is not None:
                most[training.made] = max(most.get(training.made, 0), training.pictures)
        return most


def planned(experiment: ExperimentConfig, path: Path, *, size: Size, pictures: int) -> Plan:
    """Lay out an experiment, and look at every photograph that it names.

    Args:
        experiment: What `path` says.
        path: The file, for messages.
        size: (height, width) of the pipeline's pictures.
        pictures: How many the pipeline makes.

    Raises:
        ConfigError: There is no such reference, a training is none, arms are of unequal compute, or photographs are too
            few, without a target, or shared between what is learnt from and what is scored.
        DatasetError: A photograph, or what is annotated, cannot be read.
    """
    arms = arms_of(experiment, path)
    runs = runs_of(experiment, arms, path, size=size, pictures=pictures)
    places = places_of(experiment.scored, TASKS[runs[0].trainings[0].config.task].kind)
    photographs = check_photographs(experiment.real, places, arms)
    totals = {"photographs": photographs, "pictures": pictures}
    return Plan(experiment, arms, reference_of(experiment, arms, path), runs, places, totals)
