"""What the arms of an experiment learnt from, and how they scored, read back from its folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from synthgen.core.errors import DatasetError
from trainers.score.evaluate import SCORERS
from trainers.study.columns import title_of

__all__ = ["DATASETS", "Learnt", "learnt_arms"]

DATASETS = "datasets"  # folder of what an experiment generates


@dataclass(frozen=True, slots=True)
class Learnt:
    """An arm that learnt from one dataset and from nothing else.

    Attributes:
        arm: Its name.
        dataset: What it learnt from, with its first seed.
        scores: At each place, by title, the score that decides: the mean over its seeds.
    """

    arm: str
    dataset: Path
    scores: Mapping[str, float]


def learnt_arms(folder: Path) -> tuple[Learnt, ...]:
    """Read the arms of an experiment that learnt from synthetic pictures alone, in one training.

    Of several that learnt from one dataset (how much of it, or how, is what they differ in) the first counts.

    Args:
        folder: Of the experiment, which has run.

    Raises:
        DatasetError: There are no results in it.
    """
    runs, results = folder / "report/runs.parquet", folder / "report/results.parquet"
    if not (runs.is_file() and results.is_file()):
        raise DatasetError(f"{folder}: no report of an experiment; give the folder that `synthgen experiment` wrote")
    scores: dict[str, dict[str, float]] = {}
    for row in pq.read_table(results).to_pylist():
        if row["score"] == SCORERS[row["kind"]].headline:
            scores.setdefault(row["arm"], {})[f"{row['place']} {title_of(row['score'])}"] = row["value"]
    datasets: dict[str, str] = {}
    for row in pq.read_table(runs).to_pylist():
        if row["status"] == "done" and row["dataset"] and row["arm"] not in datasets:
            datasets[row["arm"]] = row["dataset"]
    first = {datasets[arm]: arm for arm in reversed(datasets)}
    return tuple(
        Learnt(arm, folder / DATASETS / dataset, scores[arm])
        for arm, dataset in datasets.items()
        if first[dataset] == arm
    )
