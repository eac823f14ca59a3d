"""Proposals on disk, a small file for each picture: named by its pixels and by how they were found."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import xxhash
from jaxtyping import Int16
from rich.console import Console

from synthgen.core.files import make_directory, write_atomic
from synthgen.core.picture import Samples
from synthgen.core.progress import progress
from synthgen.core.types import RGB
from synthgen.parallel import EngineConfig, run_jobs
from trainers.proposals.selective_search import SelectiveSearch

__all__ = ["ProposalStore", "find_proposals"]

BATCH = 16  # pictures of a job


@dataclass(frozen=True, slots=True)
class ProposalStore:
    """Proposals of pictures, found when they are first asked for and then kept.

    Attributes:
        folder: Of the files; another search has other files there.
        search: Finds them.
    """

    folder: Path
    search: SelectiveSearch = field(default_factory=SelectiveSearch)

    def of(self, image: RGB) -> Int16[np.ndarray, "n 4"]:
        """Return the proposals (x0, y0, x1, y1) of a picture, in its pixels.

        Raises:
            OutputError: The file cannot be written.
        """
        file = self.folder / f"{self._name(image)}.npy"
        found = _read(file)
        if found is None:
            found = self.search(image)
            content = io.BytesIO()
            np.save(content, found)
            make_directory(file.parent)
            write_atomic(file, content.getvalue())
        return found

    def has(self, image: RGB) -> bool:
        """Tell whether a picture's proposals are there."""
        return (self.folder / f"{self._name(image)}.npy").is_file()

    def _name(self, image: RGB) -> str:
        digest = xxhash.xxh3_128(np.ascontiguousarray(image).data)
        digest.update(repr((image.shape, sorted(asdict(self.search).items()))).encode())
        name = digest.hexdigest()
        return f"{name[:2]}/{name}"


def find_proposals(
    samples: Samples, store: ProposalStore, engine: EngineConfig, console: Console, *, title: str
) -> None:
    """Find the proposals of all pictures that have none yet, in parallel, with progress.

    Raises:
        DatasetError: A picture cannot be read.
        OutputError: A file cannot be written.
    """
    missing = [number for number in range(len(samples)) if not store.has(samples[number].image)]
    if not missing:  # workers take seconds to start
        return
    jobs = [missing[first : first + BATCH] for first in range(0, len(missing), BATCH)]
    found = len(samples) - len(missing)
    with progress(console, f"proposals of {title}", total=len(samples), done=found, unit="images") as report:
        shared = {"samples": samples, "store": store}
        for outcome in run_jobs(engine, _find, jobs, shared=shared, count=len(jobs), one_here=True):
            report(outcome.value())


def _find(numbers: Sequence[int], samples: Samples, store: ProposalStore) -> int:
    for number in numbers:
        store.of(samples[number].image)
    return len(numbers)


def _read(file: Path) -> Int16[np.ndarray, "n 4"] | None:
    """Return what a file holds; None where there is none, or one that is no array."""
    try:
        found: np.ndarray = np.load(file)
    except (OSError, ValueError, EOFError):
        return None
    return found if found.ndim == 2 and found.shape[1] == 4 else None
