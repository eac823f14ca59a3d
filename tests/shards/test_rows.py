"""A row stores a sample and gives it back, for synthgen and for the tools people use."""

import json
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_factory import make_sample, make_samples
from synthgen.core.errors import DatasetError
from synthgen.core.types import HiddenInstance
from synthgen.shards.codec import ImageCodec, decode_image, decode_mask, encode_row, pixel_hash
from synthgen.shards.content import row_hash
from synthgen.shards.reader import read_rows
from synthgen.shards.rowcheck import check_row
from synthgen.shards.schema import SCHEMA_VERSION, shard_schema
from synthgen.shards.writer import write_shard

PNG = ImageCodec(codec="png")


@settings(max_examples=30, deadline=None)
@given(index=st.integers(0, 10**6), discs=st.integers(0, 4))
def test_png_rows_round_trip_exactly(index, discs):
    sample = make_sample(index, discs=discs)
    row = encode_row(sample, PNG)
    assert (decode_image(row["image"]["bytes"]) == sample.image).all()
    assert (decode_mask(row["mask"]["bytes"]) == sample.mask).all()
    assert row["pixel_hash"] == pixel_hash(sample.image)
    assert [instance["number"] for instance in row["instances"]] == [i.number for i in sample.instances]


def test_jpeg_rows_keep_masks_exact_and_images_close():
    sample = make_sample(3)
    row = encode_row(sample, ImageCodec(codec="jpeg", quality=95))
    assert (decode_mask(row["mask"]["bytes"]) == sample.mask).all()
    assert np.abs(decode_image(row["image"]["bytes"]).astype(int) - sample.image).mean() < 8


def test_the_label_says_whether_a_target_is_visible():
    assert encode_row(make_sample(discs=0), PNG)["label"] == 0
    assert encode_row(make_sample(discs=2), PNG)["label"] == 1


@pytest.fixture(scope="module")
def shard(tmp_path_factory):
    path = tmp_path_factory.mktemp("dataset") / "train-00000.parquet"
    write_shard(path, make_samples(9), PNG)
    return path


def test_the_file_carries_schema_version_and_features(shard):
    metadata = pq.read_schema(shard).metadata
    assert metadata[b"synthgen.schema_version"] == str(SCHEMA_VERSION).encode()
    features = json.loads(metadata[b"huggingface"])["info"]["features"]
    assert features["image"] == {"_type": "Image"} and features["mask"] == {"_type": "Image"}
    assert pq.read_schema(shard).equals(shard_schema(), check_metadata=False)


def test_duckdb_reads_the_rows(shard):
    rows = duckdb.sql(f"select index, label, len(instances), mask.bytes from '{shard}' order by index").fetchall()
    assert [row[0] for row in rows] == list(range(9))
    assert [row[2] for row in rows] == [index % 4 for index in range(9)]
    assert (decode_mask(rows[2][3]) == make_samples(9)[2].mask).all()


def test_datasets_shows_the_pictures(shard, tmp_path):
    datasets = pytest.importorskip("datasets")
    loaded = datasets.load_dataset("parquet", data_files=str(shard), split="train", cache_dir=str(tmp_path))
    samples = make_samples(9)
    assert (np.asarray(loaded[5]["image"]) == samples[5].image).all()
    assert (np.asarray(loaded[5]["mask"]) == samples[5].mask).all()
    assert loaded[5]["instances"][0]["category"] == "disc"


def test_the_same_samples_give_the_same_bytes(shard, tmp_path):
    write_shard(tmp_path / "train-00000.parquet", make_samples(9), PNG)
    assert (tmp_path / "train-00000.parquet").read_bytes() == shard.read_bytes()


def test_a_shard_holds_consecutive_samples_of_one_split(tmp_path):
    with pytest.raises(DatasetError, match="where train 1 was expected"):
        write_shard(tmp_path / "train-00000.parquet", [make_sample(0), make_sample(2)], PNG)
    with pytest.raises(DatasetError, match="at least one sample"):
        write_shard(tmp_path / "train-00000.parquet", [], PNG)
    assert list(tmp_path.glob("*")) == []


def hiding(sample):
    """The sample with its first disc hidden too much to be labelled; the others move up."""
    first, *others = sample.instances
    hidden = HiddenInstance(first.category, first.amodal_bbox, first.amodal_rle, first.visibility)
    numbers = np.array([0, 0, *range(1, len(others) + 1)], np.uint8)
    instances = tuple(replace(instance, number=instance.number - 1) for instance in others)
    return replace(sample, instances=instances, mask=numbers[sample.mask], hidden=(hidden,), unlabelled=1)


def test_a_hidden_target_keeps_its_amodal_mask(tmp_path):
    path = tmp_path / "train-00000.parquet"
    write_shard(path, [hiding(make_sample(0)), make_sample(1)], PNG)
    with_hidden, without = read_rows(path)
    (stored,), (hidden,) = with_hidden["hidden"], hiding(make_sample(0)).hidden
    assert stored == {
        "category": "disc",
        "amodal_bbox": list(hidden.amodal_bbox),
        "amodal_rle": hidden.amodal_rle,
        "visibility": np.float32(hidden.visibility),
    }
    assert without["hidden"] == []
    assert list(check_row(with_hidden, (48, 64), {"disc"})) == []


def test_hidden_targets_are_spelled_for_datasets(tmp_path):
    datasets = pytest.importorskip("datasets")
    path = tmp_path / "train-00000.parquet"
    write_shard(path, [hiding(make_sample(0)), make_sample(1)], PNG)
    loaded = datasets.load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded[0]["hidden"][0]["category"] == "disc" and loaded[1]["hidden"] == []


def test_the_hash_of_a_row_without_hidden_targets_is_that_of_schema_2():
    row = encode_row(make_sample(0), PNG)
    older = {name: cell for name, cell in row.items() if name != "hidden"}
    assert row_hash(row) == row_hash(older) == row_hash(older | {"hidden": None})
    assert row_hash(encode_row(hiding(make_sample(0)), PNG)) != row_hash(
        encode_row(replace(hiding(make_sample(0)), hidden=()), PNG)
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"category": "cat"}, "hidden 0: category 'cat' is not in the manifest"),
        ({"amodal_rle": b"\x01\x00\x00\x00"}, "hidden 0: amodal_rle: run lengths cover 1 pixels"),
        ({"visibility": 1.0}, "hidden 0: visibility is 1.0000000, its mask leaves at most"),
        ({"visibility": -0.1}, "hidden 0: visibility is -0.1000000"),
    ],
)
def test_a_wrong_hidden_target_is_found(changes, problem):
    sample = hiding(make_sample(0))
    wrong = replace(sample, hidden=(replace(sample.hidden[0], **changes),))
    assert any(problem in found for found in check_row(encode_row(wrong, PNG), (48, 64), {"disc"}))


def test_hidden_targets_are_as_many_as_unlabelled_ones():
    row = encode_row(replace(hiding(make_sample(0)), unlabelled=3), PNG)
    assert list(check_row(row, (48, 64), {"disc"})) == ["unlabelled is 3, hidden has 1"]


@pytest.mark.parametrize("data", [b"", b"no picture"])
def test_cells_that_are_no_picture_are_refused(data):
    with pytest.raises(DatasetError, match="does not decode"):
        decode_image(data)
