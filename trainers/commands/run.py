"""The training stage of `synthgen run`: every training of the section, then the report."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from trainers.commands.scoring import score_on_all, write_results
from trainers.config.evaluation import EvaluationConfig
from trainers.config.section import TrainingSection
from trainers.learn.fit import fit
from trainers.learn.log import METRICS_FILE
from trainers.predict.open import open_predictor
from trainers.score.benchmark import Benchmark
from trainers.score.result import Result
from trainers.show.curves import draw_curves
from trainers.task import TASKS

__all__ = ["train_and_evaluate"]


def train_and_evaluate(
    training: TrainingSection, evaluation: EvaluationConfig | None, dataset: Path, output: Path, *, console: Console
) -> Path:
    """Train into output/models/, score into output/report/; return the folder of the report.

    A training that is finished is not repeated; one that broke off goes on after its last epoch.
    """
    settings, report = evaluation or EvaluationConfig(), output / "report"
    results: dict[str, dict[Benchmark, Result]] = {}
    for config in training.root:
        console.print(f"train {config.title}", highlight=False, markup=False)
        model = open_predictor(fit(config, dataset, output / "models" / config.title, resume="auto"))
        results[config.title] = score_on_all(model, settings, dataset, console)
    write_results(report, results, console)
    logs = {config.title: output / "models" / config.title / METRICS_FILE for config in training.root}
    draw_curves(
        report / "curves.png", logs, {config.title: TASKS[config.task].watched.name for config in training.root}
    )
    return report
