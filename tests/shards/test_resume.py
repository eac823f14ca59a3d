"""A run knows its directory again; nothing half-written counts (law 5)."""

import errno
import json
import pathlib

import pytest

from sample_factory import make_samples
from synthgen.core.errors import DatasetError, OutputError
from synthgen.shards.codec import ImageCodec
from synthgen.shards.manifest import Manifest, read_manifest, write_manifest
from synthgen.shards.resume import claim, finished, remove_leftovers
from synthgen.shards.writer import write_shard

CODEC = ImageCodec()


def test_the_same_run_may_claim_again(tmp_path):
    claim(tmp_path, "f", 100, {"seed": "1"})
    claim(tmp_path, "f", 100, {"seed": "1"})


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("g", 100, {"seed": "2"}), "seed was 1, is 2 now"),
        (("f", 50, {"seed": "1"}), "shard_rows was 100, is 50 now"),
        (("g", 100, {}), "seed was 1, is not set now"),
    ],
)
def test_another_run_is_told_what_differs(tmp_path, arguments, named):
    claim(tmp_path, "f", 100, {"seed": "1"})
    with pytest.raises(DatasetError, match=named):
        claim(tmp_path, *arguments)


def test_shards_of_unknown_origin_are_not_mixed(tmp_path):
    (tmp_path / "train-00000.parquet").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"holds train-00000\.parquet but no run\.json"):
        claim(tmp_path, "f", 100)


def test_only_whole_noted_shards_are_finished(tmp_path):
    for number in range(3):
        write_shard(tmp_path / f"train-0000{number}.parquet", make_samples(2), CODEC)
    (tmp_path / "train-00001.parquet").write_bytes(b"short")
    (tmp_path / ".entries" / "train-00002.parquet.json").write_text("{")
    assert list(finished(tmp_path)) == ["train-00000.parquet"]


def test_leftovers_of_a_larger_run_go_and_strangers_stay(tmp_path):
    write_shard(tmp_path / "train-00000.parquet", make_samples(2), CODEC)
    write_shard(tmp_path / "train-00001.parquet", make_samples(2), CODEC)
    (tmp_path / "notes.txt").write_text("mine")
    assert remove_leftovers(tmp_path, {"train-00000.parquet"}) == ["train-00001.parquet"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".entries", "notes.txt", "train-00000.parquet"]


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(tmp_path, monkeypatch):
    def no_space(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pathlib.Path, "replace", no_space)
    with pytest.raises(OutputError, match="No space left on device; free some space"):
        write_shard(tmp_path / "train-00000.parquet", make_samples(2), CODEC)
    assert [path.name for path in tmp_path.iterdir()] == []


def test_a_rewritten_shard_retracts_the_manifest(tmp_path):
    write_shard(tmp_path / "train-00000.parquet", make_samples(2), CODEC)
    (tmp_path / "manifest.json").write_text(json.dumps({}))
    write_shard(tmp_path / "train-00000.parquet", make_samples(3), CODEC)
    assert not (tmp_path / "manifest.json").exists()


def test_a_finished_dataset_keeps_its_manifest_under_another_synthgen(tmp_path):
    entries = [write_shard(tmp_path / "train-00000.parquet", make_samples(2), CODEC)]
    values = {"fingerprint": "f", "seed": 0, "size": (48, 64), "pipeline": {}, "assets_digest": "a", "categories": []}
    write_manifest(tmp_path, Manifest(**values, shards=entries, synthgen_version="1"))
    write_manifest(tmp_path, Manifest(**values, shards=entries, synthgen_version="2"))
    assert read_manifest(tmp_path).synthgen_version == "1"
    write_manifest(tmp_path, Manifest(**{**values, "seed": 1}, shards=entries, synthgen_version="2"))
    assert read_manifest(tmp_path).synthgen_version == "2"
