"""Studies: grids laid out, every run a row, a failure that stops nothing, a report that tells all."""

import json
import multiprocessing
import threading
import time
from pathlib import Path

import cv2
import pyarrow.parquet as pq
import pytest
import torch
import yaml
from dask.distributed import LocalCluster
from rich.console import Console
from torch import nn
from trainers.config.training import TrainingConfig

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import ConfigError
from trainers.config.evaluation import EvaluationConfig
from trainers.study.config import load_study
from trainers.study.cost import Cost, cost_of, within_budget
from trainers.study.job import Job, run_job
from trainers.study.jobs import run_jobs
from trainers.study.study import run_study
from trainers.study.table import lines_of

ROOT = Path(__file__).parents[2]
SIZE = (32, 32)
TINY = {"network": "plain_unet", "width": 2, "batch_size": 8, "epochs": 2, "augment": False}
STUDY = {
    "title": "Discs",
    "pipeline": "pipeline.yaml",
    "defaults": TINY,
    "presets": {
        "tiny": {
            "grids": [
                {"seed": [0, 1]},
                {"samples": 999},  # more than there are
                {"name": "equal", "seed": 0, "budget": 0.001},
            ]
        }
    },
    "published": [{"name": "Somebody", "train_mean_iou": 0.7, "test_mean_iou": 0.6}],
    "train_scored": 8,
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    shards = {f"{split}-00000.parquet": make_samples(16, split, size=SIZE) for split in ("train", "val", "test")}
    return write_dataset(tmp_path_factory.mktemp("data") / "d", shards)


def study_file(folder, **changes):
    (folder / "pipeline.yaml").touch()
    (folder / "study.yaml").write_text(yaml.safe_dump({**STUDY, **changes}))
    return folder / "study.yaml"


def study_of(file, dataset, output, **options):
    study, runs = load_study(file, "tiny", {})
    settings = {"evaluation": EvaluationConfig(), "workers": 2, "scheduler": None, "console": Console(quiet=True)}
    return run_study(study, "tiny", runs, dataset, output, **{**settings, **options})


@pytest.fixture(scope="module")
def finished(dataset, tmp_path_factory):
    output = tmp_path_factory.mktemp("study")
    return study_of(study_file(output), dataset, output / "out").parent


def rows_of(report):
    return {row["name"]: row for row in pq.read_table(report / "results.parquet").to_pylist()}


def test_every_run_is_a_row_and_a_failure_stops_nothing(finished):
    rows = rows_of(finished)
    assert list(rows) == [
        "plain_unet-k3-f2-bn-dice-s0",
        "plain_unet-k3-f2-bn-dice-s1",
        "plain_unet-k3-f2-bn-dice-n999-s0",
        "equal-plain_unet-k3-f2-bn-dice-b0.001-s0",
    ]
    failed = [name for name, row in rows.items() if row["status"] == "failed"]
    assert failed == ["plain_unet-k3-f2-bn-dice-n999-s0"]
    assert "999 samples asked for, 16 present" in rows[failed[0]]["error"]
    assert "Traceback" in (finished.parent / "runs" / failed[0] / "error.txt").read_text()
    done = rows["plain_unet-k3-f2-bn-dice-s1"]
    assert done["seed"] == 1 and done["batch_norm"] and done["epochs"] == 2 and done["samples"] == 16
    assert done["test_foreground_iou_low"] <= done["test_foreground_iou"] <= done["test_foreground_iou_high"]
    assert done["tflop_training"] > 0 and done["seconds"] > 0 and done["parameters"] == done["trainable"]


def test_a_budget_sets_the_epochs(finished):
    row = rows_of(finished)["equal-plain_unet-k3-f2-bn-dice-b0.001-s0"]
    assert row["tflop_training"] == pytest.approx(0.001, rel=0.2) and row["epochs"] > 2


def test_the_report_has_baselines_print_intervals_and_pictures(finished):
    table = (finished / "results.md").read_text()
    for line in (
        "| empty prediction |",
        "| all foreground |",
        "| published: Somebody |  |  | 0.7000 | 0.6000 |",
        "| plain_unet-k3-f2-bn-dice | 2 |",
        "- plain_unet-k3-f2-bn-dice-n999-s0: ",
    ):
        assert line in table
    page = (finished / "results.html").read_text()
    assert page.count("<figure>") == 2 and "published: Somebody" in page and "999 samples asked for" in page
    pictures = [*finished.glob("predictions/*.png"), finished / "curves.png", finished / "cost.png"]
    assert len(pictures) == 4
    assert all(cv2.imread(str(picture)).std() > 10 for picture in pictures)
    for picture in finished.glob("predictions/*.png"):
        assert f'src="predictions/{picture.name}"' in page


def test_a_second_start_repeats_what_failed_and_nothing_else(dataset, finished, capsys):
    def times():
        files = (finished.parent / "runs").glob("*/result.json")
        return {file.parent.name: file.stat().st_mtime_ns for file in files}

    before = times()
    study_of(finished.parents[1] / "study.yaml", dataset, finished.parent)
    changed = [name for name, time in times().items() if time != before[name]]
    assert changed == ["plain_unet-k3-f2-bn-dice-n999-s0"]


def test_another_dataset_is_another_result(dataset, tmp_path):
    run = load_study(study_file(tmp_path), "tiny", {})[1][0]
    other = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(8, size=SIZE)}, fingerprint="g")
    digests = {Job(run, data, tmp_path, EvaluationConfig(), 8).digest for data in (dataset, other)}
    assert len(digests) == 2
    assert Job(run, dataset, tmp_path, EvaluationConfig(threshold=0.4), 8).digest not in digests


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
    evaluation = EvaluationConfig(images=tmp_path / "images", masks=tmp_path / "masks", boxes=tmp_path / "boxes.json")
    run = load_study(study_file(tmp_path), "tiny", {})[1][0]
    row = run_job(Job(run, dataset, tmp_path / "run", evaluation, 8))
    assert row["status"] == "done" and 0 <= row["real_mean_iou"] <= 1 and "real_box_recall" in row


def kill_the_first_process(killed):
    while not (children := multiprocessing.active_children()):
        time.sleep(0.05)
    killed.append(children[0])
    children[0].kill()


def test_a_process_that_is_killed_costs_its_own_run_only(dataset, tmp_path):
    runs = load_study(study_file(tmp_path), "tiny", {})[1][:2]
    listed = [Job(run, dataset, tmp_path / run.name, EvaluationConfig(), 8) for run in runs]
    killed = []
    killer = threading.Thread(target=kill_the_first_process, args=(killed,))
    killer.start()
    first, second = run_jobs(listed, workers=1, scheduler=None)
    killer.join()
    assert len(killed) == 1
    assert (first["name"], first["status"]) == (runs[0].name, "failed")
    assert "its process died with exit code -9" in first["error"]
    assert (second["name"], second["status"]) == (runs[1].name, "done")


def test_jobs_run_on_a_dask_cluster_too(dataset, tmp_path):
    runs = load_study(study_file(tmp_path), "tiny", {})[1][1:3]  # the second one fails
    listed = [Job(run, dataset, tmp_path / run.name, EvaluationConfig(), 8) for run in runs]
    options = {"n_workers": 1, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
    with LocalCluster(**options) as cluster:
        rows = {row["name"]: row["status"] for row in run_jobs(listed, workers=1, scheduler=cluster.scheduler_address)}
    assert rows == {runs[0].name: "done", runs[1].name: "failed"}


def test_a_scheduler_that_does_not_answer_is_named(dataset, tmp_path):
    runs = load_study(study_file(tmp_path), "tiny", {})[1][:1]
    listed = [Job(run, dataset, tmp_path / run.name, EvaluationConfig(), 8) for run in runs]
    with pytest.raises(ConfigError, match=r"--scheduler: tcp://127\.0\.0\.1:1 does not answer"):
        list(run_jobs(listed, workers=1, scheduler="tcp://127.0.0.1:1"))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"presets": {}}, "presets: "),
        ({"presets": {"tiny": {"grids": [{"kernal": 3}]}}}, "kernal: Extra inputs are not permitted\nin the run"),
        ({"presets": {"tiny": {"grids": [{"loss": ["dice", "dise"]}]}}}, "loss: unknown loss 'dise'"),
        ({"presets": {"tiny": {"grids": [{}, {}]}}}, "two runs are called 'plain_unet-k3-f2-bn-dice-s0'"),
        ({"presets": {"other": {"grids": [{}]}}}, "no preset 'tiny'; there are: other"),
        ({"pipeline": "nowhere.yaml"}, r"nowhere\.yaml: no such file"),
        ({"extra": 1}, "extra: Extra inputs"),
    ],
)
def test_what_is_wrong_with_a_study_is_named(tmp_path, changes, complaint):
    with pytest.raises(ConfigError, match=complaint):
        load_study(study_file(tmp_path, **changes), "tiny", {})


def test_a_study_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read"):
        load_study(tmp_path / "none.yaml", "tiny", {})
    (tmp_path / "odd.yaml").write_text("a: [")
    with pytest.raises(ConfigError, match=r"odd\.yaml: not valid YAML"):
        load_study(tmp_path / "odd.yaml", "tiny", {})


def test_weights_go_to_the_encoders_they_are_for(tmp_path):
    grid = [{"network": "unet", "encoder": ["mobilenet_v2", "densenet121"]}, {"encoder": "mobilenet_v2"}]
    (tmp_path / "w.pth").touch()
    file = study_file(tmp_path, presets={"tiny": {"grids": grid}})
    _, runs = load_study(file, "tiny", {"mobilenet_v2": str(tmp_path / "w.pth")})
    assert [Path(run.config.weights).name for run in runs] == ["w.pth", "none", "none"]


def test_the_papers_grid_is_whole():
    _, runs = load_study(ROOT / "studies/firearms.yaml", "paper", {})
    papers = [run.config for run in runs if run.config.network in ("plain_unet", "transfer") and not run.budget]
    settings = {
        (
            c.network,
            c.encoder if c.network == "transfer" else "",
            c.activation,
            c.alpha,
            c.kernel,
            c.width,
            c.batch_norm,
        )
        for c in papers
    }
    assert len(settings) == 18 * (1 + 2 + 4)  # U-Net, two encoders, MobileNet with four activations
    assert len(papers) == len(settings) * 2 * 3  # losses, seeds
    assert {run.config.network for run in runs} == {"plain_unet", "transfer", "unet"}


def test_the_small_preset_has_every_network_of_the_study():
    _, runs = load_study(ROOT / "studies/firearms.yaml", "small", {})
    found = {(run.config.network, run.config.encoder) for run in runs if run.config.network != "plain_unet"}
    encoders = ("efficientnet-b0", "mobilenet_v2", "densenet121")
    assert found == {(network, encoder) for network in ("transfer", "unet") for encoder in encoders}


class OneConvolution(nn.Module):
    """3 → 1 channels, 3 × 3."""

    def __init__(self):
        super().__init__()
        self.head = nn.Conv2d(3, 1, 3, padding=1)

    def forward(self, images):
        return self.head(images)


def test_cost_by_hand(monkeypatch):
    monkeypatch.setattr("trainers.study.cost.build_network", lambda config: OneConvolution())
    cost = cost_of(TrainingConfig(augment=False), (8, 16))
    assert (cost.parameters, cost.trainable) == (28, 28)
    assert cost.forward == 2 * 27 * 8 * 16  # a multiplication and an addition for each weight and pixel
    assert cost.training == 2 * cost.forward  # and the gradient of the weights; the pictures need none


class Depthwise(nn.Module):
    """Two convolutions, the second one of each channel alone."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 3, padding=1, groups=4))

    def forward(self, images):
        return self.layers(images).mean(1, keepdim=True)


def test_grouped_convolutions_are_counted_by_their_own_weights(monkeypatch):
    monkeypatch.setattr("trainers.study.cost.build_network", lambda config: Depthwise())
    cost = cost_of(TrainingConfig(augment=False), (8, 16))
    first, second = 2 * 3 * 4 * 8 * 16, 2 * 4 * 9 * 8 * 16
    assert cost.forward == first + second
    assert cost.training == 2 * first + 3 * second  # the first needs no gradient of the pictures


def test_frozen_encoders_cost_less_to_train():
    costs = [
        cost_of(TrainingConfig(encoder="mobilenet_v2", freeze_encoder=frozen, augment=False), (32, 32))
        for frozen in (False, True)
    ]
    assert costs[1].training < costs[0].training and costs[1].trainable < costs[0].trainable
    assert costs[1].parameters == costs[0].parameters


@pytest.mark.parametrize(("budget", "epochs", "samples"), [(1.0, 10, 0), (0.25, 2, 0), (0.05, 1, 50), (0.001, 1, 8)])
def test_a_budget_gives_whole_epochs_or_a_part_of_one(budget, epochs, samples):
    config = within_budget(TrainingConfig(batch_size=8), Cost(1, 1, 1e8, 1e9), present=100, budget=budget)
    assert (config.epochs, config.samples) == (epochs, samples)


def test_lines_average_seeds_and_keep_their_range():
    def row(seed, iou):
        return {
            "name": f"a-s{seed}",
            "setting": "a",
            "status": "done",
            "weights": "none",
            "test_foreground_iou": iou,
            "test_false_alarms": None,  # no image is without target
            "baselines": {"empty prediction": {"test_foreground_iou": 0.0, "test_false_alarms": None}},
        }

    lines = lines_of([row(0, 0.2), row(1, 0.4)], [])
    assert [line["kind"] for line in lines] == ["baseline", "run"]
    assert not any("test_false_alarms" in line for line in lines)
    assert lines[1]["test_foreground_iou"] == pytest.approx(0.3)
    assert (lines[1]["least"], lines[1]["greatest"], lines[1]["runs"]) == (0.2, 0.4, 2)


def test_an_unforeseen_failure_is_a_row_too(dataset, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("nought")

    monkeypatch.setattr("trainers.study.job.fit", broken)
    run = load_study(study_file(tmp_path), "tiny", {})[1][0]
    row = run_job(Job(run, dataset, tmp_path / "run", EvaluationConfig(), 8))
    assert (row["status"], row["error"]) == ("failed", "ZeroDivisionError: nought")
    assert not torch.is_inference_mode_enabled()
