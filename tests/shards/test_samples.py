"""A split of shards is a sequence of pictures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sample_factory import make_sample, make_samples, write_dataset
from samples_suite import SamplesSuite
from synthgen.core.errors import DatasetError
from synthgen.core.geometry import encode_rle
from synthgen.core.types import HiddenInstance
from synthgen.shards.codec import ImageCodec, decode_row, decode_truth, encode_row
from synthgen.shards.reader import ShardDataset
from synthgen.shards.samples import ShardSamples

HIDDEN = HiddenInstance("disc", (2, 3, 12, 9), encode_rle(np.ones((6, 10), bool)), 0.02)


def with_hidden(sample):
    return replace(sample, unlabelled=1, hidden=(HIDDEN,))


@pytest.fixture(scope="module")
def made():
    samples = make_samples(9)
    return [with_hidden(sample) if sample.index in (4, 5) else sample for sample in samples]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory, made):
    files = {"train-00000.parquet": made[:5], "train-00001.parquet": made[5:]}
    return ShardDataset.open(write_dataset(tmp_path_factory.mktemp("shards") / "d", files))


class TestShardSamples(SamplesSuite):
    @pytest.fixture
    def samples(self, dataset):
        return ShardSamples(dataset, "train")


def same_truth(found, expected):
    np.testing.assert_array_equal(found.mask, expected.mask)
    np.testing.assert_array_equal(found.boxes.xyxy, expected.boxes.xyxy)
    assert found.boxes.categories == expected.boxes.categories
    assert found.label == expected.label
    assert (found.ignore is None) == (expected.ignore is None)
    np.testing.assert_array_equal(found.ignore, expected.ignore)


def test_shards_give_back_the_pictures_that_were_written(dataset, made):
    for picture, sample in zip(ShardSamples(dataset, "train"), made, strict=True):
        assert (picture.name, picture.group, picture.size) == (sample.name, sample.group, sample.size)
        np.testing.assert_array_equal(picture.image, sample.image)
        same_truth(picture.truth, sample.truth)


def test_a_row_decodes_to_the_picture_that_it_stores():
    for sample in (
        make_sample(1),
        make_sample(2, discs=0),
        with_hidden(make_sample(3)),
        with_hidden(make_sample(0, discs=0)),
    ):
        row = encode_row(sample, ImageCodec(codec="png"))
        picture = decode_row(row)
        assert (picture.name, picture.group, picture.size) == (sample.name, sample.group, sample.size)
        assert picture.data is row["image"]["bytes"]
        np.testing.assert_array_equal(picture.image, sample.image)
        same_truth(picture.truth, sample.truth)


def test_nothing_is_decoded_before_it_is_asked_for():
    row = encode_row(make_sample(1), ImageCodec(codec="png"))
    row["image"]["bytes"], row["mask"]["bytes"] = b"no picture", b"no mask"
    picture = decode_row(row)
    assert picture.name == "train-000001" and picture.size == (48, 64)
    with pytest.raises(DatasetError, match="image cell of 10 bytes does not decode"):
        _ = picture.image
    with pytest.raises(DatasetError, match="mask cell of 7 bytes does not decode"):
        _ = picture.truth


def test_truth_knows_what_the_columns_say():
    row = encode_row(with_hidden(make_sample(0, discs=0)), ImageCodec(codec="png"))
    only = decode_truth({"label": row["label"], "unlabelled": row["unlabelled"]})
    assert only.label is None and only.mask is None and only.boxes is None and only.ignore is None
    assert decode_truth({"label": 1}).label == 1
    assert decode_truth({"mask": row["mask"], "hidden": row["hidden"]}).ignore.sum() == 60
    assert decode_truth({**row, "hidden": None}).ignore is None  # a row of schema 2


def test_a_damaged_hidden_target_is_named():
    row = encode_row(with_hidden(make_sample(1)), ImageCodec(codec="png"))
    row["hidden"][0]["amodal_rle"] = b"\1\0\0\0"
    with pytest.raises(DatasetError, match="hidden target does not decode: run lengths cover 1 pixels"):
        _ = decode_row(row).truth


def test_the_first_rows_alone(dataset):
    assert len(ShardSamples(dataset, "train", samples=4)) == 4
    with pytest.raises(DatasetError, match="9 rows in 'train', asked for 10"):
        ShardSamples(dataset, "train", samples=10)
    with pytest.raises(DatasetError, match="no split 'val'"):
        ShardSamples(dataset, "val")


def test_a_dataset_without_the_column_hidden_ignores_nothing():
    pictures = ShardSamples(ShardDataset.open(Path(__file__).parents[1] / "golden/version-2/dataset"), "train")
    truths = [picture.truth for picture in pictures]
    assert any(truth.mask.any() for truth in truths)
    assert all(truth.ignore is None for truth in truths)
