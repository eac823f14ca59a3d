"""Photographs scored through a camera at five severities: a table, a chart, and one photograph at all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from synthgen.core.pictures import write_picture
from synthgen.formats.degraded import SEVERITIES, Camera, DegradedSamples
from trainers.commands.scoring import score
from trainers.config.evaluation import EvaluationConfig
from trainers.predict.protocols import Predictor
from trainers.score.benchmark import Benchmark
from trainers.score.evaluate import SCORERS
from trainers.score.result import Result
from trainers.show.severities import draw_severities, severity_name, severity_sheet
from trainers.show.tables import score_table, write_scores

__all__ = ["TRAINED", "Contender", "score_degraded", "variant"]

Contender = Callable[[Benchmark], Predictor]  # gives what is scored on a benchmark, at whose pictures it may look
TRAINED = "as trained"


def variant(name: str, contender: str) -> str:
    """Return the name of a row of a table: that of the model's own rows is as it is."""
    return name if contender == TRAINED else f"{name}, {contender}"


def score_degraded(
    camera: Camera,
    contenders: Mapping[str, Contender],
    plain: Mapping[str, Mapping[Benchmark, Result]],
    evaluation: EvaluationConfig,
    folder: Path,
    console: Console,
) -> None:
    """Score photographs through a camera; write KEY-CAMERA.md, .json, .png and -sheet.png, and print the table.

    Args:
        camera: Its name.
        contenders: What is scored, by name.
        plain: The results of each on the photographs as they are; those on a dataset are passed over.
        evaluation: How it is scored.
        folder: To write into.
        console: To print on.

    Raises:
        DatasetError: A photograph cannot be read.
        OutputError: The folder cannot be written.
    """
    for benchmark in next(iter(plain.values())):
        if benchmark.of_split:
            continue
        worse = [_through(camera, severity, benchmark) for severity in SEVERITIES]
        curves = {
            name: [plain[name][benchmark], *(score(contender(each), each, evaluation, console) for each in worse)]
            for name, contender in contenders.items()
        }
        _write(folder, f"{benchmark.key}-{camera}", f"{benchmark.name} through {camera}", curves, console)
        number = _telling(plain[TRAINED][benchmark])
        images = [each.samples[number].image for each in (benchmark, *worse)]
        write_picture(folder / f"{benchmark.key}-{camera}-sheet.png", severity_sheet(images))


def _through(camera: Camera, severity: int, benchmark: Benchmark) -> Benchmark:
    name = f"{benchmark.name}, {camera} {severity}"
    return replace(benchmark, name=name, samples=DegradedSamples(benchmark.samples, camera, severity))


def _write(folder: Path, stem: str, title: str, curves: Mapping[str, Sequence[Result]], console: Console) -> None:
    first = next(iter(curves.values()))[0]
    title = f"{first.predictor} on {title} ({len(first.rows)} images, {first.fit})"
    table = {
        variant(severity_name(severity), name): result
        for name, results in curves.items()
        for severity, result in enumerate(results)
    }
    write_scores(folder, table, title, stem)
    draw_severities(folder / f"{stem}.png", curves, title)
    for name, results in curves.items():
        rows = {severity_name(severity): result for severity, result in enumerate(results)}
        console.print(score_table(rows, variant(title, name)))


def _telling(result: Result) -> int:
    """Return the number of the first picture that bears on the score; of the first one where none does."""
    decides = SCORERS[result.kind].decides
    return next((number for number, row in enumerate(result.rows) if decides(row)), 0)
