"""Samples of three categories of discs, told apart by their colour, and what a dataset of them is made of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from sample_factory import make_sample, write_dataset
from synthgen.core.types import Sample, Split

__all__ = ["CATEGORIES", "COLOURS", "class_numbers", "classed_dataset", "classed_sample"]

CATEGORIES = ("red", "green", "blue")
COLOURS = ((220, 40, 40), (40, 200, 60), (50, 60, 220))


def classed_sample(index: int = 0, split: Split = "train", size: tuple[int, int] = (32, 32), discs: int = 2) -> Sample:
    """Draw discs, each in the colour of its category, which differs from sample to sample."""
    plain = make_sample(index, split, size, discs)
    categories = [(index + number) % 3 for number in range(discs)]
    image = plain.image.copy()
    for number, category in enumerate(categories, 1):
        image[plain.mask == number] = COLOURS[category]
    instances = [
        replace(instance, category=CATEGORIES[category])
        for instance, category in zip(plain.instances, categories, strict=True)
    ]
    return replace(plain, image=image, instances=tuple(instances))


def classed_dataset(folder: Path, counts: dict[Split, int], size: tuple[int, int] = (32, 32)) -> Path:
    """Write a dataset of them; every fourth sample shows nothing."""
    shards = {
        f"{split}-00000.parquet": [classed_sample(i, split, size, 0 if i % 4 == 3 else 2) for i in range(count)]
        for split, count in counts.items()
    }
    return write_dataset(folder, shards, categories=list(CATEGORIES))


def class_numbers(sample: Sample) -> np.ndarray:
    """Return the number of each pixel's category, from 1; 0 = none."""
    found = np.zeros(sample.mask.shape, np.uint8)
    for instance in sample.instances:
        found[sample.mask == instance.number] = 1 + CATEGORIES.index(instance.category)
    return found
