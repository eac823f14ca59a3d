"""The user's own albumentations pipeline, run after the camera; labels move with the picture.

It is given as `albumentations.to_dict` writes it and seeded by the scene, so a row can be rendered
again. albumentations is imported where a recipe asks for it only: it takes seconds to load.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from synthgen.core.errors import ConfigError
from synthgen.core.types import RGB, Coverage

__all__ = ["Augmentation", "load_augmentation"]


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
        transform = load_augmentation(self.pipeline)
        transform.set_random_seed(self.seed)
        stacked = [mask.astype(np.uint8) for mask in masks]
        result = transform(image=image, masks=stacked) if stacked else transform(image=image)
        changed = result["image"]
        if changed.shape != image.shape or changed.dtype != np.uint8:
            raise ConfigError(
                f"recipe.augment: turned a picture of {image.shape}, uint8, into {changed.shape}, {changed.dtype}; "
                "leave size and type as they are"
            )
        return np.ascontiguousarray(changed), tuple(np.asarray(mask) > 0 for mask in result.get("masks", ()))

    def to_json(self) -> dict[str, Any]:
        """Return {"pipeline": …, "seed": …}."""
        return {"pipeline": json.loads(self.pipeline), "seed": self.seed}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Augmentation:
        """Rebuild what `to_json` wrote."""
        return cls(json.dumps(value["pipeline"], sort_keys=True), value["seed"])


@lru_cache(maxsize=8)
def load_augmentation(pipeline: str) -> Any:
    """Build the pipeline from its JSON.

    Raises:
        ConfigError: albumentations cannot read it.
    """
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # it would ask the network for its newest version
    import albumentations

    try:
        transform = albumentations.from_dict(json.loads(pipeline))
    except Exception as error:  # albumentations raises whatever its transforms raise
        raise ConfigError(f"recipe.augment: albumentations cannot read it: {error}; see to_dict there") from error
    if not isinstance(transform, albumentations.Compose):
        raise ConfigError("recipe.augment: expected an albumentations Compose")
    return transform
