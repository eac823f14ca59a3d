"""One run of a study: train, score, and leave one result row, whether it went well or not."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from synthgen.core.pictures import write_picture
from synthgen.core.types import SPLITS
from synthgen.shards.reader import ShardDataset
from trainers.config.evaluation import EvaluationConfig
from trainers.learn.checkpoint import load_model, predictor_of
from trainers.learn.classes import with_classes
from trainers.learn.fit import fit
from trainers.learn.log import METRICS_FILE, logged
from trainers.predict.protocols import Kind
from trainers.score.benchmark import Benchmark, benchmarks_of, split_benchmark
from trainers.score.evaluate import SCORERS, evaluate_as
from trainers.score.resample import intervals_of, resampled
from trainers.score.result import Result
from trainers.score.slices import slices_of
from trainers.score.traits import NOVELTY
from trainers.show.sheets import sheet_of
from trainers.study.cost import cost_of, within_budget
from trainers.study.digest import run_digest
from trainers.study.joblist import recorded
from trainers.study.runs import Run
from trainers.task import TASKS, More, ScoresMore, Task

__all__ = ["PICTURE", "Job", "job_of", "run_job"]

PICTURE = "predictions.png"
PICTURES = 6
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """A run, and all that its result depends on.

    Attributes:
        run: What to train.
        dataset: To learn from and to be scored on.
        folder: Of its model, log, picture and result.
        evaluation: How it is scored, and photographs to be scored on, too.
        train_scored: Samples of the training split that are scored.
        digest: Name of everything that decides the result.
    """

    run: Run
    dataset: Path
    folder: Path
    evaluation: EvaluationConfig
    train_scored: int
    digest: str

    @property
    def logs(self) -> Mapping[str, Path]:
        """The folder of its training."""
        return {self.run.name: self.folder}

    @property
    def identity(self) -> Row:
        """What was chosen."""
        run = self.run
        published = run.config.published()  # a result is, its author's folders are not
        config = published.model_dump(mode="json", exclude={"name", "augment", "albumentations"})
        config["weights"] = run.config.begins_with
        named = {"name": run.name, "setting": run.setting, "family": run.family, "series": run.series}
        return {**named, "budget_tflop": run.budget, **config}


def job_of(run: Run, dataset: Path, runs: Path, evaluation: EvaluationConfig, train_scored: int, *, inputs: str) -> Job:
    """Return the job of a run in a folder within `runs`; `inputs` is of `trainers.study.digest.inputs_digest`."""
    return Job(run, dataset, runs / run.name, evaluation, train_scored, run_digest(run, inputs))


def run_job(job: Job) -> Row:
    """Train and score; write and return the result row, also of a failure."""
    return recorded(job, _result)


def _result(job: Job) -> Row:
    config, task = job.run.config, TASKS[job.run.config.task]
    dataset = ShardDataset.open(job.dataset)
    present = dataset.count("train")
    cost = cost_of(with_classes(config, dataset), config.size or dataset.manifest.size)
    if job.run.budget:
        config = within_budget(config, cost, present, job.run.budget)
    start = time.monotonic()
    model = load_model(fit(config, job.dataset, job.folder, progress=False))
    seconds = time.monotonic() - start
    results = {
        benchmark.key: evaluate_as(job.evaluation, predictor_of(model), benchmark, pictures=PICTURES)
        for benchmark in _benchmarks(job, task.kind)
    }
    if isinstance(task, ScoresMore):
        for split in (split for split in SPLITS if split in results):
            found = results[split]
            results[split] = _with_more(found, task.more(model, job.dataset, split, samples=len(found.rows)))
    write_picture(job.folder / PICTURE, sheet_of(results[job.evaluation.split]))
    epochs = max(logged(job.folder / METRICS_FILE, "train_loss")[0], default=0)  # fewer than asked for with patience
    samples = config.samples or present
    pictures = epochs and (config.steps * config.accumulate * config.batch_size * config.devices or epochs * samples)
    return {
        "epochs": epochs,
        "samples": samples,
        "device": "cuda" if config.device != "cpu" and torch.cuda.is_available() else "cpu",
        "seconds": seconds,
        **cost.figures(pictures=pictures, seconds=seconds),
        **_scores(results),
        **_headline(task, results[job.evaluation.split], job.evaluation.split),
    }


def _benchmarks(job: Job, kind: Kind) -> tuple[Benchmark, ...]:
    """Return the first samples of the training split, and what the evaluation names."""
    named = benchmarks_of(job.evaluation, job.dataset, kind=kind)
    if job.evaluation.split == "train":
        return named
    count = min(job.train_scored, ShardDataset.open(job.dataset).count("train"))
    return (split_benchmark(job.dataset, "train", kind=kind, samples=count), *named)


def _scores(results: Mapping[str, Result]) -> Row:
    """Return a column for each score and each end of an interval, by benchmark, and the scores of the baselines.

    Categories seen and those held out count as benchmarks of their own, such as "test_unseen".
    """
    scores: dict[str, Mapping[str, float]] = {key: result.scores for key, result in results.items()}
    for key, result in results.items():
        sides = slices_of(result.rows, SCORERS[result.kind], (NOVELTY,))
        scores |= {f"{key}_{side.label}": side.scores for side in sides}
    row: Row = {"benchmarks": {key: list(found) for key, found in scores.items()}}
    baselines: dict[str, Row] = {}
    for key, found in scores.items():
        row |= _columns(key, found)
    for key, result in results.items():
        for name, (low, high) in result.intervals.items():
            row |= _columns(key, {f"{name}_low": low, f"{name}_high": high})
        for name, found in result.baselines.items():
            baselines[name] = baselines.get(name, {}) | _columns(key, found)
    return {**row, "baselines": baselines}


def _with_more(result: Result, more: More) -> Result:
    """Return a result with the scores that a task has beside those of its kind, which come first."""
    figures, count = np.stack([*more.figures.values()]), len(next(iter(more.figures.values())))
    means = [dict(zip(more.figures, figures @ weights / count, strict=True)) for weights in resampled(count)]
    baselines = {name: {**result.baselines.get(name, {}), **scores} for name, scores in more.baselines.items()}
    return replace(
        result,
        scores={**dict(zip(more.figures, figures.mean(1).tolist(), strict=True)), **result.scores},
        intervals={**intervals_of(means), **result.intervals},
        baselines={**result.baselines, **baselines},
    )


def _columns(key: str, scores: Mapping[str, float]) -> dict[str, float | None]:
    return {f"{key}_{name}": value if math.isfinite(value) else None for name, value in scores.items()}


def _headline(task: Task, result: Result, key: str) -> Row:
    """Return by what runs are ranked: the figure that the task watches, or the scorer's own where that is no score."""
    watched = task.watched.name.removeprefix("val_")
    found = watched in result.scores
    score = watched if found else SCORERS[result.kind].headline
    rising = task.watched.mode == "max" or not found
    return {"watched": task.watched.name, "headline": f"{key}_{score}", "rising": rising}
