"""Features of a frozen tower on disk: a memory-mapped file for each picture, named by tower, sight and pixels."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float16, UInt8
from rich.console import Console

from synthgen.core.files import make_directory, write_atomic
from synthgen.core.picture import Samples
from synthgen.core.progress import progress
from synthgen.shards.codec import pixel_hash
from trainers.clip.sight import TOKENS, Sight
from trainers.clip.tower import Tower
from trainers.loading.loader import SampleLoader
from trainers.loading.transform import Transform
from trainers.models.pixels import to_channels_first

__all__ = ["Features", "find_features"]

BATCH = 32  # pictures that the tower sees at a time


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """The tokens of pictures, found when they are first asked for and then kept.

    A file is named by tower, sight and pixels. A view of a picture, such as an augmented copy, has pixels of its own
    and so a file of its own; nothing that was made by another augmentation can be taken for it.

    Attributes:
        tower: Finds them.
        folder: Of the files; another tower has other files there.
        sight: How the tower looks.
    """

    tower: Tower
    folder: Path
    sight: Sight = TOKENS

    def of(
        self, images: UInt8[np.ndarray, "b h w 3"]
    ) -> tuple[Float16[np.ndarray, "b d"], Float16[np.ndarray, "b n d"]]:
        """Return the token of each picture and those of its patches, as the sight gives them.

        Raises:
            TrainingError: The tower does not take pictures of this size.
            OutputError: A file cannot be written.
        """
        files = [self._file(image) for image in images]
        found = [_read(file) for file in files]
        missing = [place for place, tokens in enumerate(found) if tokens is None]
        if missing:
            for place, tokens in zip(missing, self._look(images[missing]), strict=True):
                found[place] = tokens
                _write(files[place], tokens)
        rows = np.stack([tokens for tokens in found if tokens is not None])
        return rows[:, 0], rows[:, 1:]

    @torch.inference_mode()
    def _look(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float16[np.ndarray, "b tokens d"]:
        pixels = to_channels_first(images).to(self.tower.device).float() / 255
        whole, patches = self.sight.look(self.tower, pixels)
        found: np.ndarray = torch.cat([whole[:, None], patches], 1).half().cpu().numpy()
        return found

    def _file(self, image: UInt8[np.ndarray, "h w 3"]) -> Path:
        name = pixel_hash(image)
        return self.folder / self.tower.digest / self.sight.name / name[:2] / f"{name}.npy"


def find_features(
    features: Features,
    samples: Samples,
    console: Console,
    *,
    title: str,
    views: int = 1,
    transforms: Sequence[Transform] = (),
) -> None:
    """Find the features of all pictures that have none yet, in batches, with progress.

    Args:
        features: Keeps them.
        samples: Pictures of one size.
        console: Shows how far it is.
        title: Of the pictures, such as "train".
        views: Copies of each picture; copy v is what `transforms` make of it in epoch v.
        transforms: As `trainers.loading.loader.BatchLoader` takes them; none: the pictures themselves.

    Raises:
        DatasetError: A picture cannot be read.
        TrainingError: The tower does not take pictures of this size.
        OutputError: A file cannot be written.
    """
    loader = SampleLoader(samples, collate=None, batch_size=BATCH, seed=0, shuffle=False, transforms=transforms)
    with progress(console, f"features of {title}", total=views * len(samples), unit="images") as report:
        for view in range(views):
            loader.set_epoch(view)
            for batch in loader:
                features.of(batch.images)
                report(len(batch.images))


def _read(file: Path) -> Float16[np.ndarray, "tokens d"] | None:
    """Return what a file holds; None where there is none, or a damaged one."""
    try:
        found: np.ndarray = np.load(file, mmap_mode="r")
    except (OSError, ValueError, EOFError):
        return None
    return found if found.ndim == 2 and found.dtype == np.float16 else None


def _write(file: Path, tokens: Float16[np.ndarray, "tokens d"]) -> None:
    content = io.BytesIO()
    np.save(content, tokens)
    make_directory(file.parent)
    write_atomic(file, content.getvalue())
