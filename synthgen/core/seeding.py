"""Where randomness comes from: a generator named by (seed, split, index, stage).

Each stage of planning has a fixed number, so a new stage shifts no older draw, and
no draw depends on which worker made it or what was drawn before (law 1). Philox (Salmon et al. 2011,
"Parallel random numbers: as easy as 1, 2, 3") takes seed and name as they are, key and counter:
streams never meet, and starting one costs a tenth of hashing the name into a state.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache

import numpy as np
from numpy.random.bit_generator import ISeedSequence

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
    STRETCH = 10
    GROUND = 11
    GAIN = 12
    SKEW = 13
    MOTION = 14
    NOISE = 15


def rng_for(seed: int, split: Split, index: int, stage: Stage, item: int = 0) -> np.random.Generator:
    """Return the generator for one stage of one sample; `item` numbers objects within it.

    Seed and index are below 2^64. The counter's first word is left to the stream.
    """
    counter = np.array((0, item << 8 | stage, index, SPLITS.index(split)), dtype=np.uint64)
    return np.random.Generator(np.random.Philox(_key(seed), counter=counter))  # type: ignore[arg-type]


@cache
def _key(seed: int) -> _Key:
    return _Key(seed)


class _Key(ISeedSequence):
    """Hands Philox its key. Given as `key`, NumPy would first ask the system for entropy it then has no use for."""

    def __init__(self, seed: int) -> None:
        self._words = np.array((seed, 0), dtype=np.uint64)

    def generate_state(self, n_words: int, dtype: object = np.uint32) -> np.ndarray:
        """Return the key."""
        return self._words
