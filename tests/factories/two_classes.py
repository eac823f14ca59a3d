"""Pictures with and without discs, and a CLIP whose embeddings eight heads can part: what classifiers are tried on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sample_factory import make_samples
from synthgen.core.types import Sample, Split
from tiny_clip import VIT, saved_clip
from trainers.config.clip import ClipConfig

SIZE = (32, 32)


def of_two_classes(count: int, split: Split = "train") -> list[Sample]:
    """Make discs where the index is odd, none elsewhere."""
    samples = make_samples(2 * count, split, size=SIZE)
    halves = zip(samples[0::4], samples[3::4], strict=True)  # no disc, three discs
    return [replace(sample, index=index) for index, sample in enumerate(s for pair in halves for s in pair)]


def parted_clip(folder: Path, **options: Any) -> ClipConfig:
    """Save a random CLIP with embeddings of 16 numbers."""
    return saved_clip(folder, {**VIT, "embed_dim": 16}, **options)
