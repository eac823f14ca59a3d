"""An operating point chosen for a model on its validation pictures, shown as a table, and stored with the model."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from trainers.commands.scoring import counting
from trainers.config.evaluation import EvaluationConfig
from trainers.learn.checkpoint import store_point
from trainers.predict.averaged import averaged
from trainers.predict.open import open_predictor
from trainers.score.benchmark import benchmarks_of
from trainers.score.choose import CLOSINGS, LEAST_AREAS, Choice, Trial, choose

__all__ = ["choose_point"]


def choose_point(model: Path, evaluation: EvaluationConfig, dataset: Path | None, console: Console) -> Choice:
    """Choose on what the evaluation names, print what was tried, and write the best point into the model's file.

    Raises:
        ConfigError: There is nothing to choose by.
        TrainingError: The model cannot be read or is none of pixels, or no point finds a box.
        DatasetError: A dataset or a photograph cannot be read, or lacks its truth.
        OutputError: The model's file cannot be written.
    """
    predictor = open_predictor(model)
    if evaluation.tta:
        predictor = averaged(predictor)
    (benchmark,) = benchmarks_of(evaluation, dataset, kind="pixels")
    with counting(benchmark, console, "choose on") as counted:
        choice = choose(predictor, counted, fit=evaluation.fit)
    console.print(_thresholds(choice, benchmark.name))
    console.print(_parts(choice))
    file = store_point(model, choice.best.point)
    console.print(f"chosen on {benchmark.name}: {choice.best.point}; stored in {file}", soft_wrap=True, highlight=False)
    return choice


def _thresholds(choice: Choice, name: str) -> Table:
    """Return a row for each threshold, with the closing and the least area that suit it best."""
    masked = choice.best.foreground_iou is not None
    table = Table(title=f"{name}: thresholds, each with its best parts")
    for column in ("threshold", *(["fg IoU"] if masked else []), "closing", "least area", "recall", "precision", "F1"):
        table.add_column(column, justify="right")
    for threshold in dict.fromkeys(trial.point.threshold for trial in choice.trials):
        trial = choice.best_at(threshold)
        style = "bold" if threshold == choice.best.point.threshold else ""
        table.add_row(*_cells(trial), style=style)
    return table


def _cells(trial: Trial) -> list[str]:
    shown = [f"{trial.point.threshold:g}"]
    shown += [] if trial.foreground_iou is None else [f"{trial.foreground_iou:.3f}"]
    shown += [f"{trial.point.closing:g}", f"{trial.point.least_area:g}"]
    return [*shown, *(f"{score:.3f}" for score in (trial.recall, trial.precision, trial.f1))]


def _parts(choice: Choice) -> Table:
    """Return F1 by closing and least area at the chosen threshold."""
    table = Table(title=f"F1 of parts at threshold {choice.best.point.threshold:g}")
    table.add_column("closing", justify="right")
    for least in LEAST_AREAS:
        table.add_column(f"least area {least:g}", justify="right")
    for closing in CLOSINGS:
        trials = [
            trial
            for trial in choice.trials
            if trial.point.threshold == choice.best.point.threshold and trial.point.closing == closing
        ]
        table.add_row(f"{closing:g}", *(f"{trial.f1:.3f}" for trial in trials))
    return table
