"""The page of a loop: both loops compared on photographs, scores round by round, and what was turned for each round."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthgen.core.files import make_directory, write_atomic
from trainers.experiment.arms import Arm
from trainers.experiment.job import rows_file
from trainers.experiment.places import Place
from trainers.experiment.section import Section, section_of
from trainers.experiment.summary import drawn_at, summary_of
from trainers.loop.charts import draw_rounds, draw_weights
from trainers.loop.config import LoopConfig
from trainers.score.compare import Drawn
from trainers.show.page import page
from trainers.show.tables import read_rows
from trainers.study.joblist import failures
from trainers.study.table import write_parquet

__all__ = ["ARMS", "Turned", "turned_in", "write_report"]

Row = dict[str, Any]
OPEN, CLOSED = (Arm(f"{name} loop", f"{name} loop", ()) for name in ("open", "closed"))
ARMS = {"open": OPEN, "closed": CLOSED}
METHOD = (
    "Both loops begin with the same round. The open one goes on with the same recipe, the closed one with what was "
    "turned; in each round both make as many pictures and take as many steps. Numbers are means over seeds; intervals "
    "hold 95 % of 1,000 resamples of groups of photographs and seeds, the same ones for both loops."
)
SHEET = "cutouts-cutouts.png"


@dataclass(frozen=True, slots=True)
class Turned:
    """What became of an option from one round to the next, as means over the seeds.

    Attributes:
        round: The round that is generated with it.
        knob: What was turned.
        option: In words.
        error: Of the round before, as text.
        before: Weight, as text.
        after: Likewise.
    """

    round: int
    knob: str
    option: str
    error: str
    before: str
    after: str


def write_report(
    folder: Path, config: LoopConfig, places: Sequence[Place], rows: Sequence[Row], work: Mapping[str, Path]
) -> Path:
    """Write results.html, results.md, rounds.parquet, and charts into `folder`.

    Args:
        folder: Of the report.
        config: What the file says.
        places: Where each round was scored.
        rows: Of the seeds.
        work: Folders of the rounds, by the name of a row.
    """
    make_directory(folder)
    done = [row for row in rows if row["status"] == "done"]
    shown = places if done else ()
    sections = [_section(config, place, done, work) for place in shown]
    turns, charts = turned_in(done), []
    write_parquet(folder / "rounds.parquet", [_flat(row, each) for row in done for each in row["loop"]])
    for place in shown:
        draw_rounds(folder / f"{place.key}-rounds.png", place, done)
        charts.append((f"{place.key}-rounds.png", f"{place.key}: scores round by round"))
    if turns:
        draw_weights(folder / "weights.png", done)
        charts.append(("weights.png", "Weights of the closed loop, round by round"))
    charts += _sheet(folder, config, done, work)
    failed = failures(rows)
    introduction = [METHOD, *_harvest_sentences(done), *_missing_sentences(done)] if done else []
    write_atomic(folder / "results.md", _markdown(config.title, introduction, sections, turns, failed).encode())
    html = page(
        "trainers.loop",
        "report.html.j2",
        title=config.title,
        introduction=introduction,
        sections=sections,
        turns=turns,
        charts=charts,
        failed=failed,
    )
    write_atomic(folder / "results.html", html.encode())
    return folder / "results.html"


def turned_in(rows: Sequence[Row]) -> list[Turned]:
    """Return what became of each option in each round, as means over the rows' seeds."""
    found: dict[tuple[int, str, str], list[Mapping[str, Any]]] = {}
    for each in (each for row in rows for each in row["loop"]):
        for turn in each.get("turns", ()):
            found.setdefault((each["round"], turn["knob"], turn["option"]), []).append(turn)
    lines = []
    for (number, knob, option), turns in sorted(found.items(), key=lambda item: item[0][0]):
        errors = [turn["error"] for turn in turns if turn["error"] is not None]
        lines.append(
            Turned(
                number,
                knob,
                option,
                f"{statistics.fmean(errors):.3f}" if errors else "–",
                *(f"{statistics.fmean(turn[name] for turn in turns):.3f}" for name in ("before", "after")),
            )
        )
    return lines


def _section(config: LoopConfig, place: Place, rows: Sequence[Row], work: Mapping[str, Path]) -> Section:
    runs: dict[str, dict[int, Drawn]] = {}
    names: list[str] = []
    for row in rows:
        for name, arm in ARMS.items():
            found = read_rows(rows_file(work[row["name"]] / f"{name}-{config.rounds}", place))[place.key]
            names = [each.name for each in found]
            runs.setdefault(arm.name, {})[row["seed"]] = drawn_at(place, found)
    return section_of(summary_of(place, names, (OPEN, CLOSED), OPEN, runs, {}))


def _flat(row: Row, each: Mapping[str, Any]) -> Row:
    scores = {
        f"{place}_{name}": value if value == value else None
        for place, found in each["scores"].items()
        for name, value in found.items()
    }
    return {"seed": row["seed"], "arm": each["arm"], "round": each["round"], **each.get("harvest", {}), **scores}


def _harvest_sentences(rows: Sequence[Row]) -> list[str]:
    """Tell how many cutouts and false alarms the last round had, as a mean over seeds."""
    last = [row["loop"][-1].get("harvest", {}) for row in rows]
    parts = [
        f"{statistics.fmean(found[name] for found in last):.0f} {noun}"
        for name, noun in (("cutouts", "cutouts from boxes"), ("alarms", "false alarms as distractors"))
        if all(name in found for found in last)
    ]
    return [f"The closed loop's last round had {' and '.join(parts)} more."] if parts else []


def _missing_sentences(rows: Sequence[Row]) -> list[str]:
    """Tell why categories were not turned, by the first round that says so."""
    told = [each["missing"] for row in rows for each in row["loop"] if each.get("missing")]
    parts = [f"{split} has no cutout of {', '.join(names)}" for split, names in told[0].items()] if told else []
    return [f"Categories could not be turned: split {' and '.join(parts)}."] if parts else []


def _sheet(folder: Path, config: LoopConfig, rows: Sequence[Row], work: Mapping[str, Path]) -> list[tuple[str, str]]:
    """Copy the sheet of cutouts that the first seed's last round had."""
    if not rows:
        return []
    before = "first" if config.rounds == 2 else f"closed-{config.rounds - 1}"
    sheet = work[rows[0]["name"]] / before / SHEET
    if not sheet.is_file():
        return []
    write_atomic(folder / "cutouts.png", sheet.read_bytes())
    return [("cutouts.png", f"Cutouts of seed {rows[0]['seed']}'s last round, the first sixty")]


def _markdown(
    title: str,
    introduction: Sequence[str],
    sections: Sequence[Section],
    turns: Sequence[Turned],
    failed: Sequence[tuple[str, str]],
) -> str:
    lines = [f"# {title}", *(line for text in introduction for line in ("", text))]
    for section in sections:
        lines += ["", f"## {section.title}", "", f"| | seeds | {' | '.join(section.titles)} |"]
        lines.append("|---" * (len(section.titles) + 2) + "|")
        lines += [f"| {row.name} | {row.seeds} | {' | '.join(map(str, row.scores))} |" for row in section.rows]
        lines += [
            f"| {row.name} less {section.reference} | {row.seeds} | {' | '.join(map(str, row.differences))} |"
            for row in section.compared
        ]
    if turns:
        lines += ["", "## What was turned", "", "| round | knob | option | error | weight before | after |"]
        lines.append("|---" * 6 + "|")
        lines += [f"| {t.round} | {t.knob} | {t.option} | {t.error} | {t.before} | {t.after} |" for t in turns]
    if failed:
        lines += ["", "Failed:", "", *(f"- {name}: {error}" for name, error in failed)]
    return "\n".join([*lines, ""])
