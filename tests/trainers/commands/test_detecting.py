"""The commands with a detector: train, evaluate, predict, study, and package, which refuses it."""

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


def test_what_it_cannot_do_yet_is_said(place):
    with pytest.raises(TrainingError, match="detectors cannot be packaged yet"):
        run("package", place / "m", "--output", place / "x")
    with pytest.raises(ConfigError, match=r"network: .*unknown network 'unet'; choose one of: faster_rcnn"):
        run("train", place / "d", "--task", "detection", "--network", "unet", "--output", place / "y")


def test_a_study_trains_and_ranks_it(place, tmp_path):
    values = {"task": "detection", "encoder": "tu-test_resnet", "width": 8, "epochs": 1, "batch_size": 4}
    config = training_config({**values, "name": "tiny", "augment": False, "precision": "32-true"})
    run_ = Run(config, "detection", "tiny", "tiny", 0.0)
    row = run_job(job_of(run_, place / "d", tmp_path, EvaluationConfig(split="val"), 6, inputs=""))
    assert (row["status"], row["error"]) == ("done", "")
    assert row["task"] == "detection" and row["headline"] in row
