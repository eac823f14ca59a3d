"""One picture that shows what a dataset holds: samples in a grid, their masks and boxes drawn on them.

Of sequences it shows one, its frames in order. Masks are outlined in one colour per instance, in sequences one per
track; visible boxes are solid, amodal boxes dashed.
Pictures are enlarged or reduced to one tile size before anything is drawn, so lines stay crisp.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from synthgen.core.errors import ConfigError
from synthgen.core.types import RGB, AnyRGB, Instance, InstanceMask, Split
from synthgen.draw.boxes import draw_boxes
from synthgen.draw.legend import swatch
from synthgen.draw.outline import outline
from synthgen.draw.palette import GREY, PAPER, Colour, colour_of
from synthgen.draw.sheet import grid, scaled, titled
from synthgen.draw.text import shortened, write
from synthgen.report.footage import sequence_rows
from synthgen.shards.codec import decode_image, decode_instances, decode_mask
from synthgen.shards.reader import ShardDataset

__all__ = ["contact_sheet", "sheet_of", "tile"]

TILE = 320  # long side of a picture on the sheet, pixels
GAP = 14
LINE = 19  # height of one line of caption
CAPTION_LINES = 4  # the name, then up to three instances
BAR: Colour = (236, 237, 235)
LEGEND = "outline: visible mask, solid: visible box, dashed: amodal box"
COLUMNS = ("sample_id", "image", "mask", "instances", "tracks")


def contact_sheet(dataset: ShardDataset, *, split: Split, count: int = 12, columns: int = 4, sequence: int = 0) -> RGB:
    """Draw `count` samples, spread evenly over a split, in a grid of `columns`; of sequences, frames of one in order.

    Raises:
        ConfigError: `count` or `columns` is below 1, or there is no sequence of that number.
        DatasetError: The split has no rows, or one of them is damaged.
    """
    if count < 1 or columns < 1:
        raise ConfigError(f"contact sheet of {count} samples in {columns} columns; both must be at least 1")
    shards = len(dataset.entries(split))
    frames = sequence_rows(dataset, split, sequence)
    rows = range(dataset.count(split)) if frames is None else frames
    shown = min(count, len(rows))
    tiles = [_tile_of(dataset, split, rows[position * len(rows) // shown]) for position in range(shown)]
    height, width = dataset.manifest.size
    noun = "samples" if frames is None else "frames"
    facts = f"{shown} of {len(rows):,} {noun} · {shards} shards · {width} x {height} px · seed {dataset.manifest.seed}"
    part = split if frames is None else f"{split} · sequence {sequence}"
    return sheet_of(tiles, f"{Path(dataset.place).resolve().name} · {part}", facts, columns=columns)


def sheet_of(tiles: Sequence[AnyRGB], title: str, facts: str, *, columns: int) -> AnyRGB:
    """Put tiles in a grid of `columns` below a title and a line of facts, which says what the lines mean."""
    return titled(grid(tiles, columns, gap=GAP, paper=PAPER), title, f"{facts} · {LEGEND}", margin=GAP)


def tile(name: str, image: RGB, mask: InstanceMask, instances: Sequence[Instance]) -> AnyRGB:
    """Draw one picture with its masks and boxes, and a caption; the picture's long side has 320 pixels."""
    picture = scaled(image, TILE)
    scale = TILE / max(mask.shape)
    for instance in instances:
        colour = _colour(instance)
        picture = draw_boxes(picture, np.array([instance.amodal_bbox]) * scale, colour, dashed=True)
        if instance.area:
            picture = draw_boxes(picture, np.array([instance.bbox]) * scale, colour)
            picture = outline(picture, mask == instance.number, colour)
    return np.concatenate([picture, _caption(name, instances, picture.shape[1])])


def _colour(instance: Instance) -> Colour:
    """Return the colour of an instance; in a sequence it is one in all frames."""
    return colour_of(instance.number if instance.track is None else instance.track)


def _tile_of(dataset: ShardDataset, split: Split, index: int) -> AnyRGB:
    row = dataset.row(split, index, COLUMNS)
    image, mask = decode_image(row["image"]["bytes"]), decode_mask(row["mask"]["bytes"])
    return tile(row["sample_id"], image, mask, decode_instances(row))


def _caption(name: str, instances: Sequence[Instance], width: int) -> RGB:
    """Write the sample's name and a line for each instance, as many as there is room for."""
    bar = np.full((CAPTION_LINES * LINE + 6, width, 3), BAR, np.uint8)
    bar = write(bar, name, (8, 4), size=14)
    count = f"{len(instances)} instance{'' if len(instances) == 1 else 's'}" if instances else "negative"
    bar = write(bar, count, (width - 8, 4), colour=GREY, anchor="right")
    room = CAPTION_LINES - 1
    for line, instance in enumerate(instances[:room], 1):
        if line == room and len(instances) > room:
            return write(bar, f"and {len(instances) - room + 1} more", (24, 4 + line * LINE), colour=GREY)
        bar = swatch(bar, (8, 8 + line * LINE), _colour(instance))
        track = "" if instance.track is None else f"{instance.track} "
        said = f"{track}{instance.category} · {instance.visibility:.0%} visible"
        bar = write(bar, shortened(said, width - 32), (24, 4 + line * LINE))
    return bar
