"""The training stage of `synthgen run`: every training of the section, then the report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from synthgen.core.pictures import write_picture
from trainers.commands.scoring import score_on_all, write_results
from trainers.config.evaluation import EvaluationConfig
from trainers.config.section import TrainingSection
from trainers.learn.fit import fit
from trainers.learn.log import METRICS_FILE
from trainers.predict.open import open_predictor
from trainers.score.benchmark import Benchmark
from trainers.score.result import Result
from trainers.show.curves import draw_curves
from trainers.show.showcase import best_of, showcase
from trainers.task import TASKS

__all__ = ["train_and_evaluate"]

SHOWCASE = "showcase.png"


def train_and_evaluate(
    training: TrainingSection, evaluation: EvaluationConfig | None, dataset: Path, output: Path, *, console: Console
) -> Path:
    """Train into output/models/, score into output/report/; return the folder of the report.

    A training that is finished is not repeated; one that broke off goes on after its last epoch.
    Segmenters end in showcase.png: what the best of them sees in scenes of the dataset's split.
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
    _show_best(report / SHOWCASE, results, console)
    return report


def _show_best(path: Path, results: Mapping[str, Mapping[Benchmark, Result]], console: Console) -> None:
    """Draw the best segmenter on the dataset's split, and say where the picture lies."""
    segmented = {
        name: result
        for name, found in results.items()
        for benchmark, result in found.items()
        if benchmark.of_split and result.kind == "pixels"
    }
    if segmented:
        write_picture(path, showcase(*best_of(segmented)))
        console.print(f"picture: {path}", highlight=False, markup=False, soft_wrap=True)
