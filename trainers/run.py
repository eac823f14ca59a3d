"""The training stage of `synthgen run`: every network of the section, then the report."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from synthgen.core.files import make_directory
from synthgen.core.pictures import write_picture
from trainers.checkpoint import load_model
from trainers.config import EvaluationConfig, TrainingSection
from trainers.evaluate import Evaluation, evaluate, folder_batches, shard_batches
from trainers.fit import fit
from trainers.pictures import prediction_sheet
from trainers.report import draw_curves, score_table, write_scores

__all__ = ["train_and_evaluate"]


def train_and_evaluate(
    training: TrainingSection, evaluation: EvaluationConfig | None, dataset: Path, output: Path, *, console: Console
) -> Path:
    """Train into output/models/, score into output/report/; return the folder of the report."""
    settings = evaluation or EvaluationConfig()
    report = make_directory(output / "report")
    results: dict[str, Evaluation] = {}
    photographs: dict[str, Evaluation] = {}
    for config in training.root:
        console.print(f"train {config.title}")
        model = load_model(fit(config, dataset, output / "models" / config.title))
        batches = shard_batches(dataset, settings.split, config.batch_size)
        results[config.title] = evaluate(model, batches, threshold=settings.threshold, pictures=settings.pictures)
        write_picture(report / f"predictions-{config.title}.png", prediction_sheet(results[config.title].examples))
        if settings.images is not None and settings.masks is not None:
            pairs = folder_batches(settings.images, settings.masks, model.size)
            photographs[config.title] = evaluate(model, pairs, threshold=settings.threshold, pictures=settings.pictures)
    _conclude(report, results, f"Scores on the {settings.split} split", console)
    if photographs:
        _conclude(make_directory(report / "photographs"), photographs, "Scores on photographs", console)
    draw_curves(report / "curves.png", {name: output / "models" / name / "metrics.csv" for name in results})
    return report


def _conclude(folder: Path, results: dict[str, Evaluation], title: str, console: Console) -> None:
    write_scores(folder, results, title)
    console.print(score_table(results, title))
