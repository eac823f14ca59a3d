"""The report on slices: as Markdown, as JSON, as a chart, and the worst of them in one sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import matplotlib

from synthgen.core.files import write_atomic
from trainers.score.evaluate import SCORERS
from trainers.score.result import Result
from trainers.score.slices import LEAST, Slice, worst_of
from trainers.score.traits import TRAITS
from trainers.show.columns import cell_of, interval_cell
from trainers.show.curves import title_of
from trainers.show.figures import save_figure
from trainers.show.tables import without_nan

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["worst_sentence", "write_slices"]

ROW, MARGIN = 0.21, 0.9  # height of a slice and of what lies around them, inches
SURE, UNSURE, OVERALL = "#0072b2", "#b0b0b0", "#d55e00"


def write_slices(folder: Path, result: Result, slices: Sequence[Slice], title: str, stem: str = "slices") -> Path:
    """Write STEM.md, STEM.json and STEM.png; return the first.

    Args:
        folder: To write into.
        result: What was sliced.
        slices: Of the result's rows.
        title: Of the report.
        stem: Of the file names.
    """
    headline = SCORERS[result.kind].headline
    write_atomic(folder / f"{stem}.md", _markdown(result, headline, slices, title).encode())
    value = {
        "title": title,
        "predictor": result.predictor,
        "headline": headline,
        "score": result.scores[headline],
        "interval": result.intervals.get(headline),
        "pictures": len(result.rows),
        "least": LEAST,
        "worst": [{"trait": part.trait, "label": part.label} for part in worst_of(slices, result.scores[headline])],
        "slices": [asdict(part) for part in slices],
    }
    write_atomic(folder / f"{stem}.json", (json.dumps(without_nan(value), indent=2, allow_nan=False) + "\n").encode())
    _draw(folder / f"{stem}.png", result, headline, slices, title)
    return folder / f"{stem}.md"


def worst_sentence(result: Result, slices: Sequence[Slice]) -> str:
    """Name the worst slices with their scores beside that of all pictures."""
    headline = SCORERS[result.kind].headline
    overall, score = result.scores[headline], title_of(headline)
    worst = worst_of(slices, overall)
    if not worst:
        return (
            f"no slice that {LEAST} pictures or more bear on lies clearly below the {score} of all pictures "
            f"({overall:.3f})"
        )
    named = "; ".join(
        f"{title_of(part.trait)} {part.label}: {_scored(part)}, {part.pictures} pictures" for part in worst
    )
    return f"worst slices by {score}: {named}; all pictures: {overall:.3f}"


def _markdown(result: Result, headline: str, slices: Sequence[Slice], title: str) -> str:
    sentence = worst_sentence(result, slices)
    lines = [f"# {title}", "", f"{sentence[0].upper()}{sentence[1:]}.", ""]
    lines += [
        f"A picture bears on the {title_of(headline)} if it has what is to be found or told. Slices that fewer than "
        f"{LEAST} pictures bear on are in brackets, and never named. Intervals are 95 %, from resampled pictures; of "
        "many slices, one or two lie apart by chance.",
        "",
        f"| trait | slice | pictures | bear on it | {headline} | interval |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_line(part, headline) for part in slices]
    present = {part.trait for part in slices}
    lines += ["", *(f"- {title_of(trait.name)}: {trait.meaning}" for trait in TRAITS if trait.name in present)]
    return "\n".join([*lines, ""])


def _line(part: Slice, headline: str) -> str:
    score, interval = cell_of(headline, part.score), interval_cell(part.interval)
    cells = [score, interval] if part.decisive >= LEAST else [f"({score})", f"({interval})"]
    return f"| {title_of(part.trait)} | {part.label} | {part.pictures} | {part.decisive} | {' | '.join(cells)} |"


def _scored(part: Slice) -> str:
    assert part.interval is not None, "the worst slices have an interval"
    return f"{part.score:.3f} ({part.interval[0]:.3f} to {part.interval[1]:.3f})"


def _draw(path: Path, result: Result, headline: str, slices: Sequence[Slice], title: str) -> None:
    """Draw a point and its interval for each slice that has a score, below those of its trait, and all as a line."""
    shown = [part for part in slices if part.interval is not None]
    breaks = [number for number in range(1, len(shown)) if shown[number].trait != shown[number - 1].trait]
    figure, axis = plt.subplots(figsize=(7.5, MARGIN + ROW * max(1, len(shown))), layout="constrained")
    axis.axvline(result.scores[headline], color=OVERALL, label=f"all pictures: {result.scores[headline]:.3f}")
    if headline in result.intervals:
        axis.axvspan(*result.intervals[headline], color=OVERALL, alpha=0.12, linewidth=0)
    for number, part in enumerate(shown):
        assert part.interval is not None
        colour = SURE if part.decisive >= LEAST else UNSURE
        axis.plot(part.interval, (number, number), color=colour, linewidth=1.5)
        axis.plot(part.score, number, "o", color=colour, markersize=5)
    for number in breaks:
        axis.axhline(number - 0.5, color="#dddddd", linewidth=0.8)
    axis.set_yticks(range(len(shown)), [f"{title_of(part.trait)} {part.label}  ({part.decisive})" for part in shown])
    axis.set(
        xlabel=f"{title_of(headline)}; in brackets: pictures that bear on it, grey: fewer than {LEAST}",
        title=title,
        xlim=(-0.02, 1.02),
    )
    axis.set_ylim(max(1, len(shown)) - 0.5, -0.5)
    axis.tick_params(axis="y", labelsize=8, length=0)
    axis.grid(axis="x", alpha=0.3)
    axis.legend(loc="best", fontsize=8)
    save_figure(figure, path)
