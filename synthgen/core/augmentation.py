"""Pipelines of albumentations: the one reader, for generation and for training alike.

A pipeline is the JSON that `albumentations.to_dict` writes. albumentations keeps the state of its draws inside the
pipeline object, so a thread that seeds a pipeline and then calls it must not share it: each thread builds its own.
albumentations takes seconds to load and is imported by the first pipeline that is read.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from synthgen.core.errors import ConfigError
from synthgen.core.types import RGB

__all__ = ["Pipeline"]

KEPT = 8  # pipelines that a thread keeps built


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline of albumentations; any number of threads may run it.

    Attributes:
        text: JSON, as `albumentations.to_dict` writes it.
        where: Names the setting in messages, e.g. "recipe.augment".
    """

    text: str
    where: str

    def check(self) -> None:
        """Build the pipeline once.

        Raises:
            ConfigError: albumentations cannot read it, or it is no Compose.
        """
        _built(self.text, self.where)

    def run(self, seed: int, image: RGB, **labels: Any) -> dict[str, Any]:
        """Return the new "image" (uint8, same shape) and `labels` (`mask` or `masks`), moved by one map.

        The result depends on the arguments alone.

        Raises:
            ConfigError: The pipeline cannot be read, or it changes the size or the type of the picture.
        """
        transform = _built(self.text, self.where)
        transform.set_random_seed(seed)
        done: dict[str, Any] = transform(image=image, **labels)
        new = done["image"]
        if new.shape != image.shape or new.dtype != np.uint8:
            raise ConfigError(
                f"{self.where}: turned a picture of {image.shape}, uint8, into {new.shape}, {new.dtype}; "
                "leave size and type as they are"
            )
        return done


_thread = threading.local()


def _built(text: str, where: str) -> Any:
    """Return this thread's own copy of the pipeline."""
    if not hasattr(_thread, "build"):
        _thread.build = lru_cache(KEPT)(_build)
    return _thread.build(text, where)


def _build(text: str, where: str) -> Any:
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # it would ask the network for its newest version
    import albumentations

    try:
        transform = albumentations.from_dict(json.loads(text))
    except Exception as error:  # albumentations raises whatever its transforms raise
        raise ConfigError(f"{where}: albumentations cannot read it: {error}; see to_dict there") from error
    if not isinstance(transform, albumentations.Compose):
        raise ConfigError(f"{where}: found {type(transform).__name__}; wrap it in an albumentations Compose")
    return transform
