"""Which class was taken for which: a table of counts as CSV, and a picture of their shares."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from jaxtyping import Num

from synthgen.core.files import write_atomic
from trainers.show.figures import save_figure

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["write_confusion"]

CELL, MARGIN = 0.62, 2.4  # sides of a cell and of what lies around the cells, inches
DARK = 0.55  # share of a row from which on its number is written in white


def write_confusion(
    folder: Path, stem: str, confusion: Num[np.ndarray, "n n"], names: Sequence[str], *, title: str, unit: str
) -> Path:
    """Write STEM.csv, the counts, and STEM.png, the share of each true class that was found as each; return the latter.

    Args:
        folder: To write into.
        stem: Of the file names.
        confusion: Counts by true (rows) and found class (columns).
        names: Of rows and columns alike.
        title: Of the picture.
        unit: What is counted, e.g. "pixels".
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([f"true \\ found, {unit}", *names])
    rows.writerows([name, *counts] for name, counts in zip(names, confusion.tolist(), strict=True))
    write_atomic(folder / f"{stem}.csv", text.getvalue().encode())
    _draw(folder / f"{stem}.png", confusion, names, title, unit)
    return folder / f"{stem}.png"


def _draw(path: Path, confusion: Num[np.ndarray, "n n"], names: Sequence[str], title: str, unit: str) -> None:
    totals = confusion.sum(axis=1, keepdims=True)
    shares = np.divide(confusion, totals, out=np.zeros(confusion.shape), where=totals > 0)
    side = MARGIN + CELL * len(names)
    figure, axis = plt.subplots(figsize=(side + 0.6, side), layout="constrained")
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        if totals[row]:
            colour = "white" if share > DARK else "#222428"
            axis.text(column, row, _percent(float(share)), ha="center", va="center", color=colour, fontsize=9)
    axis.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor")
    axis.set_yticks(
        range(len(names)), [f"{name}\n{int(count):,}" for name, count in zip(names, totals[:, 0], strict=True)]
    )
    axis.set(xlabel="found as", ylabel=f"truly ({unit})")
    axis.set_title(f"{title}: % of each row", fontsize=10)
    axis.tick_params(length=0, labelsize=9)
    axis.spines[:].set_visible(False)
    save_figure(figure, path)


def _percent(share: float) -> str:
    """Return "97", "1.4", "<0.1" or "0": as many digits as a cell has room for."""
    if share == 0:
        return "0"
    if share < 0.001:
        return "<0.1"
    return f"{100 * share:.1f}" if share < 0.0995 else f"{100 * share:.0f}"
