"""A study from its file to its report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from synthgen.core.files import make_directory
from trainers.config.evaluation import EvaluationConfig
from trainers.study.config import Run, StudyConfig
from trainers.study.job import Job
from trainers.study.jobs import run_jobs
from trainers.study.report import write_report, write_tables

__all__ = ["run_study"]


def run_study(
    study: StudyConfig,
    preset: str,
    runs: Sequence[Run],
    dataset: Path,
    output: Path,
    *,
    evaluation: EvaluationConfig,
    workers: int,
    scheduler: str | None,
    console: Console,
) -> Path:
    """Do what of the runs is not done yet, into output/runs/, and write output/report/; return results.html.

    The tables are written anew after every run, so that a look at them never waits for the end.
    """
    folder = make_directory(output / "runs")
    jobs = [Job(run, dataset, folder / run.name, evaluation, study.train_scored) for run in runs]
    title, published = f"{study.title}: {preset}", study.published
    rows: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(run_jobs(jobs, workers=workers, scheduler=scheduler), 1):
        rows[row["name"]] = row
        outcome = f"fg IoU {row['test_foreground_iou']:.4f}" if row["status"] == "done" else f"failed: {row['error']}"
        console.print(f"{number}/{len(jobs)} {row['name']}: {outcome}", highlight=False, markup=False, soft_wrap=True)
        write_tables(output / "report", title, [rows[run.name] for run in runs if run.name in rows], published)
    return write_report(output / "report", title, [rows[run.name] for run in runs], published, folder)
