"""Any value at any key of a pipeline: it is refused in a few lines, or scenes can be planned under it."""

import copy
from dataclasses import replace

import pytest

from synthgen.core.errors import ConfigError, PlacementError
from synthgen.core.yaml_file import validated
from synthgen.engine import GenerationConfig
from synthgen.scene.recipe import Recipe
from synthgen.studio import Studio
from tiny_assets import write_tiny_assets

VALUES = {
    "nothing": None,
    "a boolean": True,
    "zero": 0,
    "one": 1,
    "minus one": -1,
    "a half": 0.5,
    "a large whole number": 2**64 - 1,
    "a small whole number": 1 - 2**64,
    "a large number": 1e308,
    "a negative large number": -1e308,
    "next to zero": 1e-308,
    "infinity": float("inf"),
    "no number": float("nan"),
    "empty text": "",
    "a number as text": "10",
    "NUL": "\0",
    "somebody's home": "~nobody/x",
    "long text": "x" * 5000,
    "an empty list": [],
    "lists": [[]],
    "numbers": [1, 2],
    "large numbers": [1e308, 1e308],
    "names": ["a", "b"],
    "an empty mapping": {},
    "a mapping": {"a": 1},
    "a range of nothing": {"min": 0, "max": 0},
    "a wide range": {"min": -1e6, "max": 1e6},
    "a far range": {"min": 1e6, "max": 1e6},
    "a narrow range": {"min": 1e-308, "max": 1e-308},
}


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """A whole pipeline with every key of the recipe, as YAML gives it, and a studio over its assets."""
    folder = tmp_path_factory.mktemp("hostile")
    write_tiny_assets(folder, foregrounds=12, backgrounds=12)
    values = {
        "seed": 0,
        "assets": {"foregrounds": "foregrounds", "backgrounds": "backgrounds", "category": "object"},
        "size": [64, 64],
        "samples": {"train": 4},
        "recipe": Recipe().model_dump(mode="json"),
        "output": {"path": "run", "shard_rows": 8, "image": {"codec": "jpeg", "quality": 90}},
        "engine": {"kind": "local", "workers": 1},
    }
    config = validated(GenerationConfig, values, "p.yaml", base=folder)
    return folder, values, Studio.open(config, folder / "cache")


def places(values, above=()):
    for key, inner in values.items():
        yield (*above, key)
        if isinstance(inner, dict):
            yield from places(inner, (*above, key))


def changed(values, place, value):
    values = copy.deepcopy(values)
    inner = values
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return values


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_refused_or_can_be_used(ground, name):
    folder, values, studio = ground
    refused = 0
    for place in places(values):
        if place == ("recipe", "augment") and name == "an empty mapping":
            continue  # imports albumentations for some seconds; see tests of augmentation
        try:
            config = validated(GenerationConfig, changed(values, place, VALUES[name]), "p.yaml", base=folder)
            replace(studio, config=config).scene("train", 0)
        except (ConfigError, PlacementError) as error:
            refused += 1
            assert len(str(error).splitlines()) <= 21 and len(str(error)) < 2000
            assert str(error).startswith((f"p.yaml: {place[0]}", "sample train[0]"))
    assert refused > 50
