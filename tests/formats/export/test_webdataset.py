"""Tars as webdataset reads them: images, masks and what is known of instances are exact; ratios to 10⁻⁷."""

import json

import numpy as np
import pytest
import webdataset

from exports import CATEGORIES, export_dataset_of, exported, rows_of
from synthgen.shards.codec import decode_image, decode_mask

pytestmark = [  # webdataset leaves it to the collector to close tars
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return export_dataset_of(tmp_path_factory.mktemp("data") / "d")


@pytest.fixture(scope="module")
def folder(dataset, tmp_path_factory):
    return exported(dataset, "webdataset", tmp_path_factory.mktemp("out") / "tars")


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_samples_are_the_rows(dataset, folder, split):
    tars = sorted(str(path) for path in folder.glob(f"{split}-*.tar"))
    found, rows = list(webdataset.WebDataset(tars, shardshuffle=False)), rows_of(dataset, split)
    assert [sample["__key__"] for sample in found] == [row["sample_id"] for row in rows]
    for sample, row in zip(found, rows, strict=True):
        assert sample["jpg"] == row["image"]["bytes"]
        assert np.array_equal(decode_mask(sample["mask.png"]), row["mask"])
        facts = json.loads(sample["json"])
        assert (facts["sample_id"], facts["scene_id"]) == (row["sample_id"], row["scene_id"])
        assert len(facts["instances"]) == len(row["instances"])
        for known, instance in zip(facts["instances"], row["instances"], strict=True):
            assert (known["number"], known["class"]) == (instance["number"], instance["category"])
            assert CATEGORIES[known["class_id"] - 1] == instance["category"]
            assert (known["bbox"], known["area"]) == (instance["bbox"], instance["area"])
            for ratio in ("visibility", "occlusion", "truncation"):
                assert known[ratio] == pytest.approx(instance[ratio], abs=1e-7)


def test_its_own_decoders_open_images_and_masks(dataset, folder):
    tars = sorted(str(path) for path in folder.glob("train-*.tar"))
    row = rows_of(dataset, "train")[0]
    image, mask, facts = next(
        iter(webdataset.WebDataset(tars, shardshuffle=False).decode("rgb8").to_tuple("jpg", "mask.png", "json"))
    )
    assert np.abs(image.astype(int) - decode_image(row["image"]["bytes"])).max() <= 3  # two decoders
    assert np.array_equal(mask[:, :, 0], row["mask"]) and facts["height"] == 48


def test_the_index_counts_the_samples(folder):
    index = json.loads((folder / "index.json").read_text())
    assert [entry["nsamples"] for entry in index["shardlist"]] == [5, 4, 3, 4]
    assert all((folder / entry["url"]).is_file() for entry in index["shardlist"])
    assert (folder / "classes.txt").read_text() == "disc\nplate\n"


def test_a_lossless_dataset_keeps_its_png_beside_the_mask(tmp_path):
    dataset = export_dataset_of(tmp_path / "d", codec="png", train=2)
    folder = exported(dataset, "webdataset", tmp_path / "tars", splits=["train"])
    sample = next(iter(webdataset.WebDataset([str(folder / "train-00000.tar")], shardshuffle=False)))
    assert set(sample) >= {"png", "mask.png", "json"}
    assert sample["png"] == rows_of(dataset, "train")[0]["image"]["bytes"]
