"""The folder for the hub as `datasets` reads it by its card, and shards as litdata reads them: all is exact."""

import io

import numpy as np
import pytest
from PIL import Image

from exports import export_dataset_of, exported, files_of, rows_of
from synthgen.shards.codec import decode_mask

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return export_dataset_of(tmp_path_factory.mktemp("data") / "d")


@pytest.fixture(scope="module")
def folder(dataset, tmp_path_factory):
    return exported(dataset, "huggingface", tmp_path_factory.mktemp("out") / "hub")


def load(folder, cache):
    datasets = pytest.importorskip("datasets")
    return datasets.load_dataset(str(folder), cache_dir=str(cache))


def test_the_card_alone_says_where_the_splits_lie(dataset, folder, tmp_path):
    found = load(folder, tmp_path)
    assert {split: len(rows) for split, rows in found.items()} == {"train": 9, "val": 3, "test": 4}
    for split, rows in found.items():
        for row, expected in zip(rows, rows_of(dataset, split), strict=True):
            assert row["sample_id"] == expected["sample_id"]
            assert np.array_equal(np.asarray(row["mask"]), expected["mask"])
            assert row["image"].size == (64, 48)
            assert [each for each in row["instances"] if each["area"] > 0] == expected["instances"]


def test_shards_are_copied_byte_for_byte(dataset, folder):
    copied = {name.removeprefix("data/"): data for name, data in files_of(folder / "data").items()}
    assert copied == {path.name: path.read_bytes() for path in dataset.glob("*.parquet")}


def test_chosen_rows_and_classes_are_written_anew(dataset, tmp_path):
    names = ["train-000002", "train-000008"]
    folder = exported(dataset, "huggingface", tmp_path / "hub", names=names, classes={"disc": None, "plate": "tray"})
    rows, expected = load(folder, tmp_path / "cache")["train"], rows_of(dataset, "train")
    assert rows["sample_id"][:] == names
    for row, index in zip(rows, (2, 8), strict=True):
        assert [(each["number"], each["category"]) for each in row["instances"]] == [(1, "tray"), (4, "tray")]
        assert np.array_equal(
            np.asarray(row["mask"]), np.where(np.isin(expected[index]["mask"], (1, 4)), expected[index]["mask"], 0)
        )
        assert (row["label"], row["unlabelled"], row["hidden"]) == (1, 0, [])
        assert np.abs(np.asarray(row["image"], int) - _pixels(expected[index])).max() == 0


def _pixels(row):
    return np.asarray(Image.open(io.BytesIO(row["image"]["bytes"])), int)


def test_the_card_names_classes_and_licences(folder):
    text = (folder / "README.md").read_text()
    assert "license: other" in text and "| CC-BY-4.0 | 2 |" in text and "| 2 | plate | " in text
    assert (folder / "ATTRIBUTION.md").read_text() == "Made by Ada.\n"


def test_litdata_streams_our_shards_as_they_are(dataset, tmp_path):
    """It takes an index, which litdata writes in one call (into another folder, too), and polars."""
    pytest.importorskip("polars")
    litdata = pytest.importorskip("litdata")
    from litdata.streaming.item_loader import ParquetLoader

    litdata.index_parquet_dataset(str(dataset), cache_dir=str(tmp_path))
    found = litdata.StreamingDataset(str(dataset), index_path=str(tmp_path), item_loader=ParquetLoader())
    expected = {row["sample_id"]: row for split in ("train", "val", "test") for row in rows_of(dataset, split)}
    assert len(found) == len(expected) == 16
    for number in range(len(found)):
        row = found[number]
        assert row["image"]["bytes"] == expected[row["sample_id"]]["image"]["bytes"]
        assert np.array_equal(decode_mask(row["mask"]["bytes"]), expected[row["sample_id"]]["mask"])
