"""What to score on, decided once."""

import json

import cv2
import numpy as np
import pytest

from predictors import frame_with
from sample_factory import make_samples, write_dataset
from synthgen.core.errors import ConfigError, DatasetError
from trainers.config.evaluation import EvaluationConfig
from trainers.score.benchmark import benchmarks_of, held_out_split, split_benchmark


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    shards = {f"{split}-00000.parquet": make_samples(4, split) for split in ("train", "val")}
    return write_dataset(tmp_path_factory.mktemp("data") / "d", shards)


@pytest.fixture
def photographs(tmp_path):
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    cv2.imwrite(str(tmp_path / "images/a.png"), frame_with((10, 20, 40, 50)))
    cv2.imwrite(str(tmp_path / "masks/a.png"), frame_with((10, 20, 40, 50))[:, :, 0])
    found = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 30], "area": 900, "iscrowd": 0}
    boxes = {
        "images": [{"id": 1, "file_name": "a.png", "height": 64, "width": 96}],
        "categories": [{"id": 1, "name": "gun"}],
        "annotations": [found],
    }
    (tmp_path / "boxes.json").write_text(json.dumps(boxes))
    return EvaluationConfig(
        split="val", images=tmp_path / "images", masks=tmp_path / "masks", boxes=tmp_path / "boxes.json"
    )


def test_pixels_are_scored_on_the_split_on_masks_and_on_boxes(dataset, photographs):
    found = benchmarks_of(photographs, dataset, kind="pixels")
    assert [(each.name, each.key, each.kind, len(each.samples)) for each in found] == [
        ("d, val", "val", "pixels", 4),
        ("images", "photographs", "pixels", 1),
        ("images", "boxes", "boxes", 1),
    ]
    np.testing.assert_array_equal(found[1].samples[0].truth.mask > 0, frame_with((10, 20, 40, 50))[:, :, 0] > 0)
    assert found[2].samples[0].truth.boxes.xyxy.tolist() == [[10, 20, 40, 50]]


def test_boxes_are_not_scored_on_masks_and_labels_follow_from_both(dataset, photographs):
    assert [each.kind for each in benchmarks_of(photographs, None, kind="boxes")] == ["boxes"]
    assert [each.kind for each in benchmarks_of(photographs, dataset, kind="labels")] == ["labels"] * 3


def test_nothing_to_score_on_is_an_error(photographs):
    masks_only = photographs.model_copy(update={"boxes": None})
    with pytest.raises(ConfigError, match="nothing to score boxes on; give a dataset, or images with boxes"):
        benchmarks_of(masks_only, None, kind="boxes")


def test_a_part_of_a_split(dataset):
    assert len(split_benchmark(dataset, "train", kind="pixels", samples=3).samples) == 3
    with pytest.raises(DatasetError, match="test"):
        split_benchmark(dataset, "test", kind="pixels")


def test_without_a_test_split_val_is_held_out(dataset):
    assert held_out_split(dataset) == "val"


def test_what_a_dataset_holds_out_is_known_of_its_test_split(tmp_path):
    shards = {f"{split}-00000.parquet": make_samples(4, split) for split in ("train", "test")}
    dataset = write_dataset(tmp_path / "d", shards, categories=["bow", "disc"], held_out=["bow"])
    assert split_benchmark(dataset, "test", kind="labels").held_out == ("bow",)
    assert split_benchmark(dataset, "train", kind="labels").held_out == ()
