"""What Dask itself costs for a shard: the path a run's shards take, through tasks that do nothing.

    python benchmarks/dask_overhead.py --json dask.json

Through the function that a run uses, on the same local cluster of two workers.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from synthgen.parallel import EngineConfig, run_jobs

SHARD_ROWS = 1000


def nothing(job: int) -> int:
    """Stand for a shard."""
    return job


def main() -> None:
    """Measure each number of shards; print a table, write JSON."""
    arguments = _arguments()
    # Tasks that do nothing end faster than the scheduler forgets them, of which it warns when the cluster closes.
    logging.getLogger("distributed.scheduler").setLevel(logging.ERROR)
    results: dict[str, dict[str, float]] = {}
    table = Table("shards", "seconds", "a shard", "scheduler and client", "for 10⁹ images in shards of 1,000")
    for shards in arguments.shards:
        found = measure(shards)
        results[str(shards)] = found
        table.add_row(
            f"{shards:,}",
            f"{found['seconds']:.1f}",
            f"{found['ms_a_shard']:.2f} ms",
            f"{found['memory_mb']:,.0f} MB",
            f"{found['ms_a_shard'] * 1e9 / SHARD_ROWS / 3.6e6:.2f} hours",
        )
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


def measure(shards: int) -> dict[str, float]:
    """Return the seconds for so many tasks, their share for one, and the memory of this process."""
    outcomes = run_jobs(EngineConfig(workers=2), nothing, range(shards + 1))
    next(outcomes)  # the cluster has started
    start = time.perf_counter()
    done = 0
    for done, _ in enumerate(outcomes, 1):
        if done == shards:
            break
    seconds = time.perf_counter() - start
    memory: Any = psutil.Process().memory_info()
    outcomes.close()
    return {"seconds": seconds, "ms_a_shard": seconds / shards * 1e3, "memory_mb": memory.rss / 2**20}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
