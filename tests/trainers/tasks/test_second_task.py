"""The seam holds: a task of ragged boxes is trained, evaluated, predicted, packaged and studied.

Only `box_task` in tests/factories knows of it, and not a line in trainers/.
"""

import csv

import numpy as np
import pytest
import torch

from box_task import BoxConfig, BoxFinder
from sample_factory import make_samples, write_dataset
from trainers.config.evaluation import EvaluationConfig
from trainers.config.section import TrainingSection
from trainers.learn.checkpoint import load_model, predictor_of
from trainers.learn.fit import fit
from trainers.learn.log import logged
from trainers.package.package import package
from trainers.predict.open import open_predictor
from trainers.predict.protocols import BoxPredictor
from trainers.score.benchmark import split_benchmark
from trainers.score.evaluate import evaluate
from trainers.study.job import job_of, run_job
from trainers.study.runs import Run
from trainers.task import TASKS

SIZE = (32, 32)
FLIPS = ({"RandomHorizontalFlip": {"p": 0.5}}, {"RandomVerticalFlip": {"p": 0.5}})
PLAIN = {"schedule": "constant", "precision": "32-true"}
CONFIG = BoxConfig(epochs=6, batch_size=8, learning_rate=3e-3, augment=FLIPS, device="cpu", **PLAIN)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    train, val = make_samples(29, size=SIZE), make_samples(7, "val", size=SIZE)
    shards = {"train-00000.parquet": train, "val-00000.parquet": val}
    return write_dataset(tmp_path_factory.mktemp("boxes") / "d", shards)


@pytest.fixture(scope="module")
def model(dataset, tmp_path_factory):
    return fit(CONFIG, dataset, tmp_path_factory.mktemp("boxes") / "m", progress=False)


def last_weights(output):
    return torch.load(output / "checkpoints/last.ckpt", map_location="cpu", weights_only=True)["state_dict"]


def test_the_section_of_a_pipeline_knows_it():
    (config,) = TrainingSection.model_validate([{"task": "boxes", "width": 4}]).root
    assert config == BoxConfig(width=4)


def test_it_learns_through_flips_and_its_least_distance_is_kept(model):
    epochs, distances = logged(model.parent / "metrics.csv", "val_box_distance")
    assert epochs == [1, 2, 3, 4, 5, 6] and distances[-1] < distances[0]
    best = torch.load(model.parent / "checkpoints/best.ckpt", weights_only=True)
    assert best["epoch"] == int(np.argmin(distances))
    assert load_model(model).origin.watched == ("val_box_distance", pytest.approx(min(distances)))


def test_two_processes_learn_what_one_learns_from_the_whole_batch(dataset, tmp_path):
    settings = CONFIG.model_copy(update={"epochs": 1, "augment": False})
    fit(settings, dataset, tmp_path / "one", progress=False)
    together = settings.model_copy(update={"devices": 2, "batch_size": 4})
    fit(together, dataset, tmp_path / "two", progress=False)
    one, two = last_weights(tmp_path / "one"), last_weights(tmp_path / "two")
    assert all(torch.allclose(one[name], two[name], atol=2e-5) for name in one)
    logs = [list(csv.DictReader((tmp_path / run / "metrics.csv").read_text().splitlines())) for run in ("one", "two")]
    for column in ("train_loss", "val_box_distance"):
        alone, both = ([float(row[column]) for row in log if row[column]] for log in logs)
        assert both == pytest.approx(alone, abs=1e-4)


def test_it_resumes_from_a_checkpoint_to_the_weights_of_an_uninterrupted_run(dataset, tmp_path):
    settings = CONFIG.model_copy(update={"epochs": 2})
    fit(settings, dataset, tmp_path / "whole", progress=False)
    fit(settings.model_copy(update={"epochs": 1}), dataset, tmp_path / "parts", progress=False)
    fit(settings, dataset, tmp_path / "parts", resume=True, progress=False)
    whole, parts = last_weights(tmp_path / "whole"), last_weights(tmp_path / "parts")
    assert all(torch.equal(parts[name], value) for name, value in whole.items())


def test_its_file_opens_as_a_predictor_of_boxes_in_the_given_pictures_pixels(model):
    predictor = predictor_of(load_model(model))
    assert isinstance(predictor, BoxPredictor) and isinstance(predictor, BoxFinder)
    small, large = make_samples(2, "test", size=SIZE)[1].image, np.zeros((64, 128, 3), np.uint8)
    found = predictor.boxes([small, large])
    assert [len(boxes) for boxes in found] == [1, 1] and found[0].categories == ("disc",)
    assert (found[0].xyxy >= -32).all() and (found[0].xyxy <= 64).all()


def test_its_graph_gives_what_its_predictor_gives(model):
    trained = load_model(model)
    images = np.stack([sample.image for sample in make_samples(3, "test", size=SIZE)])
    with torch.no_grad():
        rows = TASKS["boxes"].graph(trained)(torch.from_numpy(images)).numpy()
    for row, boxes in zip(rows, predictor_of(trained).boxes(list(images)), strict=True):
        np.testing.assert_allclose(row[0, :4], boxes.xyxy[0], atol=1e-4)


def test_it_is_evaluated_as_any_predictor_of_boxes(dataset, model):
    benchmark = split_benchmark(dataset, "val", kind=TASKS["boxes"].kind)
    result = evaluate(open_predictor(model), benchmark, pictures=1)
    assert result.kind == "boxes" and len(result.rows) == 7 and result.scores


def test_its_package_gives_what_torch_gives(dataset, model, tmp_path):
    figures = package(load_model(model), tmp_path, dataset=dataset)
    assert figures["kind"] == "boxes" and figures["difference"] < 1e-3
    image = make_samples(2, "test", size=SIZE)[1].image
    (packed,), (torch_found,) = (open_predictor(path).boxes([image]) for path in (tmp_path / "model.onnx", model))
    np.testing.assert_allclose(packed.xyxy, torch_found.xyxy, atol=1e-2)


def test_a_study_trains_and_ranks_it(dataset, tmp_path):
    run = Run(CONFIG.model_copy(update={"epochs": 1, "name": "tiny"}), "boxes", "tiny", "tiny", 0.0)
    row = run_job(job_of(run, dataset, tmp_path, EvaluationConfig(split="val"), 8, inputs=""))
    assert (row["status"], row["error"]) == ("done", "")
    assert row["task"] == "boxes" and row["headline"] in row
