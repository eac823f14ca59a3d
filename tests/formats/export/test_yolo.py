"""YOLO as supervision reads it: boxes to 10⁻³ pixels; outlines exact but for bridges, their boxes to 0.52 pixels."""

import json

import cv2
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from supervision import DetectionDataset, polygon_to_mask

from exports import CATEGORIES, export_dataset_of, exported, rows_of
from synthgen.formats.export.outlines import joined, rings


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return export_dataset_of(tmp_path_factory.mktemp("data") / "d")


@pytest.fixture(scope="module")
def boxes(dataset, tmp_path_factory):
    return exported(dataset, "yolo", tmp_path_factory.mktemp("out") / "yolo")


@pytest.fixture(scope="module")
def outlines(dataset, tmp_path_factory):
    return exported(dataset, "yolo-seg", tmp_path_factory.mktemp("out") / "yolo")


def read(folder, split, masks=False):
    found = DetectionDataset.from_yolo(
        images_directory_path=str(folder / "images" / split),
        annotations_directory_path=str(folder / "labels" / split),
        data_yaml_path=str(folder / "data.yaml"),
        force_masks=masks,
    )
    assert found.classes == CATEGORIES
    return {path.rpartition("/")[2].partition(".")[0]: detections for path, _, detections in found}


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_counts_classes_and_boxes_are_those_of_the_rows(dataset, boxes, split):
    found, rows = read(boxes, split), rows_of(dataset, split)
    assert sorted(found) == [row["sample_id"] for row in rows]
    for row in rows:
        detections = found[row["sample_id"]]
        assert [CATEGORIES[number] for number in detections.class_id] == [it["category"] for it in row["instances"]]
        for box, instance in zip(detections.xyxy, row["instances"], strict=True):
            assert box == pytest.approx(instance["bbox"], abs=1e-3)
        assert (boxes / "images" / split / f"{row['sample_id']}.jpg").read_bytes() == row["image"]["bytes"]


def test_negatives_have_empty_files(boxes):
    assert (boxes / "labels/train/train-000001.txt").read_bytes() == b""


def test_outlines_lose_nothing_but_bridges(dataset, outlines):
    """Discs come back exactly. The plate in two parts, one with a hole, gets the shortest bridges."""
    found = read(outlines, "train", masks=True)
    for row in rows_of(dataset, "train"):
        masks = found[row["sample_id"]].mask
        for number, instance in enumerate(row["instances"]):
            truth = row["mask"] == instance["number"]
            assert found[row["sample_id"]].xyxy[number] == pytest.approx(instance["bbox"], abs=0.52)
            lost = np.count_nonzero(masks[number] ^ truth)
            parted = instance["category"] == "plate" and row["index"] % 3 == 2 and instance["number"] == 1
            assert lost == (5 if parted else 0)  # the bridge over the bar of five columns


def test_the_loss_is_counted_as_a_reader_sees_it(dataset, outlines):
    found, lost, pixels = {}, 0, 0
    for split in ("train", "val", "test"):
        found |= read(outlines, split, masks=True)
        for row in rows_of(dataset, split):
            for number, instance in enumerate(row["instances"]):
                truth = row["mask"] == instance["number"]
                lost += int(np.count_nonzero(found[row["sample_id"]].mask[number] ^ truth))
                pixels += int(truth.sum())
    assert json.loads((outlines / "export.json").read_text())["loss"] == {"pixels": pixels, "wrong": lost}


def test_data_yaml_names_splits_and_classes(outlines, dataset, tmp_path):
    assert yaml.safe_load((outlines / "data.yaml").read_text()) == {
        "train": "images/train",
        "val": "images/val",
        "test": "images/test",
        "names": {0: "disc", 1: "plate"},
    }
    alone = exported(dataset, "yolo", tmp_path / "alone", splits=["train"])
    assert yaml.safe_load((alone / "data.yaml").read_text())["val"] == "images/train"


@given(arrays(bool, st.tuples(st.integers(1, 14), st.integers(1, 14))))
def test_an_outline_covers_its_mask(mask):
    """Whatever the mask: no pixel is lost, and a mask of one part without holes gains none."""
    if not mask.any():
        assert rings(mask) == []
        return
    outline = joined(rings(mask))
    points = np.resize(outline, (max(3, len(outline)), 2))
    filled = polygon_to_mask(points, mask.shape[::-1]).astype(bool)
    assert not (mask & ~filled).any()
    whole = cv2.connectedComponents(mask.astype(np.uint8))[0] == 2
    holes = cv2.connectedComponents(np.pad(~mask, 1, constant_values=True).astype(np.uint8), connectivity=4)[0] - 2
    if whole and not holes:
        assert np.array_equal(filled, mask)


def test_parts_come_largest_first():
    mask = np.zeros((20, 30), bool)
    for top, left, side in ((1, 1, 2), (1, 8, 9), (14, 20, 4)):
        mask[top : top + side, left : left + side] = True
    assert [len(np.unique(ring[:, 0])) for ring in rings(mask)] == [2, 2, 2]
    assert [int(np.ptp(ring[:, 0])) + 1 for ring in rings(mask)] == [9, 4, 2]
