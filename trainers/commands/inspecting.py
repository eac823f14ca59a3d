"""A model scored, and told of beyond the scores: slices, a camera at five severities, batch norm estimated anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from synthgen.core.errors import ConfigError
from synthgen.core.progress import progress
from trainers.commands.degrading import TRAINED, Contender, score_degraded, variant
from trainers.commands.scoring import score, write_results
from trainers.config.evaluation import EvaluationConfig
from trainers.config.inspection import Inspection
from trainers.learn.checkpoint import predictor_of
from trainers.predict.open import open_model, open_predictor
from trainers.predict.protocols import Predictor, kind_of
from trainers.score.adapted import adapted, check_adaptable
from trainers.score.benchmark import Benchmark, benchmarks_of
from trainers.score.evaluate import SCORERS
from trainers.score.result import Result
from trainers.score.slices import slices_of, with_traits
from trainers.show.slices import worst_sentence, write_slices

__all__ = ["score_and_inspect"]

ADAPTED = "adapted (transductive)"


def score_and_inspect(
    model: Path, evaluation: EvaluationConfig, asked: Inspection, dataset: Path | None, folder: Path, console: Console
) -> None:
    """Score on a dataset's split and on photographs, whichever there are, and write what is asked into `folder`.

    Slices are those of the model as it was trained.

    Raises:
        TrainingError: The model cannot be read or scored, or has no batch norm that could be estimated anew.
        ConfigError: There is nothing to score on, or a domain is given for a model of something else than labels.
        DatasetError: A dataset or a photograph cannot be read, or lacks its truth.
        OutputError: The folder cannot be written.
    """
    predictor, contenders = _contenders(model, evaluation, adapt=asked.adapt)
    kind = kind_of(predictor)
    if evaluation.domains and kind != "labels":
        raise ConfigError(f"{predictor.title}: gives {kind}, and a domain is scored by labels; leave it out")
    benchmarks = benchmarks_of(evaluation, dataset, kind=kind)
    results = {
        name: {benchmark: score(contender(benchmark), benchmark, evaluation, console) for benchmark in benchmarks}
        for name, contender in contenders.items()
    }
    if asked.slices:
        results[TRAINED] = {each: _described(each, result, console) for each, result in results[TRAINED].items()}
    titled = {variant(predictor.title, name): found for name, found in results.items()}
    write_results(folder, titled, console, named=False)
    if asked.slices:
        _write_slices(folder, results[TRAINED], console)
    if asked.degrade is not None:
        score_degraded(asked.degrade, contenders, results, evaluation, folder, console)


def _contenders(path: Path, evaluation: EvaluationConfig, *, adapt: bool) -> tuple[Predictor, dict[str, Contender]]:
    """Return the model as a predictor, and what is scored: the model, and perhaps one made of it for each benchmark."""
    if not adapt:
        plain = open_predictor(path)
        return plain, {TRAINED: lambda benchmark: plain}
    model = open_model(path)
    check_adaptable(model)
    predictor: Predictor = predictor_of(model)
    return predictor, {
        TRAINED: lambda benchmark: predictor,
        ADAPTED: lambda benchmark: predictor_of(adapted(model, benchmark.samples, evaluation.fit)),
    }


def _described(benchmark: Benchmark, result: Result, console: Console) -> Result:
    """Return the result with the traits of each row's picture."""
    rows = []
    with progress(console, f"describe {benchmark.name}", total=len(result.rows), unit="images") as report:
        for row in with_traits(result.rows, benchmark.samples):
            rows.append(row)
            report()
    return replace(result, rows=tuple(rows))


def _write_slices(folder: Path, results: Mapping[Benchmark, Result], console: Console) -> None:
    """Write the slices of each result, and print the worst of them."""
    for benchmark, result in results.items():
        stem = f"{'results' if benchmark.of_split else benchmark.key}-slices"
        slices = slices_of(result.rows, SCORERS[result.kind])
        file = write_slices(folder, result, slices, f"Slices of {benchmark.name} by {result.predictor}", stem)
        console.print(f"{benchmark.name}: {worst_sentence(result, slices)}", highlight=False, markup=False)
        console.print(f"slices: {file}", highlight=False, markup=False, soft_wrap=True)
