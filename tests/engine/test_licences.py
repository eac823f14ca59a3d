"""A dataset names who made what it shows, and shows nothing under a denied licence."""

import re
from io import StringIO

import pytest
from rich.console import Console

from synthgen.core.errors import AssetError
from synthgen.engine import GenerationConfig, generate
from synthgen.engine.identity import identity
from synthgen.scene.recipe import Recipe
from synthgen.shards.reader import ShardDataset
from synthgen.shards.usage import usage_of
from synthgen.studio import Studio
from tiny_assets import write_tiny_assets

DENIED = "CC-BY-NC-4.0"
RECIPE = {"decoys": {"count": {"min": 0, "max": 1}}, "occluders": {"probability": 0.5}}


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    """Tiny assets, of which every third is under a licence of its own, by an author with a name full of markup."""
    config = write_tiny_assets(tmp_path_factory.mktemp("assets"), foregrounds=30, backgrounds=30)
    for folder in (config.foregrounds, config.backgrounds):
        head, *rows = (folder / "catalog.csv").read_text().splitlines()
        rows[::3] = [row.replace("CC0-1.0,tests", f"{DENIED},<b>A|B</b>") for row in rows[::3]]
        (folder / "catalog.csv").write_text("\n".join([head, *rows, ""]))
    return config


def config(assets, *, train=4, **recipe):
    return GenerationConfig.model_validate(
        {
            "assets": assets.model_dump(),
            "size": (32, 48),
            "recipe": {**RECIPE, **recipe},
            "samples": {"train": train},
            "output": {"path": "unused", "shard_rows": 100},
            "engine": {"workers": 1},
        }
    )


def made(settings, folder):
    generate(settings, folder, console=Console(file=StringIO()))
    return ShardDataset.open(folder)


def attributed(folder):
    """The ids of ATTRIBUTION.md with their rows."""
    lines = re.findall(r"^\| (\S+) \| (cutout|scene) \|.* (\d+) \|$", (folder / "ATTRIBUTION.md").read_text(), re.M)
    return {(kind, name): int(rows) for name, kind, rows in lines}


def test_the_page_and_the_manifest_name_what_occurs_and_nothing_else(assets, tmp_path):
    dataset = made(config(assets), tmp_path / "d")
    usage = usage_of(dataset)
    expected = {("cutout", name): rows for name, rows in usage.foregrounds.items()}
    expected |= {("scene", name): rows for name, rows in usage.backgrounds.items()}
    assert attributed(tmp_path / "d") == expected and len(expected) < 30
    scenes = [row["background_id"] for split in dataset.splits for row in dataset.rows(split, ["background_id"])]
    assert all(usage.backgrounds[name] >= scenes.count(name) for name in scenes)
    assert sum(dataset.manifest.licences.values()) == len(expected)
    assert set(dataset.manifest.licences) == {DENIED, "CC0-1.0"}
    assert "&lt;b&gt;A\\|B&lt;/b&gt;" in (tmp_path / "d/ATTRIBUTION.md").read_text()


def test_growing_writes_it_again(assets, tmp_path):
    made(config(assets), tmp_path / "d")
    few = attributed(tmp_path / "d")
    grown = made(config(assets, train=16), tmp_path / "d")
    more = attributed(tmp_path / "d")
    assert few.keys() < more.keys()
    assert sum(grown.manifest.licences.values()) == len(more)


def test_what_is_denied_is_in_no_scene(assets, tmp_path):
    dataset = made(config(assets, licences={"deny": ["cc-by-nc*"]}), tmp_path / "d")
    assert set(dataset.manifest.licences) == {"CC0-1.0"}
    assert DENIED not in (tmp_path / "d/ATTRIBUTION.md").read_text()


def test_nothing_is_written_where_nothing_is_left(assets, tmp_path):
    with pytest.raises(AssetError, match=r"recipe.licences.deny leaves split 'train' no target cutout"):
        made(config(assets, licences={"deny": ["*"]}), tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_a_recipe_without_it_is_the_recipe_that_it_was(assets, tmp_path):
    settings = config(assets)
    catalog = Studio.open(settings, tmp_path).catalog
    assert "licences" not in identity(settings, catalog)["recipe"]
    assert "licences" in identity(config(assets, licences={"deny": ["x"]}), catalog)["recipe"]
    assert Recipe.model_validate({"licences": {"deny": []}}) == Recipe()
