"""Studies: every run a row, a failure that stops nothing, a report that tells all, whatever the task."""

import io
import json

import cv2
import pyarrow.parquet as pq
import pytest
import torch
import yaml
from dask.distributed import LocalCluster
from rich.console import Console

from jobs_here import jobs_here
from sample_factory import make_samples, write_dataset
from synthgen.parallel import EngineConfig
from trainers.config.segmentation import SegmentationConfig
from trainers.models.registry import build_network
from trainers.study.config import read_study
from trainers.study.digest import inputs_digest
from trainers.study.job import job_of, run_job
from trainers.study.runs import runs_of
from trainers.study.study import run_study

SIZE = (32, 32)
TINY = {"network": "plain_unet", "width": 2, "batch_size": 8, "epochs": 2, "augment": False}
GRIDS = [
    {"seed": [0, 1]},
    {"samples": 999},  # more than there are
    {"name": "equal", "seed": 0, "budget": 0.001},
]
PUBLISHED = [{"name": "Somebody", "train_mean_iou": 0.7, "test_mean_iou": 0.6}]
LOCAL = EngineConfig(kind="processes", workers=2)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    shards = {f"{split}-00000.parquet": make_samples(16, split, size=SIZE) for split in ("train", "val", "test")}
    return write_dataset(tmp_path_factory.mktemp("data") / "d", shards)


def study_file(folder, *grids, defaults=TINY, **changes):
    (folder / "pipeline.yaml").touch()
    presets = {"tiny": {"grids": list(grids) or [{}], "note": "A note."}}
    values = {"title": "Discs", "pipeline": "pipeline.yaml", "defaults": defaults, "presets": presets}
    (folder / "study.yaml").write_text(yaml.safe_dump({**values, "train_scored": 8, **changes}))
    return folder / "study.yaml"


def study_of(file, dataset, output, engine=LOCAL, console=None):
    study = read_study(file)
    runs = runs_of(study, "tiny", file, {})
    return run_study(study, "tiny", runs, dataset, output, engine=engine, console=console or Console(quiet=True))


def first_job(file, dataset, output):
    study = read_study(file)
    inputs = inputs_digest(dataset, study.evaluation, study.train_scored)
    run = runs_of(study, "tiny", file, {})[0]
    return job_of(run, dataset, output, study.evaluation, study.train_scored, inputs=inputs)


@pytest.fixture
def here():
    with jobs_here():
        yield


@pytest.fixture(scope="module")
def finished(dataset, tmp_path_factory):
    output = tmp_path_factory.mktemp("study")
    with jobs_here():
        return study_of(study_file(output, *GRIDS, published=PUBLISHED), dataset, output / "out").parent


def rows_of(report):
    return {row["name"]: row for row in pq.read_table(report / "results.parquet").to_pylist()}


def test_every_run_is_a_row_and_a_failure_stops_nothing(finished):
    rows = rows_of(finished)
    assert list(rows) == ["plain_unet-s0", "plain_unet-s1", "plain_unet-n999-s0", "equal-plain_unet-b0.001-s0"]
    assert [name for name, row in rows.items() if row["status"] == "failed"] == ["plain_unet-n999-s0"]
    assert "999 samples asked for, 16 present" in rows["plain_unet-n999-s0"]["error"]
    assert "Traceback" in (finished.parent / "runs/plain_unet-n999-s0/error.txt").read_text()


def test_a_row_tells_choices_scores_intervals_and_cost(finished):
    done = rows_of(finished)["plain_unet-s1"]
    assert done["seed"] == 1 and done["batch_norm"] and done["epochs"] == 2 and done["samples"] == 16
    assert (done["task"], done["family"], done["headline"]) == ("segmentation", "plain_unet", "test_foreground_iou")
    assert done["test_foreground_iou_low"] <= done["test_foreground_iou"] <= done["test_foreground_iou_high"]
    assert done["tflop_training"] > 0 and done["seconds"] > 0 and done["parameters"] == done["trainable"]


def test_a_budget_sets_the_epochs(finished):
    row = rows_of(finished)["equal-plain_unet-b0.001-s0"]
    assert row["tflop_training"] == pytest.approx(0.001, rel=0.2) and row["epochs"] > 2


def test_the_report_has_baselines_print_intervals_and_pictures(finished):
    table = (finished / "results.md").read_text()
    for line in (
        "| empty prediction |",
        "| all foreground |",
        "| published: Somebody |  |  | 0.7000 | 0.6000 |",
        "| plain_unet | 2 |",
        "- plain_unet-n999-s0: ",
        "by test fg IoU; numbers are means over seeds. A note. mIoU is",
    ):
        assert line in table
    page = (finished / "results.html").read_text()
    assert page.count("<figure>") == 2 and "published: Somebody" in page and "999 samples asked for" in page
    pictures = [*finished.glob("predictions/*.png"), finished / "curves.png", finished / "cost.png"]
    assert len(pictures) == 4
    assert all(cv2.imread(str(picture)).std() > 10 for picture in pictures)
    for picture in finished.glob("predictions/*.png"):
        assert f'src="predictions/{picture.name}"' in page


def test_a_second_start_repeats_what_failed_and_nothing_else(dataset, finished, here):
    def times():
        files = (finished.parent / "runs").glob("*/result.json")
        return {file.parent.name: file.stat().st_mtime_ns for file in files}

    before = times()
    study_of(finished.parents[1] / "study.yaml", dataset, finished.parent)
    assert [name for name, time in times().items() if time != before[name]] == ["plain_unet-n999-s0"]


def test_classification_is_a_study_too(dataset, tmp_path, here):
    heard = io.StringIO()
    file = study_file(tmp_path, {"seed": 0}, defaults={"task": "classification", "encoder": "resnet10t", "epochs": 1})
    report = study_of(file, dataset, tmp_path / "out", console=Console(file=heard, width=200)).parent
    row = rows_of(report)["classifier-resnet10t-s0"]
    assert row["status"] == "done", row["error"]
    assert row["headline"].startswith("test_") and "test_foreground_iou" not in row
    assert "1/1 classifier-resnet10t-s0: test " in heard.getvalue()
    assert "mIoU" not in (report / "results.md").read_text()


def test_published_results_name_no_folder(dataset, tmp_path):
    config = SegmentationConfig(network="unet", encoder="mobilenet_v2")
    torch.save(build_network(config).encoder.state_dict(), tmp_path / "w.pth")
    file = study_file(tmp_path, {"network": "unet", "encoder": "mobilenet_v2", "weights": "w.pth", "epochs": 1})
    row = run_job(first_job(file, dataset, tmp_path / "runs"))
    assert (row["status"], row["weights"]) == ("done", "w.pth")
    text = next((tmp_path / "runs").glob("*/result.json")).read_text()
    assert str(tmp_path) not in text


def test_runs_on_photographs_are_scored_there_too(dataset, tmp_path):
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    sample = make_samples(2, size=SIZE)[1]
    cv2.imwrite(str(tmp_path / "images/a.png"), sample.image[:, :, ::-1])
    cv2.imwrite(str(tmp_path / "masks/a.png"), (sample.mask > 0).astype("uint8") * 255)
    annotation = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 2, 9, 9], "area": 81, "iscrowd": 0}
    boxes = {
        "images": [{"id": 1, "file_name": "a.png", "height": 32, "width": 32}],
        "categories": [{"id": 1, "name": "disc"}],
        "annotations": [annotation],
    }
    (tmp_path / "boxes.json").write_text(json.dumps(boxes))
    evaluation = {"images": "images", "masks": "masks", "boxes": "boxes.json"}
    row = run_job(first_job(study_file(tmp_path, evaluation=evaluation), dataset, tmp_path / "runs"))
    assert row["status"] == "done" and 0 <= row["photographs_mean_iou"] <= 1 and "boxes_box_recall" in row


def test_an_unforeseen_failure_is_a_row_too(dataset, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("nought")

    monkeypatch.setattr("trainers.study.job.fit", broken)
    row = run_job(first_job(study_file(tmp_path), dataset, tmp_path / "runs"))
    assert (row["status"], row["error"]) == ("failed", "ZeroDivisionError: nought")


@pytest.mark.slow
def test_trainings_on_threads_of_one_worker_are_what_they_are_alone(dataset, finished, tmp_path):
    options = {"n_workers": 1, "threads_per_worker": 2, "host": "127.0.0.1", "dashboard_address": None}
    with LocalCluster(**options) as cluster:
        engine = EngineConfig(kind="scheduler", scheduler=cluster.scheduler_address)
        rows = rows_of(study_of(study_file(tmp_path, {"seed": [0, 1]}), dataset, tmp_path / "out", engine).parent)
    alone = rows_of(finished)
    scores = ("test_foreground_iou", "train_mean_iou", "test_precision")
    assert {name: [row[score] for score in scores] for name, row in rows.items()} == {
        name: [alone[name][score] for score in scores] for name in ("plain_unet-s0", "plain_unet-s1")
    }
