"""An experiment from its plan to its page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from synthgen.core.files import make_directory
from synthgen.parallel import EngineConfig
from trainers.experiment.digests import run_digests
from trainers.experiment.job import Job, rows_file, run_job
from trainers.experiment.places import Place
from trainers.experiment.plan import Plan
from trainers.experiment.report import write_report, write_tables
from trainers.experiment.runs import Made
from trainers.experiment.summary import Summary, drawn_at, summary_of
from trainers.score.compare import Drawn
from trainers.score.evaluate import SCORERS
from trainers.show.tables import read_rows
from trainers.study.columns import title_of
from trainers.study.joblist import done_rows

__all__ = ["run_experiment"]

Row = dict[str, Any]


def run_experiment(
    plan: Plan, datasets: Mapping[Made, Path], output: Path, *, engine: EngineConfig, console: Console
) -> Path:
    """Do what of the runs is not done yet, into output/runs/, and write output/report/; return results.html.

    The tables are written anew after every run, so that a look at them never waits for the end.

    Raises:
        ConfigError: The scheduler does not answer.
    """
    folder, report = make_directory(output / "runs"), output / "report"
    jobs = _jobs(plan, datasets, folder)
    tell = partial(console.print, highlight=False, markup=False, soft_wrap=True)
    rows: dict[str, Row] = {}
    scores = _Scores(plan)
    for number, row in enumerate(done_rows(jobs, run_job, engine, tell), 1):
        rows[row["name"]] = row
        if row["status"] == "done":
            scores.add(row, folder / row["name"])
        tell(f"{number}/{len(jobs)} {row['name']}: {_outcome(row, plan.places[0])}")
        write_tables(report, plan, scores.summaries(), _ordered(plan, rows))
    return write_report(report, plan, scores.summaries(), _ordered(plan, rows), folder)


def _jobs(plan: Plan, datasets: Mapping[Made, Path], folder: Path) -> list[Job]:
    experiment = plan.experiment
    digests = run_digests(plan.runs, datasets, experiment.real, plan.places, experiment.evaluation)
    found = []
    for run, digest in zip(plan.runs, digests, strict=True):
        own = tuple(None if training.made is None else datasets[training.made] for training in run.trainings)
        found.append(Job(run, own, plan.places, experiment.evaluation, folder / run.name, digest))
    return found


class _Scores:
    """The scores of the runs that went well, on the photographs as they are and on each resample of them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._names: dict[str, list[str]] = {place.key: [] for place in plan.places}
        self._runs: dict[str, dict[str, dict[int, Drawn]]] = {place.key: {} for place in plan.places}

    def add(self, row: Row, folder: Path) -> None:
        """Take in what a run left in its folder."""
        for place in self._plan.places:
            rows = read_rows(rows_file(folder, place))[row["name"]]
            self._names[place.key] = [picture.name for picture in rows]
            self._runs[place.key].setdefault(row["arm"], {})[row["seed"]] = drawn_at(place, rows)

    def summaries(self) -> list[Summary]:
        """Compare the arms at each place, as far as their runs are done."""
        plan = self._plan
        return [
            summary_of(place, self._names[place.key], plan.arms, plan.reference, self._runs[place.key], plan.totals)
            for place in plan.places
        ]


def _ordered(plan: Plan, rows: Mapping[str, Row]) -> list[Row]:
    return [rows[run.name] for run in plan.runs if run.name in rows]


def _outcome(row: Row, place: Place) -> str:
    if row["status"] == "failed":
        return f"failed: {row['error']}"
    score = SCORERS[place.kind].headline
    value = row[f"{place.key}_{score}"]
    return f"{place.key} {title_of(score)} " + ("not measured" if value is None else f"{value:.3f}")
