"""The page of an experiment: results.html, results.md, results.parquet, runs.parquet, charts and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synthgen.core.files import make_directory, write_atomic
from trainers.experiment.charts import draw_curves, draw_factors
from trainers.experiment.job import model_file, rows_file
from trainers.experiment.pictures import Told, draw_won_and_lost
from trainers.experiment.plan import Plan
from trainers.experiment.section import Section, section_of
from trainers.experiment.summary import Summary
from trainers.show.page import page
from trainers.show.tables import read_rows
from trainers.study.joblist import failures
from trainers.study.table import write_parquet

__all__ = ["write_report", "write_tables"]

Row = dict[str, Any]
METHOD = (
    "Numbers are means over seeds. Intervals hold 95 % of 1,000 resamples, each of which draws groups of photographs "
    "and seeds anew; of a difference, the same ones for both arms. p is two-sided, from the same resamples, and not "
    "corrected for the number of comparisons: of twenty arms that differ in nothing, one has p below .05. With few "
    "seeds intervals are somewhat narrow."
)
FACTORS, CURVES = "What each arm has over the reference", "Scores by the number of pictures"


def write_tables(folder: Path, plan: Plan, summaries: Sequence[Summary], rows: Sequence[Row]) -> None:
    """Write the tables of the runs that are done into `folder`; cheap, so that it can be done after every run."""
    make_directory(folder)
    write_parquet(folder / "runs.parquet", rows)
    write_parquet(folder / "results.parquet", [row for summary in summaries for row in _results(summary)])
    sections = [section_of(summary) for summary in summaries if summary.lines]
    write_atomic(folder / "results.md", _markdown(plan, sections, failures(rows)).encode())


def write_report(folder: Path, plan: Plan, summaries: Sequence[Summary], rows: Sequence[Row], runs: Path) -> Path:
    """Write tables, charts, pictures and results.html into `folder`, from the rows and the folders of `runs`."""
    write_tables(folder, plan, summaries, rows)
    make_directory(folder / "pictures")
    sections = [
        section_of(summary, _charts(folder, summary, plan), _pictures(folder / "pictures", summary, plan, rows, runs))
        for summary in summaries
        if summary.lines
    ]
    html = page(
        "trainers.experiment",
        "report.html.j2",
        title=plan.experiment.title,
        introduction=_introduction(plan),
        sections=sections,
        failed=failures(rows),
    )
    write_atomic(folder / "results.html", html.encode())
    return folder / "results.html"


def _introduction(plan: Plan) -> list[str]:
    run = plan.runs[0]
    compute = sum(training.compute for training in run.trainings)
    pictures = ", ".join(f"{count:,} {name}" for name, count in plan.totals.items() if count)
    count = len(plan.experiment.seeds)
    seeds = "1 seed" if count == 1 else f"{count} seeds"
    return [
        f"{len(plan.arms)} arms with {seeds} each, at equal compute: every run looks at {compute:,} "
        f"pixels, steps × batch × height × width. Where an arm says no number, it has {pictures}.",
        METHOD,
    ]


def _results(summary: Summary) -> list[Row]:
    """Return a row for each arm and score."""
    found = []
    for line in summary.lines:
        for score, estimate in line.scores.items():
            difference = line.differences.get(score)
            found.append(
                {
                    "place": summary.place.key,
                    "kind": summary.place.kind,
                    "arm": line.arm.name,
                    "series": line.arm.series,
                    "reference": line.arm == summary.reference,
                    "score": score,
                    "seeds": len(line.seeds),
                    "value": estimate.value,
                    "low": estimate.low,
                    "high": estimate.high,
                    "paired": len(line.paired),
                    "difference": None if difference is None else difference.value,
                    "difference_low": None if difference is None else difference.low,
                    "difference_high": None if difference is None else difference.high,
                    "p": None if difference is None else difference.p,
                }
            )
    return found


def _markdown(plan: Plan, sections: Sequence[Section], failed: Sequence[tuple[str, str]]) -> str:
    lines = [f"# {plan.experiment.title}"]
    for paragraph in _introduction(plan):
        lines += ["", paragraph]
    for section in sections:
        lines += ["", f"## {section.title}", *(line for sentence in section.worth for line in ("", sentence)), ""]
        lines += [f"| | seeds | {' | '.join(section.titles)} |", "|---" * (len(section.titles) + 2) + "|"]
        lines += [f"| {row.name} | {row.seeds} | {' | '.join(map(str, row.scores))} |" for row in section.rows]
        if section.compared:
            lines += ["", f"Difference to {section.reference}:", ""]
            lines += [f"| | seeds | {' | '.join(section.titles)} |", "|---" * (len(section.titles) + 2) + "|"]
            lines += [
                f"| {row.name} | {row.paired} | {' | '.join(map(str, row.differences))} |" for row in section.compared
            ]
    if failed:
        lines += ["", "Failed:", "", *(f"- {name}: {error}" for name, error in failed)]
    return "\n".join([*lines, ""])


def _charts(folder: Path, summary: Summary, plan: Plan) -> list[tuple[str, str]]:
    key, charts = summary.place.key, []
    if draw_factors(folder / f"{key}-factors.png", summary):
        charts.append((f"{key}-factors.png", FACTORS))
    if draw_curves(folder / f"{key}-curves.png", summary, plan.totals):
        charts.append((f"{key}-curves.png", CURVES))
    return charts


def _pictures(
    folder: Path, summary: Summary, plan: Plan, rows: Sequence[Row], runs: Path
) -> Mapping[str, Sequence[str]]:
    """Draw what each arm won and lost; return the files by its name."""
    done = {row["name"] for row in rows if row["status"] == "done"}
    told = {line.arm.name: _told(summary, line.arm.name, plan, done, runs) for line in summary.lines}
    reference = told.pop(summary.reference.name, None)
    if reference is None:
        return {}
    place, evaluation = summary.place, plan.experiment.evaluation
    drawn = {name: draw_won_and_lost(folder, place, arm, reference, evaluation) for name, arm in told.items()}
    return {name: files for name, files in drawn.items() if files}


def _told(summary: Summary, arm: str, plan: Plan, done: set[str], runs: Path) -> Told:
    own = [run for run in plan.runs if run.arm.name == arm and run.name in done]
    return Told(
        own[0].arm,
        {run.seed: model_file(runs / run.name, run) for run in own},
        {run.seed: read_rows(rows_file(runs / run.name, summary.place))[run.name] for run in own},
    )
