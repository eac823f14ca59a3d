"""A predictor scored on everything that an evaluation names, and what is left of it on disk and on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from rich.console import Console

from synthgen.core.files import make_directory
from synthgen.core.picture import Picture, Samples
from synthgen.core.pictures import write_picture
from synthgen.core.progress import Report, progress
from trainers.config.evaluation import EvaluationConfig
from trainers.predict.protocols import Kind, Predictor, kind_of
from trainers.score.benchmark import Benchmark, benchmarks_of
from trainers.score.class_figures import class_names, confusion_of
from trainers.score.evaluate import evaluate_as
from trainers.score.result import Result
from trainers.show.box_figures import draw_box_figures
from trainers.show.confusion import write_confusion
from trainers.show.domains import domain_table, write_domains
from trainers.show.label_figures import draw_label_figures
from trainers.show.novelty import novelty_table, sides_of
from trainers.show.sheets import sheet_of
from trainers.show.tables import class_table, score_table, write_scores
from trainers.tasks.segmentation.confusion import BACKGROUND

__all__ = ["counting", "score", "score_on_all", "write_results"]


def score_on_all(
    predictor: Predictor, evaluation: EvaluationConfig, dataset: Path | None, console: Console
) -> dict[Benchmark, Result]:
    """Score on a dataset's split and on photographs, whichever there are.

    Raises:
        ConfigError: There is nothing to score on.
        DatasetError: A dataset or a photograph cannot be read.
    """
    benchmarks = benchmarks_of(evaluation, dataset, kind=kind_of(predictor))
    return {benchmark: score(predictor, benchmark, evaluation, console) for benchmark in benchmarks}


def score(predictor: Predictor, benchmark: Benchmark, evaluation: EvaluationConfig, console: Console) -> Result:
    """Score on one benchmark as the evaluation says.

    Raises:
        TrainingError: The predictor does not give what the benchmark compares.
        DatasetError: A picture cannot be read, or has not the truth that is compared.
    """
    with counting(benchmark, console, "score") as counted:
        return evaluate_as(evaluation, predictor, counted, pictures=evaluation.pictures)


def write_results(
    folder: Path, results: Mapping[str, Mapping[Benchmark, Result]], console: Console, *, named: bool = True
) -> None:
    """Write a table for each benchmark and a sheet for each model on it into `folder`, and print the tables.

    The files of a dataset's split are called results and predictions, those of photographs after the benchmark's key.
    Where classes are told apart, a confusion matrix lies beside each sheet.
    Models of different kinds have tables of their own. Where labels are scored on several benchmarks, domains.md has
    all of them in one table.

    Args:
        folder: It is made where it is missing.
        results: By the name of the model, then by benchmark.
        console: To print on.
        named: Whether each model has a sheet, whose file has the model's name; otherwise the first one alone has.
    """
    make_directory(folder)
    tables: dict[tuple[str, Kind], dict[str, Result]] = {}
    titles: dict[tuple[str, Kind], str] = {}
    benchmarks: dict[str, Benchmark] = {}
    for name, found in results.items():
        for benchmark, result in found.items():
            tables.setdefault((benchmark.key, result.kind), {})[name] = result
            fit = "" if benchmark.of_split else f", {result.fit}"
            titles[benchmark.key, result.kind] = f"{benchmark.name} ({len(result.rows)} images{fit})"
            benchmarks[benchmark.key] = benchmark
    keys = [key for key, _ in tables]
    for (key, kind), table in tables.items():
        kinds = f"-{kind}" if keys.count(key) > 1 else ""
        stem = f"{'results' if benchmarks[key].of_split else key}{kinds}"
        sides = sides_of(table)
        write_scores(folder, table, titles[key, kind], stem, sides)
        if kind == "boxes":
            draw_box_figures(folder, table, titles[key, kind], stem)
        if kind == "labels":
            draw_label_figures(folder, table, titles[key, kind], stem)
        for name, result in table.items() if named else [*table.items()][:1]:
            sheet = ("predictions" if benchmarks[key].of_split else key) + (f"-{name}" if named else "")
            write_picture(folder / f"{sheet}.png", sheet_of(result))
            _write_confusion(folder, f"{sheet}-confusion", result)
        console.print(score_table(table, titles[key, kind]))
        for more in (class_table(table, titles[key, kind]), novelty_table(sides, titles[key, kind])):
            if more is not None:
                console.print(more)
    labelled = [(benchmarks[key].name, table) for (key, kind), table in tables.items() if kind == "labels"]
    if len(labelled) > 1:
        write_domains(folder, labelled)
        console.print(domain_table(labelled))


def _write_confusion(folder: Path, stem: str, result: Result) -> None:
    """Write which class was taken for which, where classes are told apart."""
    names = class_names(result.rows) if result.kind == "pixels" else ()
    if names:
        title = f"{result.predictor} on {result.benchmark}"
        confusion = confusion_of(result.rows)
        write_confusion(folder, stem, confusion, (BACKGROUND, *names), title=title, unit="pixels")


@contextmanager
def counting(benchmark: Benchmark, console: Console, verb: str) -> Iterator[Benchmark]:
    """Yield the benchmark so that it tells on the console how far it has been read."""
    with progress(console, f"{verb} {benchmark.name}", total=len(benchmark.samples), unit="images") as report:
        yield replace(benchmark, samples=_Counted(benchmark.samples, report))


@dataclass(frozen=True)
class _Counted:
    """Samples that report each picture that is asked for."""

    samples: Samples
    report: Report
    lock: Lock = field(default_factory=Lock)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> Picture:
        picture = self.samples[index]
        with self.lock:
            self.report()
        return picture
