"""The results of a study: a Parquet file of all runs, and the table of their settings beside baselines and print."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from synthgen.core.files import atomic_path
from trainers.study.config import Published

__all__ = ["Line", "lines_of", "write_parquet"]

Row = dict[str, Any]
Line = dict[str, Any]
HIDDEN = ("baselines", "benchmarks", "digest")


def write_parquet(path: Path, rows: Sequence[Row]) -> None:
    """Write a row for each run, in the order of the study; a column that a run lacks is null there."""
    names = list(dict.fromkeys(name for row in rows for name in row if name not in HIDDEN))
    columns = {name: [_plain(row.get(name)) for row in rows] for name in names}
    with atomic_path(path) as temporary:
        pq.write_table(pa.table(columns), temporary)


def lines_of(rows: Sequence[Row], published: Sequence[Published]) -> list[Line]:
    """Return the lines of the table: baselines, print, then the settings, best first, failed ones last.

    A line has name, kind ("baseline", "published", "run" or "failed"), the means of numbers over its seeds, and
    `runs`: how many there are. Of the headline it has the mean, the least and greatest over the seeds, and `low` and
    `high`, the mean of the intervals over images.
    """
    done = [row for row in rows if row["status"] == "done"]
    lines: list[Line] = []
    if done:
        lines += [
            {"name": name, "kind": "baseline", **{key: value for key, value in values.items() if value is not None}}
            for name, values in done[0]["baselines"].items()
        ]
    lines += [{"name": f"published: {row.name}", "kind": "published", **row.scores} for row in published]
    settings = {row["setting"]: [other for other in done if other["setting"] == row["setting"]] for row in done}
    lines += sorted((_line(setting, runs) for setting, runs in settings.items()), key=_rank)
    lines += [{"name": row["name"], "kind": "failed", "error": row["error"]} for row in rows if row["status"] != "done"]
    return lines


def _line(setting: str, runs: Sequence[Row]) -> Line:
    first = runs[0]
    line: Line = {"name": setting, "kind": "run", "runs": len(runs), "run": first["name"]}
    line |= {"weights": first["weights"], "rising": first["rising"]}
    for name in first:
        values: list[Any] = [run.get(name) for run in runs]
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            line[name] = statistics.fmean(values)
    figures = [run[first["headline"]] for run in runs if run[first["headline"]] is not None]
    if figures:
        line |= {"headline": statistics.fmean(figures), "least": min(figures), "greatest": max(figures)}
    ends = {end: line.get(f"{first['headline']}_{end}") for end in ("low", "high")}
    return line | {end: value for end, value in ends.items() if value is not None}


def _rank(line: Line) -> float:
    """Return what sorts the best line first; one without the headline's figure comes last."""
    if "headline" not in line:
        return math.inf
    return -float(line["headline"]) if line["rising"] else float(line["headline"])


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
