"""The user's own albumentations pipeline, run after the camera; labels move with the picture.

It is given as `albumentations.to_dict` writes it and seeded by the scene, so a row can be rendered again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthgen.core.augmentation import Pipeline
from synthgen.core.types import RGB, Coverage

__all__ = ["WHERE", "Augmentation"]

WHERE = "recipe.augment"


@dataclass(frozen=True, slots=True)
class Augmentation:
    """A pipeline, as JSON, and the seed of one run of it."""

    pipeline: str
    seed: int

    def apply(self, image: RGB, masks: Sequence[Coverage]) -> tuple[RGB, tuple[Coverage, ...]]:
        """Return image and masks after the pipeline, moved by one map.

        Raises:
            ConfigError: The pipeline changes the size of the picture, or its type.
        """
        labels = {"masks": [mask.astype(np.uint8) for mask in masks]} if masks else {}
        done = Pipeline(self.pipeline, WHERE).run(self.seed, image, **labels)
        return np.ascontiguousarray(done["image"]), tuple(np.asarray(mask) > 0 for mask in done.get("masks", ()))

    def to_json(self) -> dict[str, Any]:
        """Return {"pipeline": …, "seed": …}."""
        return {"pipeline": json.loads(self.pipeline), "seed": self.seed}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Augmentation:
        """Rebuild what `to_json` wrote."""
        return cls(json.dumps(value["pipeline"], sort_keys=True), value["seed"])
