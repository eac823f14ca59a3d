"""A dataset with categories held out says so, in its rows, its run and its manifest; others are as they were."""

import json

import pytest
from rich.console import Console

from synthgen.core.errors import AssetError
from synthgen.engine import GenerationConfig, generate, merge
from synthgen.engine.identity import identity
from synthgen.parallel.settings import EngineConfig
from synthgen.shards.manifest import read_manifest, write_manifest
from synthgen.shards.reader import ShardDataset
from synthgen.shards.verify import verify_dataset
from tiny_assets import make_rifles, write_tiny_assets

QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    made = write_tiny_assets(tmp_path_factory.mktemp("a"), foregrounds=20)
    make_rifles(made)
    return made


def config(assets, seed=1, **splits):
    values = {"foregrounds": assets.foregrounds, "backgrounds": assets.backgrounds}
    return GenerationConfig.model_validate(
        {
            "seed": seed,
            "assets": values | ({"splits": splits} if splits else {}),
            "size": (48, 64),
            "samples": {"train": 24, "val": 6, "test": 24},
            "recipe": {"instances": {"min": 1, "max": 2}},
            "output": {"path": "unused"},
            "engine": {"workers": 1},
        }
    )


@pytest.fixture(scope="module")
def dataset(assets, tmp_path_factory):
    folder = tmp_path_factory.mktemp("d") / "d"
    generate(config(assets, hold_out=["rifle"]), folder, console=QUIET)
    return folder


def shown(dataset, split):
    rows = ShardDataset.open(dataset).rows(split, ["instances.list.element.category"])
    return {instance["category"] for row in rows for instance in row["instances"]}


def test_the_category_occurs_in_test_alone(dataset):
    assert {split: shown(dataset, split) for split in ("train", "val", "test")} == {
        "train": {"handgun"},
        "val": {"handgun"},
        "test": {"handgun", "rifle"},
    }
    assert verify_dataset(dataset).problems == ()


def test_run_and_manifest_tell_of_it(dataset):
    assert read_manifest(dataset).held_out == ["rifle"]
    parts = json.loads((dataset / "run.json").read_text())["parts"]
    assert json.loads(parts["splits"]) == {"hold_out": ["rifle"]}


def test_without_it_identity_and_manifest_are_as_before(assets):
    class AnyCatalog:
        digest = "a"

    assert identity(config(assets), AnyCatalog())["splits"] == "{}"
    assert config(assets).model_dump(mode="json")["assets"]["splits"] == {"train": 0.7, "val": 0.15, "test": 0.15}


def test_verify_finds_a_category_that_leaks(dataset, tmp_path):
    manifest = read_manifest(dataset)
    (tmp_path / "d").mkdir()
    for entry in manifest.shards:
        (tmp_path / "d" / entry.file).symlink_to(dataset / entry.file)
    write_manifest(tmp_path / "d", manifest.model_copy(update={"held_out": ["handgun"]}))
    problems = verify_dataset(tmp_path / "d").problems
    assert "train-00000.parquet: train-000000: shows handgun, which is held out for test" in problems
    assert all("test-" not in problem for problem in problems)


def test_a_category_that_no_asset_has_is_refused_before_anything_is_written(assets, tmp_path):
    with pytest.raises(AssetError, match="no target is of category 'shotgun'; the catalog has: handgun, rifle"):
        generate(config(assets, hold_out=["shotgun"]), tmp_path / "d", console=QUIET)
    assert not (tmp_path / "d/run.json").exists()


def test_merged_with_a_dataset_that_holds_out_the_same_it_stays_held_out(assets, dataset, tmp_path):
    generate(config(assets, seed=2, hold_out=["rifle"]), tmp_path / "e", console=QUIET)
    manifest = merge(dataset, tmp_path / "e", tmp_path / "m", engine=EngineConfig(workers=1), console=QUIET)
    assert manifest.held_out == ["rifle"]
