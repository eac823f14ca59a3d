"""One run of a study: train, score, and leave one result row, whether it went well or not."""

from __future__ import annotations

import hashlib
import json
import logging
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from synthgen.core.errors import SynthgenError
from synthgen.core.files import make_directory, sha256_of, write_atomic
from synthgen.core.pictures import write_picture
from synthgen.formats.coco import read_coco
from synthgen.shards.manifest import MANIFEST
from synthgen.shards.reader import ShardDataset
from trainers.config.evaluation import EvaluationConfig
from trainers.learn.checkpoint import load_model
from trainers.learn.fit import fit
from trainers.learn.log import METRICS_FILE, logged
from trainers.predict.open import Predictor
from trainers.score.evaluate import EMPTY, FULL, Evaluation, evaluate, folder_batches, shard_batches
from trainers.score.evaluate_boxes import evaluate_boxes
from trainers.show.sheets import prediction_sheet
from trainers.study.config import Run
from trainers.study.cost import Cost, cost_of, within_budget

__all__ = ["RESULT_FILE", "Job", "failed_row", "finished_row", "read_row", "run_job"]

RESULT_FILE = "result.json"
BATCH = 32
PICTURES = 6


@dataclass(frozen=True, slots=True)
class Job:
    """A run, and all that its result depends on.

    Attributes:
        run: What to train.
        dataset: To learn from and to be scored on.
        folder: Of its model, log, picture and result.
        evaluation: Threshold, and photographs to be scored on, too.
        train_scored: Samples of the training split that are scored.
        threads: Of torch; 0 for its own choice.
    """

    run: Run
    dataset: Path
    folder: Path
    evaluation: EvaluationConfig
    train_scored: int
    threads: int = 0

    @property
    def digest(self) -> str:
        """Name of everything that decides the result."""
        parts = [
            self.run.config.model_dump_json(),
            str(self.run.budget),
            sha256_of(self.dataset / MANIFEST),
            self.evaluation.model_dump_json(),
            str(self.train_scored),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def finished_row(job: Job) -> dict[str, Any] | None:
    """Return the row of a job that went well before, unless anything it depends on has changed since."""
    row = read_row(job)
    return row if row is not None and row["status"] == "done" else None


def read_row(job: Job) -> dict[str, Any] | None:
    """Return the row that the job has left, well or failed; None if there is none, or one of another job."""
    try:
        row: dict[str, Any] = json.loads((job.folder / RESULT_FILE).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return row if row["digest"] == job.digest else None


def run_job(job: Job) -> dict[str, Any]:
    """Train and score; write and return the result row, also of a failure, whose trace stays in error.txt."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    if job.threads:
        torch.set_num_threads(job.threads)
    make_directory(job.folder)
    (job.folder / RESULT_FILE).unlink(missing_ok=True)
    try:
        row = _result(job)
        (job.folder / "error.txt").unlink(missing_ok=True)
    except Exception as error:  # whatever it is, the other runs go on
        write_atomic(job.folder / "error.txt", traceback.format_exc().encode())
        name = "" if isinstance(error, SynthgenError) else f"{type(error).__name__}: "
        row = failed_row(job, f"{name}{error}")
    write_atomic(job.folder / RESULT_FILE, (json.dumps(row, indent=1) + "\n").encode())
    return row


def failed_row(job: Job, error: str) -> dict[str, Any]:
    """Return the row of a run that failed."""
    return {**_identity(job), "status": "failed", "error": error}


def _identity(job: Job) -> dict[str, Any]:
    config = job.run.config.model_dump(mode="json", exclude={"name", "augment", "albumentations"})
    return {
        "name": job.run.name,
        "setting": job.run.setting,
        "digest": job.digest,
        "budget_tflop": job.run.budget,
        **config,
    }


def _result(job: Job) -> dict[str, Any]:
    dataset = ShardDataset.open(job.dataset)
    config, present = job.run.config, dataset.count("train")
    cost = cost_of(config, dataset.manifest.size)
    if job.run.budget:
        config = within_budget(config, cost, present, job.run.budget)
    start = time.monotonic()
    model = load_model(fit(config, job.dataset, job.folder, progress=False))
    seconds = time.monotonic() - start
    evaluations = _evaluations(job, model)
    write_picture(job.folder / "predictions.png", prediction_sheet(evaluations["test"].examples))
    epochs = logged(job.folder / METRICS_FILE, "train_loss")[0][-1]  # with patience, fewer than asked for
    samples = config.samples or present
    pictures = epochs * samples
    row: dict[str, Any] = {**_identity(job), "epochs": epochs, "samples": samples}
    row |= {"status": "done", "error": "", "device": str(model.module.device), "seconds": seconds}
    row |= _costs(cost, pictures, seconds)
    for split, evaluation in evaluations.items():
        row |= _named(split, evaluation.scores)
        row |= {f"{split}_foreground_iou_{end}": value for end, value in _interval(evaluation).items()}
    row["baselines"] = {
        name: {key: value for split, found in evaluations.items() for key, value in _named(split, which(found)).items()}
        for name, which in ((EMPTY, lambda found: found.empty), (FULL, lambda found: found.full))
    }
    return row | _box_scores(job, model)


def _evaluations(job: Job, model: Predictor) -> dict[str, Evaluation]:
    settings = job.evaluation
    count = min(job.train_scored, ShardDataset.open(job.dataset).count("train"))
    batches = {
        "train": shard_batches(job.dataset, "train", BATCH, count),
        "test": shard_batches(job.dataset, settings.split, BATCH),
    }
    if settings.images is not None and settings.masks is not None:
        batches["real"] = folder_batches(settings.images, settings.masks, model.size)
    return {
        name: evaluate(model, found, threshold=settings.threshold, pictures=PICTURES) for name, found in batches.items()
    }


def _box_scores(job: Job, model: Predictor) -> dict[str, float]:
    settings = job.evaluation
    if settings.images is None or settings.boxes is None:
        return {}
    photographs = read_coco(settings.images, settings.boxes)
    found = evaluate_boxes(model, photographs, threshold=settings.threshold, min_area=settings.min_area, pictures=1)
    return {f"real_{name}": value for name, value in found.scores.items()}


def _costs(cost: Cost, pictures: int, seconds: float) -> dict[str, float]:
    return {
        **{name: value for name, value in asdict(cost).items() if name in ("parameters", "trainable")},
        "gflop_forward": cost.forward / 1e9,
        "tflop_training": cost.training * pictures / 1e12,
        "images_per_second": pictures / seconds,
    }


def _named(split: str, scores: dict[str, float]) -> dict[str, float | None]:
    return {f"{split}_{name}": None if value != value else value for name, value in scores.items()}


def _interval(evaluation: Evaluation) -> dict[str, float]:
    low, high = evaluation.intervals["foreground_iou"]
    return {"low": low, "high": high}
