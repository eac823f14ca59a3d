"""What a dataset is made of, as text: the parts of its fingerprint.

A part spells the options that differ from their defaults, so an option that comes with a later synthgen leaves the
datasets of before as they are. Whoever changes a default, or a preset, also raises `SCENE_VERSION`: old text would
mean new pixels.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from pydantic import BaseModel, ValidationError

from synthgen.assets.catalog import Catalog
from synthgen.assets.splits import SplitShares
from synthgen.engine.settings import GenerationConfig
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import SCENE_VERSION
from synthgen.shards.codec import ImageCodec

__all__ = ["fingerprint", "identity", "respelled"]

SPELLED: dict[str, type[BaseModel]] = {"recipe": Recipe, "splits": SplitShares, "image": ImageCodec}


def identity(config: GenerationConfig, catalog: Catalog) -> dict[str, str]:
    """Return everything that decides a sample's bytes; counts and shard size are not part of it."""
    return {
        "scene version": str(SCENE_VERSION),
        "seed": str(config.seed),
        "size": f"{config.size[0]}x{config.size[1]}",
        "recipe": _changes(config.recipe),
        "splits": _changes(config.assets.splits),
        "image": _changes(config.output.image),
        "assets": catalog.digest,
    }


def fingerprint(parts: Mapping[str, str]) -> str:
    """Return the SHA-256 of the parts."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def respelled(parts: Mapping[str, str]) -> dict[str, str]:
    """Put the parts of an older run, which spell every option there was, as `identity` puts them."""
    return {name: _respelled(name, text) for name, text in parts.items()}


def _respelled(name: str, text: str) -> str:
    model = SPELLED.get(name)
    if model is None:
        return text
    try:
        return _changes(model.model_validate_json(text))
    except ValidationError:  # an option that there is no more: another recipe
        return text


def _changes(options: BaseModel) -> str:
    """Return the options that differ from their defaults, as JSON with sorted keys."""
    return json.dumps(options.model_dump(mode="json", exclude_defaults=True), sort_keys=True)
