"""`synthgen verify`: hashes, counts, the split firewall and the algebra of masks."""

from __future__ import annotations

from synthgen.commands.options import DatasetFolder
from synthgen.commands.terminal import console
from synthgen.core.errors import DatasetError

__all__ = ["verify"]


def verify(dataset: DatasetFolder) -> None:
    """Check hashes, counts, the split firewall and the mask algebra of every row.

    Example: synthgen verify data/firearms
    """
    from synthgen.core.progress import progress
    from synthgen.shards.reader import ShardDataset
    from synthgen.shards.verify import verify_dataset

    total = sum(entry.rows for entry in ShardDataset.open(dataset).manifest.shards)
    with progress(console(), "verify", total=total, unit="rows") as done:
        report = verify_dataset(dataset, progress=done)
    for problem in report.problems:
        console().print(problem, style="red")
    if report.problems:
        raise DatasetError(f"{dataset}: {len(report.problems)} problems in {report.rows:,} rows; generate it again")
    console().print(f"clean: {report.rows:,} rows, {report.pixels:,} pixels checked")
