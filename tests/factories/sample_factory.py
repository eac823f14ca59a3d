"""Samples made by hand: discs that hide each other and leave the frame, masks known exactly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from synthgen.core.geometry import encode_rle, tight_box
from synthgen.core.types import HiddenInstance, Instance, Sample, Split
from synthgen.shards.codec import ImageCodec
from synthgen.shards.manifest import Manifest, write_manifest
from synthgen.shards.writer import write_shard

CODEC = ImageCodec(codec="png")
COLOURS = ((210, 80, 70), (70, 150, 210), (230, 190, 60), (120, 190, 110))
MARGIN = 64  # the canvas reaches this far beyond the frame, on every side


def make_sample(index: int = 0, split: Split = "train", size: tuple[int, int] = (48, 64), discs: int = 3) -> Sample:
    """Draw `discs` discs, later above earlier; the last one reaches beyond the frame's right edge."""
    height, width = size
    rng = np.random.default_rng([index, len(split), discs])
    image = rng.integers(90, 130, (height, width, 3), dtype=np.uint8)
    covers = [_disc(rng, size, beyond=discs > 1 and number == discs - 1) for number in range(discs)]
    mask = np.zeros(size, np.uint8)
    frame = (slice(MARGIN, MARGIN + height), slice(MARGIN, MARGIN + width))
    for number, cover in enumerate(covers, 1):
        mask[cover[frame]] = number
        image[cover[frame]] = COLOURS[number % len(COLOURS)]
    instances = tuple(_instance(n, cover, mask, frame, f"{split}-disc-{n}") for n, cover in enumerate(covers, 1))
    scene = {
        "split": split,
        "index": index,
        "placements": [{"source": {"kind": "cutout", "foreground_id": it.foreground_id}} for it in instances],
    }
    return Sample(
        split=split,
        index=index,
        image=image,
        mask=mask,
        instances=instances,
        background_id=f"{split}-scene",
        scene_id=f"{split}-{index:06d}",
        unlabelled=0,
        unplaced=0,
        scene=json.dumps(scene, sort_keys=True),
    )


def layered_sample(index: int = 0, split: Split = "train") -> Sample:
    """Draw a frame of 48×64: a plate with a hole in two parts, what makes the hole, what parts it, and a hidden target.

    The bar reaches beyond the frame; the speck has two pixels, and the hidden target lies half behind the plate.
    """
    covers = np.zeros((5, 48 + 2 * MARGIN, 64 + 2 * MARGIN), bool)
    boxes = ((6, 4, 40, 44), (12, 10, 20, 18), (-9, 28, 60, 33), (45, 2, 46, 4), (10, 38, 30, 52))
    for cover, (top, left, bottom, right) in zip(covers, boxes, strict=True):
        cover[MARGIN + top : MARGIN + bottom, MARGIN + left : MARGIN + right] = True
    frame = (slice(MARGIN, MARGIN + 48), slice(MARGIN, MARGIN + 64))
    mask = np.zeros((48, 64), np.uint8)
    for number, cover in enumerate(covers[:4], 1):
        mask[cover[frame]] = number
    plain = make_sample(index, split, discs=0)
    kinds = ("plate", "disc", "disc", "plate")
    instances = tuple(
        replace(_instance(number, cover, mask, frame, f"{split}-{kind}-{number}"), category=kind)
        for number, (cover, kind) in enumerate(zip(covers[:4], kinds, strict=True), 1)
    )
    behind = covers[4] & ~covers[0]
    x0, y0, x1, y1 = tight_box(behind)
    box = (x0 - MARGIN, y0 - MARGIN, x1 - MARGIN, y1 - MARGIN)
    hidden = HiddenInstance("disc", box, encode_rle(behind[y0:y1, x0:x1]), 0.1)
    image = plain.image.copy()
    image[mask > 0] = np.array(COLOURS, np.uint8)[mask[mask > 0] - 1]
    return replace(plain, image=image, mask=mask, instances=instances, unlabelled=1, hidden=(hidden,))


def make_samples(count: int, split: Split = "train", **options: object) -> list[Sample]:
    """Make samples 0 … count - 1 of a split, with 0 to 3 discs in turn."""
    return [make_sample(index, split, discs=index % 4, **options) for index in range(count)]  # type: ignore[arg-type]


def write_dataset(
    folder: Path, samples_of: dict[str, list[Sample]], *, codec: ImageCodec = CODEC, **changes: object
) -> Path:
    """Write shards of the given samples by file name, images lossless by default, and a manifest."""
    entries = [write_shard(folder / file, samples, codec) for file, samples in samples_of.items()]
    values = {
        "fingerprint": "f",
        "seed": 0,
        "size": next(iter(samples_of.values()))[0].mask.shape,
        "pipeline": {},
        "assets_digest": "a",
        "categories": ["disc"],
        "shards": entries,
        **changes,
    }
    write_manifest(folder, Manifest.model_validate(values))
    return folder


def _disc(rng: np.random.Generator, size: tuple[int, int], beyond: bool) -> np.ndarray:
    height, width = size
    radius = rng.uniform(0.2, 0.3) * height
    x = width - radius * 0.4 if beyond else rng.uniform(0.3, 0.7) * width
    y = rng.uniform(0.3, 0.7) * height
    rows, columns = np.mgrid[-MARGIN : height + MARGIN, -MARGIN : width + MARGIN]
    return (rows + 0.5 - y) ** 2 + (columns + 0.5 - x) ** 2 <= radius**2


def _instance(
    number: int, cover: np.ndarray, mask: np.ndarray, frame: tuple[slice, slice], foreground_id: str
) -> Instance:
    visible, inside, full = int((mask == number).sum()), int(cover[frame].sum()), int(cover.sum())
    x0, y0, x1, y1 = tight_box(cover)
    return Instance(
        number=number,
        category="disc",
        foreground_id=foreground_id,
        bbox=tight_box(mask == number),
        area=visible,
        amodal_bbox=(x0 - MARGIN, y0 - MARGIN, x1 - MARGIN, y1 - MARGIN),
        amodal_area=full,
        amodal_rle=encode_rle(cover[y0:y1, x0:x1]),
        visibility=visible / full,
        occlusion=1 - visible / inside if inside else 0.0,
        truncation=1 - inside / full,
    )
