"""Plain folders as OpenCV, CSV readers and synthgen's own reader of photographs read them: all is exact."""

import csv

import cv2
import numpy as np
import pytest

from exports import CATEGORIES, export_dataset_of, exported, rows_of
from synthgen.formats.folder import read_folder


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return export_dataset_of(tmp_path_factory.mktemp("data") / "d")


@pytest.fixture(scope="module")
def folder(dataset, tmp_path_factory):
    return exported(dataset, "folders", tmp_path_factory.mktemp("out") / "folders")


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_images_masks_and_instances_are_those_of_the_rows(dataset, folder, split):
    rows = rows_of(dataset, split)
    assert sorted(path.stem for path in (folder / split / "images").iterdir()) == [row["sample_id"] for row in rows]
    for row in rows:
        name = row["sample_id"]
        assert (folder / split / f"images/{name}.jpg").read_bytes() == row["image"]["bytes"]
        instances = cv2.imread(str(folder / split / f"instances/{name}.png"), cv2.IMREAD_UNCHANGED)
        classes = cv2.imread(str(folder / split / f"masks/{name}.png"), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(instances, row["mask"])
        for number, category in enumerate(CATEGORIES, 1):
            numbers = [each["number"] for each in row["instances"] if each["category"] == category]
            assert np.array_equal(classes == number, np.isin(row["mask"], numbers))


def test_our_reader_finds_the_truth_of_the_rows(dataset, folder):
    pictures = read_folder(folder / "train/images", folder / "train/masks")
    for picture, row in zip(pictures, rows_of(dataset, "train"), strict=True):
        assert np.array_equal(picture.truth.mask > 0, row["mask"] > 0)
        assert (0 if picture.truth.ignore is None else picture.truth.ignore.sum()) == (160 if row["hidden"] else 0)


def test_the_tables_say_the_rest(dataset, folder):
    with (folder / "instances.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    expected = [
        (row["sample_id"], each)
        for split in ("train", "val", "test")
        for row in rows_of(dataset, split)
        for each in row["instances"]
    ]
    assert len(lines) == len(expected)
    for line, (name, instance) in zip(lines, expected, strict=True):
        assert (line["sample_id"], line["class"], line["number"]) == (
            name,
            instance["category"],
            str(instance["number"]),
        )
        assert [float(line[side]) for side in ("x0", "y0", "x1", "y1")] == instance["bbox"]
        assert [float(line[f"amodal_{side}"]) for side in ("x0", "y0", "x1", "y1")] == instance["amodal_bbox"]
        for ratio in ("visibility", "occlusion", "truncation"):
            assert float(line[ratio]) == pytest.approx(instance[ratio], abs=1e-7)
    assert (folder / "classes.csv").read_text() == "id,name\n1,disc\n2,plate\n"
