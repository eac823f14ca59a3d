"""One picture that shows what a dataset holds: samples in a grid, their masks and boxes drawn on them.

Masks are outlined in one colour per instance, visible boxes are solid, amodal boxes dashed.
Pictures are enlarged or reduced to one tile size before anything is drawn, so lines stay crisp.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synthgen.core.errors import ConfigError
from synthgen.core.types import RGB, Coverage, Split
from synthgen.shards.codec import decode_image, decode_mask
from synthgen.shards.reader import ShardDataset

__all__ = ["contact_sheet"]

TILE = 320  # long side of a picture on the sheet, pixels
GAP = 14
TITLE = 64
LINE = 19  # height of one line of caption
CAPTION_LINES = 4  # the name, then up to three instances
PAPER = (250, 250, 248)
INK = (34, 36, 40)
GREY = (112, 116, 122)
HALO = (20, 20, 20)
# Okabe and Ito's palette (https://jfly.uni-koeln.de/color/), which colour-blind readers can tell apart.
COLOURS = ((230, 159, 0), (86, 180, 233), (0, 200, 140), (240, 228, 66), (213, 94, 0), (204, 121, 167), (60, 120, 255))
SUBPIXEL = 3  # cv2 takes coordinates in 1/2^3 pixel

Color = tuple[int, int, int]


def contact_sheet(dataset: ShardDataset, *, split: Split, count: int = 12, columns: int = 4) -> RGB:
    """Draw `count` samples, spread evenly over a split, in a grid of `columns`.

    Raises:
        ConfigError: `count` or `columns` is below 1.
        DatasetError: The split has no rows, or one of them is damaged.
    """
    if count < 1 or columns < 1:
        raise ConfigError(f"contact sheet of {count} samples in {columns} columns; both must be at least 1")
    paths = dataset.shard_paths(split)
    total = dataset.count(split)
    shown = min(count, total)
    indices = [position * total // shown for position in range(shown)]
    tiles = [_tile(dataset.row(split, index, ["sample_id", "image", "mask", "instances"])) for index in indices]
    height, width = dataset.manifest.size
    title = f"{dataset.path.resolve().name} · {split}"
    facts = f"{shown} of {total:,} samples · {len(paths)} shards · {width} x {height} px · seed {dataset.manifest.seed}"
    return _assemble(tiles, min(columns, shown), title, facts)


def _assemble(tiles: list[RGB], columns: int, title: str, facts: str) -> RGB:
    height, width = tiles[0].shape[:2]
    rows = math.ceil(len(tiles) / columns)
    size = (GAP + columns * (width + GAP), TITLE + rows * (height + GAP))
    sheet = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP, 12), _fitted(title, _font(20), size[0] - 2 * GAP), fill=INK, font=_font(20))
    pen.text((GAP, 38), _fitted(f"{facts} · {LEGEND}", _font(13), size[0] - 2 * GAP), fill=GREY, font=_font(13))
    for position, tile in enumerate(tiles):
        row, column = divmod(position, columns)
        sheet.paste(Image.fromarray(tile), (GAP + column * (width + GAP), TITLE + row * (height + GAP)))
    return np.array(sheet)


LEGEND = "outline: visible mask, solid: visible box, dashed: amodal box"


def _tile(row: Mapping[str, Any]) -> RGB:
    """Draw one sample and its caption."""
    image, mask = decode_image(row["image"]["bytes"]), decode_mask(row["mask"]["bytes"])
    scale = TILE / max(mask.shape)
    size = (round(mask.shape[1] * scale), round(mask.shape[0] * scale))
    picture = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA).astype(np.uint8)
    for instance in row["instances"]:
        color = _color(instance["number"])
        _dashed_box(picture, np.array(instance["amodal_bbox"]) * scale, color)
        if instance["area"]:
            _box(picture, np.array(instance["bbox"]) * scale, color)
            _outline(picture, mask == instance["number"], size, color)
    return np.concatenate([picture, _caption(row, size[0])])


def _outline(picture: RGB, visible: Coverage, size: tuple[int, int], color: Color) -> None:
    """Trace the mask at the tile's resolution: a dark halo below, the colour above."""
    soft = cv2.resize(visible.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    contours, _ = cv2.findContours((soft >= 0.5).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for thickness, tone in ((3, HALO), (1, color)):
        cv2.drawContours(picture, contours, -1, tone, thickness, cv2.LINE_AA)


def _box(picture: RGB, box: np.ndarray, color: Color) -> None:
    for thickness, tone in ((3, HALO), (1, color)):
        for start, end in _sides(picture, box):
            _line(picture, start, end, tone, thickness)


def _dashed_box(picture: RGB, box: np.ndarray, color: Color) -> None:
    dash, gap = 6.0, 5.0
    for start, end in _sides(picture, box):
        length = float(np.linalg.norm(end - start))
        for offset in np.arange(0.0, length, dash + gap):
            stop = min(offset + dash, length)
            ends = (start + (end - start) * offset / length, start + (end - start) * stop / length)
            _line(picture, *ends, HALO, 3)
            _line(picture, *ends, color, 1)


def _sides(picture: RGB, box: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the box's four sides; one beyond the picture stays beyond it, but near."""
    height, width = picture.shape[:2]
    x0, x1 = np.clip(box[[0, 2]], -8.0, width + 8.0)
    y0, y1 = np.clip(box[[1, 3]], -8.0, height + 8.0)
    corners = [np.array(corner) - 0.5 for corner in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    return list(zip(corners, [*corners[1:], corners[0]], strict=True))


def _line(picture: RGB, start: np.ndarray, end: np.ndarray, color: Color, thickness: int) -> None:
    first, last = (tuple(int(value) for value in np.round(point * 2**SUBPIXEL)) for point in (start, end))
    cv2.line(picture, first, last, color, thickness, cv2.LINE_AA, SUBPIXEL)


def _caption(row: Mapping[str, Any], width: int) -> RGB:
    """Write the sample's name and a line for each instance, as many as there is room for."""
    bar = Image.new("RGB", (width, CAPTION_LINES * LINE + 6), (236, 237, 235))
    pen = ImageDraw.Draw(bar)
    instances = row["instances"]
    pen.text((8, 4), row["sample_id"], fill=INK, font=_font(14))
    count = f"{len(instances)} instance{'' if len(instances) == 1 else 's'}" if instances else "negative"
    pen.text((width - 8, 4), count, fill=GREY, font=_font(13), anchor="ra")
    room = CAPTION_LINES - 1
    for line, instance in enumerate(instances[:room], 1):
        if line == room and len(instances) > room:
            pen.text((24, 4 + line * LINE), f"and {len(instances) - room + 1} more", fill=GREY, font=_font(13))
            break
        pen.rounded_rectangle((8, 8 + line * LINE, 18, 18 + line * LINE), 2, _color(instance["number"]), outline=HALO)
        text = _fitted(_describe(instance), _font(13), width - 32)
        pen.text((24, 4 + line * LINE), text, fill=INK, font=_font(13))
    return np.array(bar)


def _describe(instance: Mapping[str, Any]) -> str:
    return f"{instance['category']} · {instance['visibility']:.0%} visible"


def _fitted(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """Shorten `text` to `width` pixels, with an ellipsis where something was cut."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _color(number: int) -> Color:
    return COLOURS[(number - 1) % len(COLOURS)]
