"""The training stage of `synthgen run`: every network of the section, then the report."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from synthgen.core.files import make_directory
from synthgen.core.pictures import write_picture
from synthgen.formats.coco import read_coco
from trainers.config.evaluation import EvaluationConfig
from trainers.config.section import TrainingSection
from trainers.learn.checkpoint import load_model
from trainers.learn.fit import fit
from trainers.learn.log import METRICS_FILE
from trainers.predict.open import Predictor
from trainers.score.evaluate import Evaluation, evaluate, folder_batches, shard_batches
from trainers.score.evaluate_boxes import evaluate_boxes
from trainers.show.sheets import box_sheet, prediction_sheet
from trainers.show.tables import box_table, draw_curves, score_table, write_box_scores, write_scores

__all__ = ["score_boxes", "train_and_evaluate"]


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
        if settings.images is not None and settings.boxes is not None:
            score_boxes(model, settings, make_directory(report / f"boxes-{config.title}"), console)
    _conclude(report, results, f"Scores on the {settings.split} split", console)
    if photographs:
        _conclude(make_directory(report / "photographs"), photographs, "Scores on photographs", console)
    draw_curves(report / "curves.png", {name: output / "models" / name / METRICS_FILE for name in results})
    return report


def score_boxes(model: Predictor, settings: EvaluationConfig, folder: Path, console: Console) -> None:
    """Score on photographs with boxes; write table and pictures."""
    assert settings.images is not None and settings.boxes is not None, "they go together"
    found = evaluate_boxes(
        model,
        read_coco(settings.images, settings.boxes),
        threshold=settings.threshold,
        min_area=settings.min_area,
        pictures=3 * settings.pictures,
    )
    title = f"Boxes on {settings.images.name} ({found.samples} photographs)"
    write_box_scores(folder, model.title, found, title)
    write_picture(folder / "boxes.png", box_sheet(found.examples))
    console.print(box_table(model.title, found, title))


def _conclude(folder: Path, results: dict[str, Evaluation], title: str, console: Console) -> None:
    write_scores(folder, results, title)
    console.print(score_table(results, title))
