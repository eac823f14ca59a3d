"""An operating point chosen for a model on its validation pictures, shown as a table, and stored with the model."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from trainers.commands.scoring import counting
from trainers.config.evaluation import EvaluationConfig
from trainers.config.operating_point import OperatingPoint
from trainers.learn.checkpoint import store_point
from trainers.predict.averaged import averaged
from trainers.predict.open import open_predictor
from trainers.predict.protocols import LabelPredictor, Predictor, point_of
from trainers.score.benchmark import Benchmark, benchmarks_of
from trainers.score.choose import Choice, Trial, choose
from trainers.score.choose_label import LabelTrial, choose_label

__all__ = ["choose_point"]

SCORES = ("recall", "precision", "F1")


def choose_point(model: Path, evaluation: EvaluationConfig, dataset: Path | None, console: Console) -> None:
    """Choose on what the evaluation names, print what was tried, and write the best point into the model's file.

    Of a classifier the threshold alone is chosen.

    Raises:
        ConfigError: There is nothing to choose by.
        TrainingError: The model cannot be read or gives neither pixels nor labels, or no point finds a box.
        DatasetError: A dataset or a photograph cannot be read, or lacks its truth.
        OutputError: The model's file cannot be written.
    """
    predictor = open_predictor(model)
    if evaluation.tta:
        predictor = averaged(predictor)
    labels = isinstance(predictor, LabelPredictor)
    (benchmark,) = benchmarks_of(evaluation, dataset, kind="labels" if labels else "pixels")
    with counting(benchmark, console, "choose on") as counted:
        if isinstance(predictor, LabelPredictor):
            point = _label_point(predictor, counted, evaluation, console)
        else:
            point = _part_point(predictor, counted, evaluation, console)
    file = store_point(model, point)
    console.print(f"chosen on {benchmark.name}: {point}; stored in {file}", soft_wrap=True, highlight=False)


def _part_point(
    predictor: Predictor, benchmark: Benchmark, evaluation: EvaluationConfig, console: Console
) -> OperatingPoint:
    choice = choose(predictor, benchmark, fit=evaluation.fit)
    console.print(_thresholds(choice, benchmark.name))
    console.print(_scores(choice))
    return choice.best.point


def _label_point(
    predictor: LabelPredictor, benchmark: Benchmark, evaluation: EvaluationConfig, console: Console
) -> OperatingPoint:
    best, usual = choose_label(predictor, benchmark, fit=evaluation.fit)
    table = Table(title=benchmark.name)
    for column in ("threshold", *SCORES):
        table.add_column(column, justify="right")
    for trial, style in ((best, "bold"), *(() if best == usual else ((usual, ""),))):
        table.add_row(f"{trial.threshold:.4g}", *_figures(trial), style=style)
    console.print(table)
    return point_of(predictor).model_copy(update={"threshold": best.threshold})


def _thresholds(choice: Choice, name: str) -> Table:
    """Return a row for each threshold, with the parts that suit it best."""
    masked = choice.best.foreground_iou is not None
    table = Table(title=f"{name}: thresholds, each with its best parts")
    for column in ("threshold", *(["fg IoU"] if masked else []), "closing", "least area", "least score", *SCORES):
        table.add_column(column, justify="right")
    for threshold in dict.fromkeys(trial.point.threshold for trial in choice.trials):
        trial = choice.best_at(threshold)
        style = "bold" if threshold == choice.best.point.threshold else ""
        table.add_row(*_cells(trial), style=style)
    return table


def _cells(trial: Trial) -> list[str]:
    shown = [f"{trial.point.threshold:g}"]
    shown += [] if trial.foreground_iou is None else [f"{trial.foreground_iou:.3f}"]
    shown += [f"{trial.point.closing:g}", f"{trial.point.least_area:g}", f"{trial.point.least_score:g}"]
    return [*shown, *_figures(trial)]


def _figures(trial: Trial | LabelTrial) -> list[str]:
    return [f"{score:.3f}" for score in (trial.recall, trial.precision, trial.f1)]


def _scores(choice: Choice) -> Table:
    """Return what each least score gives beside the other three numbers as they were chosen."""
    best = choice.best.point
    table = Table(title=f"threshold {best.threshold:g}, closing {best.closing:g}, least area {best.least_area:g}")
    for column in ("least score", *SCORES):
        table.add_column(column, justify="right")
    for trial in choice.trials:
        if trial.point.model_copy(update={"least_score": best.least_score}) == best:
            style = "bold" if trial.point == best else ""
            table.add_row(f"{trial.point.least_score:g}", *_figures(trial), style=style)
    return table
