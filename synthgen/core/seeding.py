"""Where randomness comes from: a generator named by (seed, split, index, stage).

Each stage of planning has a fixed number, so a new stage shifts no older draw, and
no draw depends on which worker made it or what was drawn before (law 1).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from synthgen.core.types import SPLITS, Split

__all__ = ["Stage", "rng_for"]


class Stage(IntEnum):
    """Stages of planning. Numbers are part of the dataset format: append, never renumber."""

    BACKGROUND = 0
    CONTENT = 1
    PLACEMENT = 2
    BLEND = 3
    LIGHT = 4
    OCCLUSION = 5
    DECOYS = 6
    CAMERA = 7
    VIEW = 8
    AUGMENT = 9


def rng_for(seed: int, split: Split, index: int, stage: Stage, item: int = 0) -> np.random.Generator:
    """Return the generator for one stage of one sample; `item` numbers objects within it."""
    key = (SPLITS.index(split), index, int(stage), item)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
