"""A dataset with all that a format may stumble over, and its exports."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from sample_factory import layered_sample, make_sample, write_dataset
from synthgen.core.classes import Classes
from synthgen.core.types import Split
from synthgen.formats.export import EXPORTS, Export, export_dataset
from synthgen.formats.export.selection import Selection
from synthgen.parallel.settings import EngineConfig
from synthgen.shards.codec import ImageCodec, decode_mask
from synthgen.shards.reader import ShardDataset

QUIET = Console(quiet=True)
CATEGORIES = ["disc", "plate"]


def export_samples(split: Split, count: int, start: int = 0) -> list:
    """Discs, nothing, and the layered sample, in turn; every second disc is a plate."""
    return [
        layered_sample(index, split)
        if index % 3 == 2
        else _named(make_sample(index, split, discs=3 * (index % 3 == 0)))
        for index in range(start, start + count)
    ]


def export_dataset_of(folder: Path, *, codec: str = "jpeg", train: int = 9, **changes) -> Path:
    """Write train rows in shards of 5, three rows of val and four of test, as JPEG unless `codec` says else."""
    samples = {
        f"train-{first // 5:05d}": export_samples("train", min(5, train - first), first) for first in range(0, train, 5)
    }
    samples |= {"val-00000": export_samples("val", 3), "test-00000": export_samples("test", 4)}
    values = {
        "categories": CATEGORIES,
        "licences": {"CC0-1.0": 5, "CC-BY-4.0": 2},
        "foreground_groups": {"train-disc-1": "a disc"},
        **changes,
    }
    files = {f"{name}.parquet": of_split for name, of_split in samples.items()}
    write_dataset(folder, files, codec=ImageCodec(codec=codec), **values)
    (folder / "ATTRIBUTION.md").write_text("Made by Ada.\n")
    return folder


def exported(dataset: Path, name: str, out: Path, *, splits=(), names=None, classes=None, workers=1, **options) -> Path:
    """Export, and return the folder."""
    task = planned(dataset, name, splits=splits, names=names, classes=classes, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.sync", lambda: None)  # it waits for all that other programs have written
        export_dataset(task, out, engine=EngineConfig(workers=workers), console=QUIET)
    return out


def planned(dataset: Path, name: str, *, splits=(), names=None, classes=None, **options) -> Export:
    """Return the export that a command would make."""
    source = ShardDataset.open(dataset)
    chosen = Classes.of(source.manifest.categories, classes)
    return Export(source, name, EXPORTS[name](**options), Selection.of(source, splits, names), chosen)


def rows_of(dataset: Path, split: Split) -> list[dict]:
    """The rows of a split, their masks decoded, their instances those of which something is visible."""
    rows = list(ShardDataset.open(dataset).rows(split))
    for row in rows:
        row["mask"] = decode_mask(row["mask"]["bytes"])
        row["instances"] = [each for each in row["instances"] if each["area"] > 0]
    return rows


def files_of(folder: Path) -> dict[str, bytes]:
    """All files below a folder, with their bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _named(sample):
    plates = (replace(each, category=CATEGORIES[each.number % 2]) for each in sample.instances)
    return replace(sample, instances=tuple(plates))
