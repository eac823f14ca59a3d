"""One run of an experiment: its trainings one after the other, then every place scored, picture by picture."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainers.config.evaluation import EvaluationConfig
from trainers.experiment.places import Place
from trainers.experiment.runs import Run
from trainers.experiment.scoring import score_at
from trainers.learn.checkpoint import MODEL_FILE
from trainers.learn.fit import fit
from trainers.learn.trainer import LAST
from trainers.predict.open import open_predictor
from trainers.score.result import Result
from trainers.show.tables import write_rows
from trainers.study.joblist import recorded

__all__ = ["Job", "model_file", "rows_file", "run_job"]

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """A run, and all that its result depends on.

    Attributes:
        run: What to train.
        datasets: What each of its trainings learns from; None for real pictures alone.
        places: Where it is scored.
        evaluation: How it is scored.
        folder: Of its models, logs, rows and result.
        digest: Name of everything that decides the result.
    """

    run: Run
    datasets: tuple[Path | None, ...]
    places: tuple[Place, ...]
    evaluation: EvaluationConfig
    folder: Path
    digest: str

    @property
    def logs(self) -> Mapping[str, Path]:
        """The folders of its trainings."""
        return {f"{self.run.name}, stage {number}": _stage(self.folder, number) for number in self._numbers}

    @property
    def identity(self) -> Row:
        """What was trained."""
        arm, trainings = self.run.arm, self.run.trainings
        return {
            "name": self.run.name,
            "arm": arm.name,
            "series": arm.series,
            "seed": self.run.seed,
            "dataset": self._dataset,
            "stages": len(trainings),
            "steps": sum(training.config.steps for training in trainings),
        }

    @property
    def _dataset(self) -> str:
        """Name of the dataset that it learns from; empty where it learns from several, or from real pictures too."""
        (dataset, *others), (training, *_) = self.datasets, self.run.trainings
        return "" if others or dataset is None or training.config.photographs else dataset.name

    @property
    def _numbers(self) -> range:
        return range(1, 1 + len(self.run.trainings))


def run_job(job: Job) -> Row:
    """Train and score; write and return the result row, also of a failure."""
    return recorded(job, _result)


def rows_file(folder: Path, place: Place) -> Path:
    """Return the file of what was measured on each picture, in the folder of a run."""
    return folder / f"{place.key}.parquet"


def model_file(folder: Path, run: Run) -> Path:
    """Return the model of a run's last training, in the folder of the run."""
    return _stage(folder, len(run.trainings)) / MODEL_FILE


def _stage(folder: Path, number: int) -> Path:
    return folder / f"stage-{number}"


def _result(job: Job) -> Row:
    started = time.monotonic()
    model = _trained(job)
    seconds = time.monotonic() - started
    predictor = open_predictor(model)
    row: Row = {"seconds": seconds}
    for place in job.places:
        result = score_at(place, predictor, job.evaluation)
        write_rows(rows_file(job.folder, place), {job.run.name: result})
        row |= _columns(place, result)
    for number in job._numbers:  # what is left of a training that ended well is its model and its log
        shutil.rmtree((_stage(job.folder, number) / LAST).parent, ignore_errors=True)
    return row


def _trained(job: Job) -> Path:
    """Train stage after stage; one that is finished, or broke off, goes on from there. Return the last model."""
    model = ""
    for number, (training, dataset) in enumerate(zip(job.run.trainings, job.datasets, strict=True), 1):
        config = training.config.model_copy(update={"finetune": model})
        model = str(fit(config, dataset, _stage(job.folder, number), resume="auto", progress=False))
    return Path(model)


def _columns(place: Place, result: Result) -> dict[str, float | None]:
    return {f"{place.key}_{score}": value if math.isfinite(value) else None for score, value in result.scores.items()}
