"""A predictor scored on everything that an evaluation names, and what is left of it on disk and on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from rich.console import Console

from synthgen.core.files import make_directory
from synthgen.core.picture import Picture, Samples
from synthgen.core.pictures import write_picture
from synthgen.core.progress import Report, progress
from trainers.config.evaluation import EvaluationConfig
from trainers.predict.protocols import Predictor, kind_of
from trainers.score.benchmark import Benchmark, benchmarks_of
from trainers.score.evaluate import evaluate
from trainers.score.result import Result
from trainers.show.sheets import sheet_of
from trainers.show.tables import score_table, write_scores

__all__ = ["score_on_all", "write_results"]


def score_on_all(
    predictor: Predictor, evaluation: EvaluationConfig, dataset: Path | None, console: Console
) -> dict[Benchmark, Result]:
    """Score on a dataset's split and on photographs, whichever there are.

    Raises:
        ConfigError: There is nothing to score on.
        DatasetError: A dataset or a photograph cannot be read.
    """
    benchmarks = benchmarks_of(evaluation, dataset, kind=kind_of(predictor))
    return {benchmark: _scored(predictor, benchmark, evaluation, console) for benchmark in benchmarks}


def write_results(folder: Path, results: Mapping[str, Mapping[Benchmark, Result]], console: Console) -> None:
    """Write a table for each benchmark and a sheet for each model on it into `folder`, and print the tables.

    The files of a dataset's split are called results and predictions, those of photographs after the benchmark's key.

    Args:
        folder: It is made where it is missing.
        results: By the name of the model, then by benchmark.
        console: To print on.
    """
    make_directory(folder)
    keys = dict.fromkeys(benchmark.key for found in results.values() for benchmark in found)
    for key in keys:
        chosen = {
            name: (benchmark, result)
            for name, found in results.items()
            for benchmark, result in found.items()
            if benchmark.key == key
        }
        for kind in dict.fromkeys(result.kind for _, result in chosen.values()):
            _write(folder, key, {name: pair for name, pair in chosen.items() if pair[1].kind == kind}, console)


def _write(folder: Path, key: str, chosen: Mapping[str, tuple[Benchmark, Result]], console: Console) -> None:
    benchmark, first = next(iter(chosen.values()))
    results = {name: result for name, (_, result) in chosen.items()}
    title = f"{benchmark.name} ({len(first.rows)} images)"
    photographs = key in ("photographs", "boxes")
    write_scores(folder, results, title, key if photographs else "results")
    for name, result in results.items():
        write_picture(folder / f"{key if photographs else 'predictions'}-{name}.png", sheet_of(result))
    console.print(score_table(results, title))


def _scored(predictor: Predictor, benchmark: Benchmark, evaluation: EvaluationConfig, console: Console) -> Result:
    with progress(console, f"score {benchmark.name}", total=len(benchmark.samples), unit="images") as report:
        counted = replace(benchmark, samples=_Counted(benchmark.samples, report))
        return evaluate(
            predictor,
            counted,
            threshold=evaluation.threshold,
            min_area=evaluation.min_area,
            pictures=evaluation.pictures,
        )


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
