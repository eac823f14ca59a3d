"""How well windows of blocks shuffle, against a perfect shuffle, and how far apart the files they read are.

    python benchmarks/shuffle.py --json shuffle.json

The worst case for a window: a split whose first half is one class and whose second half the other. Displacement is the
mean distance a row travels, as a share of the split (1/3 for a perfect shuffle); balance is the standard
deviation of the share of one class in a batch, over that of a perfect shuffle (1 is perfect, more is worse).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from trainers.loading.order import BLOCK_ROWS, WINDOW_ROWS, EpochOrder

BATCH = 64
EPOCHS = 20


def main() -> None:
    """Measure each window; print a table, write JSON."""
    arguments = _arguments()
    results, perfect = {}, quality(arguments.rows, arguments.rows)
    title = f"{arguments.rows:,} rows in blocks of {BLOCK_ROWS}, batches of {BATCH}"
    table = Table("window, rows", "displacement", "balance", "blocks open at a time", title=title)
    for window in (*arguments.windows, arguments.rows):
        displacement, spread = quality(arguments.rows, window)
        results[str(window)] = {"displacement": displacement, "balance": spread / perfect[1]}
        name = f"{window:,}" + (" (default)" if window == WINDOW_ROWS else " (all)" if window == arguments.rows else "")
        table.add_row(name, f"{displacement:.3f}", f"{spread / perfect[1]:.2f}", f"{-(-window // BLOCK_ROWS):,}")
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


def quality(rows: int, window: int) -> tuple[float, float]:
    """Return mean displacement as a share of the split, and the spread of one class's share over batches."""
    displacements, spreads = [], []
    for epoch in range(EPOCHS):
        order = EpochOrder(rows, seed=1, epoch=epoch, window=window).rows(0, rows)
        displacements.append(np.abs(order - np.arange(rows)).mean() / rows)
        spreads.append((order[: rows // BATCH * BATCH] < rows // 2).reshape(-1, BATCH).mean(axis=1).std())
    return float(np.mean(displacements)), float(np.mean(spreads))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--windows", type=int, nargs="+", default=[128, 1024, 4096, WINDOW_ROWS, 65_536])
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
