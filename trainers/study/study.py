"""A study from its file to its report."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from synthgen.core.files import make_directory
from synthgen.parallel import EngineConfig
from trainers.study.columns import name_of_column
from trainers.study.config import StudyConfig
from trainers.study.digest import inputs_digest
from trainers.study.job import job_of, run_job
from trainers.study.joblist import done_rows
from trainers.study.report import Heading, write_report, write_tables
from trainers.study.runs import Run

__all__ = ["run_study"]

Row = dict[str, Any]


def run_study(
    study: StudyConfig,
    preset: str,
    runs: Sequence[Run],
    dataset: Path,
    output: Path,
    *,
    engine: EngineConfig,
    console: Console,
) -> Path:
    """Do what of the runs is not done yet, into output/runs/, and write output/report/; return results.html.

    Each run has a process of its own, and nothing that happens to it stops the others. The tables are written anew
    after every run, so that a look at them never waits for the end.

    Raises:
        ConfigError: The scheduler does not answer.
    """
    folder, report = make_directory(output / "runs"), output / "report"
    inputs = inputs_digest(dataset, study.evaluation, study.train_scored)
    jobs = [job_of(run, dataset, folder, study.evaluation, study.train_scored, inputs=inputs) for run in runs]
    heading = Heading(f"{study.title}: {preset}", study.presets[preset].note, study.published)
    rows: dict[str, Row] = {}
    tell = partial(console.print, highlight=False, markup=False, soft_wrap=True)
    for number, row in enumerate(done_rows(jobs, run_job, engine, tell), 1):
        rows[row["name"]] = row
        tell(f"{number}/{len(jobs)} {row['name']}: {_outcome(row)}")
        write_tables(report, heading, [rows[run.name] for run in runs if run.name in rows])
    return write_report(report, heading, [rows[run.name] for run in runs], folder)


def _outcome(row: Row) -> str:
    if row["status"] == "failed":
        return f"failed: {row['error']}"
    value = row[row["headline"]]
    return f"{name_of_column(row)} " + ("not measured" if value is None else f"{value:.4f}")
