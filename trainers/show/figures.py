"""Figures written as PNG: whole or not at all, and gone from memory afterwards."""

from __future__ import annotations

from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from synthgen.core.files import atomic_path

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["save_figure"]


def save_figure(figure: Figure, path: Path, *, dpi: int = 120) -> None:
    """Write a figure and close it.

    Raises:
        OutputError: It cannot be written.
    """
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=dpi, format="png")
    plt.close(figure)
