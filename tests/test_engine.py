"""The engine: the same rows however they are made, and nothing mixed (laws 1 and 5)."""

import os
import signal
import subprocess
import sys
import time
from io import StringIO

import cv2
import pytest
from rich.console import Console

from synthgen.core.errors import AssetError, ConfigError, DatasetError, OutputError, PlacementError
from synthgen.engine import GenerationConfig, generate
from synthgen.shards.content import dataset_hash
from synthgen.shards.reader import ShardDataset
from synthgen.shards.verify import verify_dataset
from tiny_assets import write_tiny_assets

FULL = {
    "decoys": {"count": {"min": 0, "max": 1}},
    "occluders": {"probability": 0.5},
    "blend": {"modes": ["none", "feather", "gaussian", "box", "motion", "poisson", "laplacian"], "paired": 2},
    "harmonize": {"modes": ["none", "reinhard", "histogram", "exposure", "relight"]},
    "shadow": {"modes": ["none", "contact", "cast"]},
    "camera": {"preset": "cctv-day"},
}
RUN_CHILD = """
import sys, json
from pathlib import Path
from rich.console import Console
from synthgen.engine import GenerationConfig, generate
if __name__ == "__main__":
    generate(GenerationConfig.model_validate_json(sys.argv[1]), Path(sys.argv[2]), console=Console(quiet=True))
"""


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    return write_tiny_assets(tmp_path_factory.mktemp("assets"), foregrounds=30, backgrounds=30)


def config(assets, *, shard_rows=8, workers=1, train=32, **changes):
    values = {
        "seed": 0,
        "assets": assets.model_dump(),
        "size": (64, 96),
        "recipe": FULL,
        "samples": {"train": train, "test": 8},
        "output": {"path": "unused", "shard_rows": shard_rows},
        "engine": {"workers": workers},
        **changes,
    }
    return GenerationConfig.model_validate(values)


def make(settings, folder):
    text = StringIO()
    generate(settings, folder, console=Console(file=text, width=200))
    return dataset_hash(folder), text.getvalue()


@pytest.fixture(scope="module")
def reference(assets, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference") / "dataset"
    return folder, make(config(assets), folder)[0]


@pytest.mark.parametrize(("workers", "shard_rows"), [(2, 8), (1, 5), (1, 100), (4, 4)])
def test_workers_and_shard_size_change_no_row(assets, reference, tmp_path, workers, shard_rows):
    assert make(config(assets, workers=workers, shard_rows=shard_rows), tmp_path / "d")[0] == reference[1]


def test_a_killed_run_continues_to_the_same_rows(assets, tmp_path):
    whole = config(assets, train=320, shard_rows=5, workers=2)
    folder = tmp_path / "killed"
    script = tmp_path / "child.py"
    script.write_text(RUN_CHILD)
    child = subprocess.Popen([sys.executable, script, whole.model_dump_json(), folder], start_new_session=True)
    deadline = time.monotonic() + 240  # a machine may have other work
    while len(list(folder.glob("train-*.parquet"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    assert not (folder / "manifest.json").exists()
    done = len(list(folder.glob("*.parquet")))
    assert 3 <= done < 66
    with pytest.raises(DatasetError, match="the run did not finish"):
        ShardDataset.open(folder)
    continued, text = make(whole, folder)
    assert "generate: 328/328 rows" in text
    assert continued == make(config(assets, train=320), tmp_path / "unbroken")[0]


def test_the_rows_of_a_full_recipe_are_proven(reference):
    report = verify_dataset(reference[0])
    assert report.problems == () and report.rows == 40


def test_samples_of_a_scene_share_its_id(reference):
    table = ShardDataset.open(reference[0]).table("train", ["scene_id", "sample_id"]).to_pylist()
    assert [row["scene_id"] for row in table] == [f"train-{index // 2:06d}" for index in range(32)]


def test_hidden_and_homeless_objects_are_counted(reference):
    dataset = ShardDataset.open(reference[0])
    for name in ("unlabelled", "unplaced"):
        rows = sum(sum(dataset.table(split, [name])[name].to_pylist()) for split in dataset.splits)
        assert rows == sum(getattr(entry, name) for entry in dataset.manifest.shards)


def test_growing_keeps_the_samples(assets, reference, tmp_path):
    make(config(assets, train=12), tmp_path)
    grown, _ = make(config(assets), tmp_path)
    assert grown == reference[1]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"seed": 1}, "seed was 0, is 1 now"),
        ({"recipe": {**FULL, "negatives": 0.9}}, r"another run: recipe\.negatives was not set, is 0\.9 now; go back"),
        ({"shard_rows": 9}, "shard_rows"),
    ],
)
def test_another_run_is_refused(assets, reference, changes, named):
    with pytest.raises(DatasetError, match=named):
        make(config(assets, **changes), reference[0])


def test_impossible_recipes_fail_before_any_shard(assets, tmp_path):
    recipe = {"scale": {"min": 4, "max": 4}, "truncation": {"probability": 0}, "negatives": 0}
    with pytest.raises(PlacementError, match=r"train\[0\]"):
        make(config(assets, recipe=recipe), tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_an_unwritable_output_is_refused(assets, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="not a writable directory"):
        make(config(assets), tmp_path / "file" / "d")


def test_a_missing_folder_is_named(assets, tmp_path):
    missing = assets.model_copy(update={"foregrounds": tmp_path / "nowhere"})
    with pytest.raises(AssetError, match="nowhere: no such folder"):
        make(config(missing), tmp_path / "d")


def test_a_silent_scheduler_is_named(assets, tmp_path):
    engine = {"kind": "scheduler", "scheduler": "tcp://127.0.0.1:1"}
    with pytest.raises(ConfigError, match="does not answer"):
        make(config(assets, engine=engine), tmp_path / "d")


def test_a_process_for_each_shard_changes_no_row(assets, reference, tmp_path):
    engine = {"kind": "processes", "workers": 2}
    assert make(config(assets, engine=engine, shard_rows=20), tmp_path / "d")[0] == reference[1]


def test_a_trillion_samples_are_refused_before_any_work(assets, tmp_path):
    start = time.monotonic()
    with pytest.raises(OutputError, match=r"1,000,000,000,008 samples need about 256 TB, and \S+ .?B are free"):
        make(config(assets, train=10**12), tmp_path / "d")
    assert time.monotonic() - start < 2
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_generating_leaves_this_process_as_it_was(assets, tmp_path, workers):
    before, threads = dict(os.environ), cv2.getNumThreads()
    make(config(assets, train=2, workers=workers), tmp_path / "dataset")
    assert (dict(os.environ), cv2.getNumThreads()) == (before, threads)
