"""Where randomness comes from: a generator named by (seed, split, index, stage).

Each stage of planning has a fixed number, so a new stage shifts no older draw, and
no draw depends on which worker made it or what was drawn before (law 1). Philox (Salmon et al. 2011,
"Parallel random numbers: as easy as 1, 2, 3") takes seed and name as they are, key and counter:
streams never meet, and starting one costs half of hashing the name into a state.
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
    """Return the generator for one stage of one sample; `item` numbers objects within it.

    Seed and index are below 2^64. The counter's first word is left to the stream.
    """
    counter = np.array((0, item << 8 | stage, index, SPLITS.index(split)), dtype=np.uint64)
    return np.random.Generator(np.random.Philox(counter=counter, key=np.array((seed, 0), dtype=np.uint64)))
