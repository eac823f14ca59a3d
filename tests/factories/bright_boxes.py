"""Samples whose targets are bright rectangles on noise: what a detector learns in a few steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from sample_factory import make_sample, write_dataset
from synthgen.core.geometry import encode_rle, tight_box
from synthgen.core.types import HiddenInstance, Instance, Sample, Split

SIZE = (64, 64)
CATEGORIES = ("card", "disc")
COLOURS = {"card": (250, 240, 60), "disc": (60, 120, 250)}


def bright_sample(index: int, split: Split = "train", *, boxes: int = 1, hidden: bool = False) -> Sample:
    """Draw `boxes` rectangles of categories in turn, later above earlier; with `hidden`, the first is no target."""
    rng = np.random.default_rng([index, len(split)])
    plain = make_sample(index, split, SIZE, discs=0)
    image, mask, drawn = plain.image.copy(), plain.mask.copy(), []
    for number in range(1, boxes + 1):
        height, width = rng.integers(20, 36, 2)
        top, left = rng.integers(0, SIZE[0] - height), rng.integers(0, SIZE[1] - width)
        category = CATEGORIES[(index + number) % 2]
        image[top : top + height, left : left + width] = COLOURS[category]
        mask[top : top + height, left : left + width] = number
        drawn.append((category, (int(left), int(top), int(left + width), int(top + height))))
    instances = tuple(_instance(number, *each, mask) for number, each in enumerate(drawn, 1))
    sample = replace(plain, image=image, mask=mask, instances=instances)
    return _hiding_the_first(sample) if hidden else sample


def bright_dataset(folder: Path, *, train: int = 14, val: int = 4, empty: int = 2, **changes) -> Path:
    """Write rows of one target, and `empty` rows without any, in train and in val."""
    shards = {}
    for split, count in (("train", train), ("val", val)):
        samples = [bright_sample(index, split) for index in range(count)]
        samples += [bright_sample(index, split, boxes=0) for index in range(count, count + empty)]
        shards[f"{split}-00000.parquet"] = samples
    return write_dataset(folder, shards, **{"categories": [*CATEGORIES], **changes})


def _instance(number, category, box, mask) -> Instance:
    x0, y0, x1, y1 = box
    seen, whole = mask == number, (x1 - x0) * (y1 - y0)
    share = seen.sum() / whole
    return Instance(
        number=number,
        category=category,
        foreground_id=f"{category}-{number}",
        bbox=tight_box(seen),
        area=int(seen.sum()),
        amodal_bbox=box,
        amodal_area=whole,
        amodal_rle=encode_rle(np.ones((y1 - y0, x1 - x0), bool)),
        visibility=share,
        occlusion=1 - share,
        truncation=0.0,
    )


def _hiding_the_first(sample: Sample) -> Sample:
    first, *others = sample.instances
    hidden = HiddenInstance(first.category, first.amodal_bbox, first.amodal_rle, first.visibility)
    mask = np.where(sample.mask == first.number, 0, sample.mask).astype(np.uint8)
    return replace(sample, mask=mask, instances=tuple(others), unlabelled=1, hidden=(hidden,))
