"""What to score on, decided once."""

import json

import cv2
import numpy as np
import pytest

from predictors import frame_with
from sample_factory import make_samples, write_dataset
from synthgen.core.errors import ConfigError, DatasetError
from synthgen.core.yaml_file import validated
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


def write_pictures(folder, *files):
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / file), frame_with((10, 20, 40, 50)))


@pytest.fixture
def domains(dataset, tmp_path):
    """A table, a folder and a dataset, told as they stand in a file."""
    write_pictures(tmp_path / "real", "a.png", "far/b.png")
    (tmp_path / "real/street.csv").write_text("file,label\na.png,1\nfar/b.png,0\n")
    write_pictures(tmp_path / "studio", "positive/a.png", "negative/b.png")
    told = {"street": "real/street.csv", "studio": "studio", "made": str(dataset)}
    return EvaluationConfig.model_validate({"split": "val", "domains": told}, context={"base": tmp_path})


def test_domains_are_a_table_a_folder_or_a_dataset(domains):
    found = benchmarks_of(domains, None, kind="labels")
    assert [(each.name, each.key, each.kind, len(each.samples), each.of_split) for each in found] == [
        ("street", "domain-street", "labels", 2, False),
        ("studio", "domain-studio", "labels", 2, False),
        ("made", "domain-made", "labels", 4, False),
    ]
    assert found[0].sources == ("real", "far") and found[1].sources == ("positive", "negative")
    assert found[2].sources == ()


def test_a_domain_of_one_source_tells_none(tmp_path):
    write_pictures(tmp_path, "a.png", "b.png")
    (tmp_path / "t.csv").write_text("file,label,source\na.png,1,s\nb.png,0,s\n")
    settings = EvaluationConfig.model_validate({"domains": {"t": "t.csv"}}, context={"base": tmp_path})
    assert benchmarks_of(settings, None, kind="labels")[0].sources == ()


def test_folders_of_boxed_photographs_are_sources(tmp_path):
    files = ("near/a.png", "far/b.png")
    write_pictures(tmp_path, *files)
    pictures = [{"id": number, "file_name": file, "height": 64, "width": 96} for number, file in enumerate(files)]
    box = {"id": 1, "image_id": 0, "category_id": 1, "bbox": [10, 20, 30, 30], "area": 900, "iscrowd": 0}
    coco = {"images": pictures, "categories": [{"id": 1, "name": "gun"}], "annotations": [box]}
    (tmp_path / "boxes.json").write_text(json.dumps(coco))
    settings = EvaluationConfig(images=tmp_path, boxes=tmp_path / "boxes.json")
    (found,) = benchmarks_of(settings, None, kind="labels")
    assert found.sources == ("near", "far")


def test_domains_are_of_labels_alone(domains, dataset):
    assert [each.key for each in benchmarks_of(domains, dataset, kind="pixels")] == ["val"]


def test_without_domains_an_evaluation_is_spelled_as_before_they_came(domains):
    assert "domains" not in EvaluationConfig().model_dump_json()
    assert set(json.loads(domains.model_dump_json())["domains"]) == {"street", "studio", "made"}


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ({"street": "none.csv"}, "none.csv: no such file"),
        ({"street": "none"}, "none: no such folder"),
        ({"a/b": "none"}, "'a/b' cannot be the name of a folder"),
    ],
)
def test_a_domain_that_is_not_there_is_refused(told, complaint, tmp_path):
    with pytest.raises(ConfigError, match=complaint):
        validated(EvaluationConfig, {"domains": told}, "evaluation", base=tmp_path)


def test_what_a_dataset_holds_out_is_known_of_its_test_split(tmp_path):
    shards = {f"{split}-00000.parquet": make_samples(4, split) for split in ("train", "test")}
    dataset = write_dataset(tmp_path / "d", shards, categories=["bow", "disc"], held_out=["bow"])
    assert split_benchmark(dataset, "test", kind="labels").held_out == ("bow",)
    assert split_benchmark(dataset, "train", kind="labels").held_out == ()
