"""The contact sheet shows what the rows say."""

import numpy as np
import pytest

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import DatasetError
from synthgen.report.contact_sheet import contact_sheet
from synthgen.shards.reader import ShardDataset


@pytest.fixture
def dataset(tmp_path):
    return ShardDataset.open(write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(8)}))


def test_it_is_a_grid_that_grows_with_the_count(dataset):
    four = contact_sheet(dataset, split="train", count=4, columns=4)
    eight = contact_sheet(dataset, split="train", count=8, columns=4)
    assert four.dtype == np.uint8 and four.shape[2] == 3
    assert four.shape[1] == eight.shape[1]
    assert eight.shape[0] > four.shape[0]


def test_it_is_the_same_every_time(dataset):
    first, second = (contact_sheet(dataset, split="train", count=6, columns=3) for _ in range(2))
    assert (first == second).all()


def test_more_samples_than_there_are_shows_all(dataset):
    assert contact_sheet(dataset, split="train", count=100, columns=4).size > 0


def test_an_absent_split_is_named(dataset):
    with pytest.raises(DatasetError, match="no split 'val'"):
        contact_sheet(dataset, split="val", count=4, columns=2)
