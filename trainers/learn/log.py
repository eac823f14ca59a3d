"""What a training logged: metrics.csv, written by `trainers.learn.fit`, read a column at a time."""

from __future__ import annotations

import csv
from pathlib import Path

__all__ = ["METRICS_FILE", "logged"]

METRICS_FILE = "metrics.csv"


def logged(metrics: Path, column: str) -> tuple[list[int], list[float]]:
    """Return the epochs, from 1, at which a column has a value, and those values; none of what nobody logged."""
    if not metrics.is_file():
        return [], []
    with metrics.open(newline="") as stream:
        points = [(int(row["epoch"]) + 1, float(row[column])) for row in csv.DictReader(stream) if row.get(column)]
    return [epoch for epoch, _ in points], [value for _, value in points]
