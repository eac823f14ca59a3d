"""The commands with a detector: train, evaluate, predict, package, study."""

import json

import cv2
import numpy as np
import pytest

from bright_boxes import SIZE, bright_dataset, bright_sample
from command_line import run
from synthgen.core.errors import ConfigError, TrainingError
from synthgen.formats.segmentation import decode_segmentation
from trainers.config.evaluation import EvaluationConfig
from trainers.config.section import training_config
from trainers.package.export import TOLERANCE
from trainers.predict.open import open_predictor
from trainers.study.job import job_of, run_job
from trainers.study.runs import Run

FIELDS = ("encoder=tu-test_resnet", "width=8", "steps=2", "augment=false", "precision=32-true", "classes=categories")
SETTINGS = [part for field in FIELDS[1:] for part in ("--set", field)]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("c")
    bright_dataset(folder / "d", train=6, val=2, empty=2)
    options = ["--task", "detection", "--network", "mask_rcnn", "--encoder", "tu-test_resnet", "--batch-size", 4]
    run("train", folder / "d", *options, *SETTINGS, "--output", folder / "m")
    return folder


def test_a_model_is_scored_on_a_split(place):
    run("evaluate", place / "m", place / "d", "--split", "val", "--output", place / "e", "--threshold", 0.06)
    (table,) = (place / "e").glob("*.md")
    assert "mask_rcnn-tu-test_resnet" in table.read_text() and "val" in table.read_text()
    assert list((place / "e").glob("*.png"))


def test_predictions_have_boxes_classes_scores_and_masks(place):
    (place / "in").mkdir()
    image = np.kron(bright_sample(0).image, np.ones((2, 2, 1), np.uint8))
    cv2.imwrite(str(place / "in/a.png"), image[..., ::-1])
    assert "a: " in run("predict", place / "m", place / "in", "--output", place / "p", "--threshold", 0.06)
    (entry,) = json.loads((place / "p/instances.json").read_text())
    assert cv2.imread(str(place / "p/overlays/a.png")).shape == (2 * SIZE[0], 2 * SIZE[1], 3)
    for found in entry["instances"]:
        assert set(found) == {"bbox", "category", "score", "area", "segmentation"}
        assert found["category"] in ("card", "disc") and 0.06 < found["score"] <= 1
        assert decode_segmentation(found["segmentation"], (128, 128)).sum() == found["area"]


@pytest.mark.slow
def test_a_package_of_two_stages_finds_what_torch_finds(place):
    with pytest.raises(TrainingError, match="int8 is for models of one graph, and not for detectors; leave --int8 out"):
        run("package", place / "m", "--output", place / "x", "--int8", "dynamic")
    run("package", place / "m", "--dataset", place / "d", "--output", place / "x", "--threshold", 0.06)
    figures = json.loads((place / "x/package.json").read_text())
    assert figures["graphs"] == ["trunk.onnx", "head.onnx", "masks.onnx"] and figures["difference"] < TOLERANCE
    agreement = figures["agreement"]
    assert agreement["pictures"] == 12 and agreement["alike"] >= 0.95 * agreement["boxes"] > 0
    assert figures["scores"]["forms"]["onnx"]["ap50"] == pytest.approx(
        figures["scores"]["forms"]["torch"]["ap50"], abs=0.02
    )
    card = (place / "x/README.md").read_text()
    assert "`trunk.onnx`, `head.onnx`, `masks.onnx` (opset 18)" in card and "synthgen predict trunk.onnx" in card
    ours, theirs = open_predictor(place / "m"), open_predictor(place / "x" / "head.onnx")
    assert theirs.classes.names == ("card", "disc") and theirs.operating_point.threshold == 0.06
    images = [bright_sample(5).image, np.zeros((40, 90, 3), np.uint8)]
    for one, other in zip(ours.boxes(images), theirs.boxes(images), strict=True):
        np.testing.assert_allclose(other.scores, one.scores, atol=1e-4)
        np.testing.assert_allclose(other.xyxy, one.xyxy, atol=1e-2)
        assert other.categories == one.categories and len(other.masks) == len(one.masks)
    (place / "x/head.onnx").unlink()
    with pytest.raises(TrainingError, match=r"head\.onnx: no such file"):
        open_predictor(place / "x")


def test_a_package_of_one_stage_finds_what_torch_finds(place):
    options = ["--task", "detection", "--network", "ssdlite", "--encoder", "tu-test_resnet", "--batch-size", 4]
    run("train", place / "d", *options, "--set", "steps=1", "--set", "classes=categories", "--output", place / "s")
    run("package", place / "s", "--output", place / "sx")
    figures = json.loads((place / "sx/package.json").read_text())
    assert figures["graphs"] == ["model.onnx"] and figures["difference"] < TOLERANCE
    assert figures["agreement"]["alike"] >= 0.95 * figures["agreement"]["boxes"] > 0
    images = [bright_sample(5).image, np.zeros((40, 90, 3), np.uint8)]
    for boxes in open_predictor(place / "sx").boxes(images):
        assert set(boxes.categories) <= {"card", "disc"} and (boxes.scores > 0.05).all() and len(boxes) <= 100
    assert open_predictor(place / "sx").boxes([]) == []


def test_a_model_is_scored_on_footage_as_a_sequence(place):
    writer = cv2.VideoWriter(str(place / "hall.mkv"), cv2.VideoWriter_fourcc(*"FFV1"), 8, (64, 64))
    for _ in range(20):
        writer.write(bright_sample(1).image[..., ::-1].copy())
    writer.release()
    x0, y0, x1, y1 = bright_sample(1).instances[0].bbox
    boxes = [{"bbox": [x0, y0, x1 - x0, y1 - y0], "label": "card"}]
    (place / "hall.json").write_text(json.dumps({"frames": [{"frame": n, "boxes": boxes} for n in range(18)]}))
    run("evaluate", place / "m", place / "hall.mkv", "--boxes", place / "hall.json", "--output", place / "v")
    rows = json.loads((place / "v/boxes.json").read_text())
    assert "sequence_error" in json.dumps(rows) and "hall" in (place / "v/boxes.md").read_text()
    with pytest.raises(ConfigError, match="a video is scored by --boxes alone; leave --images out"):
        run("evaluate", place / "m", place / "hall.mkv", "--images", place, "--boxes", place / "hall.json")


def test_an_unknown_network_is_refused(place):
    with pytest.raises(ConfigError, match=r"network: .*unknown network 'unet'; choose one of: fast_rcnn, faster_rcnn"):
        run("train", place / "d", "--task", "detection", "--network", "unet", "--output", place / "y")


def test_a_study_trains_and_ranks_it(place, tmp_path):
    values = {"task": "detection", "encoder": "tu-test_resnet", "width": 8, "epochs": 1, "batch_size": 4}
    config = training_config({**values, "name": "tiny", "augment": False, "precision": "32-true"})
    run_ = Run(config, "detection", "tiny", "tiny", 0.0)
    row = run_job(job_of(run_, place / "d", tmp_path, EvaluationConfig(split="val"), 6, inputs=""))
    assert (row["status"], row["error"]) == ("done", "")
    assert row["task"] == "detection" and row["headline"] in row
