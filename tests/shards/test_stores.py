"""A dataset is the same wherever it lies: in a folder, or in the memory of fsspec."""

from uuid import uuid4

import pytest

from sample_factory import make_samples
from synthgen.core.errors import DatasetError
from synthgen.shards.cells import PictureColumn
from synthgen.shards.codec import ImageCodec
from synthgen.shards.content import dataset_hash
from synthgen.shards.manifest import Manifest, write_manifest
from synthgen.shards.reader import ShardDataset
from synthgen.shards.resume import claim, finished, remove_leftovers
from synthgen.shards.verify import verify_dataset
from synthgen.shards.writer import put_shard
from synthgen.storage import LocalStore
from synthgen.storage.filesystem import FileSystemStore


@pytest.fixture(params=["local", "memory"])
def store(request, tmp_path):
    if request.param == "local":
        return LocalStore(tmp_path / "data")
    return FileSystemStore(f"memory://{uuid4().hex}", tmp_path / "cache")


def write(store, shards=2):
    claim(store, "f", 3)
    samples = make_samples(3 * shards)
    files = [(f"train-0000{number}.parquet", samples[3 * number : 3 * number + 3]) for number in range(shards)]
    entries = [put_shard(store, file, rows, ImageCodec(codec="png")) for file, rows in files]
    height, width = samples[0].mask.shape
    manifest = Manifest(
        fingerprint="f",
        seed=0,
        size=(height, width),
        pipeline={},
        assets_digest="a",
        categories=sorted({instance.category for sample in samples for instance in sample.instances}),
        shards=entries,
    )
    write_manifest(store, manifest)
    return entries


def test_what_is_written_is_read_and_verified(store):
    write(store)
    dataset = ShardDataset.open(store)
    assert [row["index"] for row in dataset.rows("train", ["index"])] == [*range(6)]
    assert dataset.row("train", 4)["sample_id"] == dataset.table("train")["sample_id"][4].as_py()
    assert verify_dataset(store).problems == ()


def test_pictures_are_mapped_into_memory(store):
    write(store)
    dataset = ShardDataset.open(store)
    assert bytes(PictureColumn(dataset, "train", "mask")[4]) == dataset.row("train", 4)["mask"]["bytes"]


def test_rows_are_the_same_wherever_they_lie(store, tmp_path):
    write(store)
    write(LocalStore(tmp_path / "other"))
    assert dataset_hash(store) == dataset_hash(tmp_path / "other")


def test_a_run_knows_its_shards_again(store):
    entries = write(store)
    assert finished(store) == {entry.file: entry for entry in entries}
    assert remove_leftovers(store, {entries[0].file}) == [entries[1].file]
    with pytest.raises(DatasetError, match="did not finish"):
        ShardDataset.open(store)
    with pytest.raises(DatasetError, match="shard_rows was 3, is 4 now"):
        claim(store, "f", 4)


def test_a_missing_shard_is_named(store):
    write(store)
    store.delete("train-00001.parquet")
    with pytest.raises(DatasetError, match=r"train-00001\.parquet: named in the manifest but missing"):
        ShardDataset.open(store).row("train", 4)
    assert "train-00001.parquet: named in the manifest but missing" in verify_dataset(store).problems


def test_an_empty_store_holds_no_dataset(store):
    with pytest.raises(DatasetError, match="no such directory, or an empty one"):
        ShardDataset.open(store)
