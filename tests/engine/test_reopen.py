"""A dataset's studio is opened again from its folder: the same scenes, or those of a recipe that was changed."""

import pytest
from rich.console import Console

from synthgen.core.errors import ConfigError, DatasetError
from synthgen.engine import GenerationConfig, generate, studio_of
from synthgen.shards import ShardDataset
from synthgen.shards.codec import pixel_hash
from tiny_assets import write_tiny_assets


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    project = tmp_path_factory.mktemp("project")
    values = {
        "seed": 5,
        "assets": write_tiny_assets(project / "assets").model_dump(),
        "size": (64, 64),
        "samples": {"train": 2},
        "recipe": {"negatives": 0.0, "blend": {"modes": ["feather"]}},
        "output": {"path": "unused"},
        "engine": {"workers": 1},
    }
    generate(GenerationConfig.model_validate(values), project / "dataset", console=Console(quiet=True))
    return project / "dataset"


def test_it_makes_the_same_samples(dataset):
    stored = ShardDataset.open(dataset).row("train", 1)["pixel_hash"]
    assert pixel_hash(studio_of(dataset).sample("train", 1).image) == stored


def test_what_is_changed_is_changed_alone(dataset):
    studio = studio_of(dataset, changes={"recipe.negatives": 1.0, "samples": {"test": 3}})
    assert studio.scene("test", 0).placements == () or studio.config.recipe.distractors.max
    assert (studio.config.recipe.negatives, studio.config.samples.test, studio.config.samples.train) == (1.0, 3, 0)
    assert studio.config.recipe.blend.modes == studio_of(dataset).config.recipe.blend.modes


def test_only_its_assets_can_be_set(dataset):
    with pytest.raises(ConfigError, match=r"--set seed=1: the dataset decides all but its assets"):
        studio_of(dataset, ["seed=1"])


def test_a_recipe_that_cannot_be_read_is_of_another_synthgen(dataset):
    with pytest.raises(DatasetError, match=r"recipe\.glow: unknown key.*; the recipe is of another synthgen"):
        studio_of(dataset, changes={"recipe.glow": 1})


def test_an_unfinished_dataset_has_no_studio(tmp_path):
    with pytest.raises(DatasetError, match="give the path of a dataset made by `synthgen generate`"):
        studio_of(tmp_path)
