"""A dataset made before row schema 3, scene version 4 and fingerprints of changes: it opens, and its rows replay."""

import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from synthgen.assets.intake import load_catalog
from synthgen.core.errors import DatasetError
from synthgen.engine import GenerationConfig, generate, replay
from synthgen.shards.reader import ShardDataset
from synthgen.shards.verify import verify_dataset
from tiny_assets import write_tiny_assets

OLD = Path(__file__).parents[1] / "golden/version-2/dataset"
RECIPE = {"min_visibility": 0.75, "occluders": {"probability": 0.9}}


@pytest.fixture
def old(tmp_path):
    """A copy of the old dataset, and the assets it was made from (PNG bytes vary with the version of OpenCV)."""
    assets = write_tiny_assets(tmp_path, foregrounds=30, backgrounds=30)
    shutil.copytree(OLD, tmp_path / "dataset")
    digest = load_catalog(assets).digest
    for name in ("run.json", "manifest.json"):
        path = tmp_path / "dataset" / name
        known = json.loads((OLD / "manifest.json").read_text())["assets_digest"]
        path.write_text(path.read_text().replace(known, digest))
    return assets, tmp_path / "dataset"


def grown(old, recipe=None, train=9):
    assets, folder = old
    values = {
        "seed": 3,
        "assets": assets.model_dump(),
        "size": (32, 32),
        "samples": {"train": train, "val": 2},
        "recipe": recipe or RECIPE,
        "output": {"path": "unused", "shard_rows": 6, "image": {"codec": "png"}},
        "engine": {"workers": 1},
    }
    generate(GenerationConfig.model_validate(values), folder, console=Console(quiet=True))
    return folder


def test_it_reads_and_verifies_but_does_not_grow_since_scenes_have_another_version(old):
    """Rows of two versions of the planner never mix; the dataset stays as it is."""
    before = (old[1] / "train-00000.parquet").read_bytes(), (old[1] / "run.json").read_bytes()
    with pytest.raises(DatasetError, match=r"scene version was 3, is 4 now; go back .* or choose another --output"):
        grown(old)
    assert ((old[1] / "train-00000.parquet").read_bytes(), (old[1] / "run.json").read_bytes()) == before
    assert verify_dataset(old[1]).problems == ()
    assert len(list(ShardDataset.open(old[1]).rows("train"))) == 6


def test_another_recipe_is_refused(old):
    said = r"recipe\.min_visibility was 0\.75, is 0\.7 now; recipe\.occluders\.probability was 0\.9, is not set now"
    with pytest.raises(DatasetError, match=said):
        grown(old, {"min_visibility": 0.7})


def test_its_rows_replay(old):
    assets, folder = old
    with pytest.raises(DatasetError, match=r"--set assets\.foregrounds=DIR"):
        replay(folder, "train", 1)
    moved = [f"assets.{name}={getattr(assets, name)}" for name in ("foregrounds", "backgrounds")]
    assert replay(folder, "train", 1, moved).matches
