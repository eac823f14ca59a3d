"""The sequences of a dataset: which rows are one, and one of them as a film with masks, boxes and tracks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from synthgen.core.errors import ConfigError, DatasetError, OutputError
from synthgen.core.files import write_atomic
from synthgen.core.types import AnyRGB, Split
from synthgen.draw.boxes import draw_boxes
from synthgen.draw.outline import outline
from synthgen.draw.overlay import overlay
from synthgen.draw.palette import HALO, WHITE, Colour, colour_of
from synthgen.draw.sheet import scaled
from synthgen.draw.text import text_width, write
from synthgen.shards.codec import decode_image, decode_instances, decode_mask
from synthgen.shards.reader import ShardDataset

__all__ = ["film_of", "frames_of", "sequence_rows", "write_film"]

CODEC = "mp4v"
LONG_SIDE = 640  # of a film, pixels
TEXT, BAR = 14, 20  # of labels: size of the letters, height of the ground behind them
COLUMNS = ("sequence_id", "frame", "image", "mask", "instances", "tracks")


def sequence_rows(dataset: ShardDataset, split: Split, number: int) -> range | None:
    """Return the rows of sequence `number`, from 0, of a split; None where rows are pictures and no frames.

    Raises:
        ConfigError: There are fewer sequences.
        DatasetError: The split has no rows, or a shard is damaged.
    """
    first, found = 0, 0
    for name, frames in groupby(row["sequence_id"] for row in dataset.rows(split, ["sequence_id"])):
        if name is None:
            return None
        end = first + sum(1 for _ in frames)
        if found == number:
            return range(first, end)
        first, found = end, found + 1
    raise ConfigError(f"--sequence {number}: {split} has {found} sequences; choose 0 to {found - 1}")


def film_of(dataset: ShardDataset, split: Split, number: int, out: Path) -> None:
    """Write sequence `number` of a split as an MP4, at its own speed.

    Raises:
        ConfigError: There is no such sequence, or `out` does not end with .mp4.
        DatasetError: Rows are pictures and no frames, or one is damaged.
        OutputError: This OpenCV writes no MP4, or the file cannot be written.
    """
    if out.suffix.lower() != ".mp4":
        raise ConfigError(f"--out {out}: a film is written as MP4; give a name that ends with .mp4")
    rows = sequence_rows(dataset, split, number)
    if rows is None:
        raise DatasetError(
            f"{dataset.place}: its rows are no frames; set recipe.sequence and generate, or drop --animate"
        )
    recipe = dataset.manifest.pipeline.get("recipe") or {}
    fps = (recipe.get("sequence") or {}).get("fps", 8.0)  # a merged dataset may not know it
    write_film(out, frames_of(dataset, split, rows), fps)


def frames_of(dataset: ShardDataset, split: Split, rows: Iterable[int]) -> Iterator[AnyRGB]:
    """Draw rows with masks, boxes and the numbers of tracks; the longer side has about 640 pixels."""
    for index in rows:
        yield _frame(dataset.row(split, index, COLUMNS))


def write_film(out: Path, frames: Iterable[AnyRGB], fps: float) -> None:
    """Write frames of one size, whose sides are even, as an MP4.

    Raises:
        OutputError: This OpenCV writes no MP4, or the file cannot be written.
    """
    with TemporaryDirectory() as folder:
        file, writer = Path(folder) / "film.mp4", None
        for frame in frames:
            if writer is None:
                size = (frame.shape[1], frame.shape[0])
                writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*CODEC), fps, size)
                if not writer.isOpened():
                    raise OutputError(
                        f"{out}: this OpenCV writes no MP4 ({CODEC}); install opencv-python-headless of PyPI"
                    )
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        if writer is not None:
            writer.release()
        write_atomic(out, file.read_bytes())


def _frame(row: dict[str, Any]) -> AnyRGB:
    image, mask = decode_image(row["image"]["bytes"]), decode_mask(row["mask"]["bytes"])
    picture = scaled(image, LONG_SIDE)
    picture = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
    size = (picture.shape[1], picture.shape[0])
    scale = LONG_SIDE / max(mask.shape)
    for instance in decode_instances(row):
        if not instance.area:
            continue
        colour = colour_of(instance.track or instance.number)
        seen = (mask == instance.number).view(np.uint8)
        enlarged = cv2.resize(seen, size, interpolation=cv2.INTER_NEAREST).view(bool)
        picture = outline(overlay(picture, enlarged, colour, strength=0.3), seen.view(bool), colour)
        picture = draw_boxes(picture, np.array([instance.bbox]) * scale, colour)
        x, y = (round(side * scale) for side in instance.bbox[:2])
        picture = _labelled(picture, f"{instance.track} {instance.category}", (x, y - BAR), colour)
    return _labelled(picture, f"{row['sequence_id']} · frame {row['frame']}", (0, 0), WHITE)


def _labelled(picture: AnyRGB, text: str, at: tuple[int, int], colour: Colour) -> AnyRGB:
    """Write on a dark bar whose upper left corner is `at`, (x, y), or as near to it as the picture has room."""
    height, width = picture.shape[:2]
    across = min(round(text_width(text, TEXT)) + 8, width)
    x, y = min(max(at[0], 0), width - across), min(max(at[1], 0), height - BAR)
    drawn = picture.copy()
    drawn[y : y + BAR, x : x + across] = HALO
    return write(drawn, text, (x + 4, y + 2), size=TEXT, colour=colour)
