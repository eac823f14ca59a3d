"""A row stores a sample and gives it back, for synthgen and for the tools people use."""

import json

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_factory import make_sample, make_samples
from synthgen.core.errors import DatasetError
from synthgen.shards.codec import ImageCodec, decode_image, decode_mask, encode_row, pixel_hash
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


@pytest.mark.parametrize("data", [b"", b"no picture"])
def test_cells_that_are_no_picture_are_refused(data):
    with pytest.raises(DatasetError, match="does not decode"):
        decode_image(data)
