"""Training end to end on a handful of discs: it learns, resumes, and what it leaves behind can be used."""

import csv
import json

import albumentations
import cv2
import numpy as np
import pytest
import torch
from rich.console import Console
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import DatasetError, TrainingError
from trainers.commands.run import train_and_evaluate
from trainers.config.evaluation import EvaluationConfig
from trainers.config.section import TrainingSection
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.checkpoint import load_model
from trainers.learn.fit import fit
from trainers.models.registry import build_network
from trainers.score.evaluate import evaluate, folder_batches, shard_batches
from trainers.tasks.segmentation.task import Segmentation

TINY = SegmentationConfig(network="plain_unet", width=4, epochs=20, batch_size=8, learning_rate=1e-2, augment=False)
SIZE = (64, 64)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    shards = {
        "train-00000.parquet": make_samples(32, size=SIZE),
        "val-00000.parquet": make_samples(8, "val", size=SIZE),
        "test-00000.parquet": make_samples(8, "test", size=SIZE),
    }
    return write_dataset(tmp_path_factory.mktemp("data") / "d", shards)


@pytest.fixture(scope="module")
def model(dataset, tmp_path_factory):
    return fit(TINY, dataset, tmp_path_factory.mktemp("models") / "tiny")


def test_it_learns_what_is_there(dataset, model):
    result = evaluate(load_model(model), shard_batches(dataset, "test", 8), threshold=0.5, pictures=4)
    assert result.samples == 8
    assert result.scores["foreground_iou"] > 0.7
    assert result.empty["foreground_iou"] == 0
    assert len(result.examples) == 4 and result.examples[0].truth.any()


def test_the_best_epoch_is_kept_and_every_epoch_is_logged(model):
    with (model.parent / "metrics.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    validation = [float(row["val_foreground_iou"]) for row in rows if row["val_foreground_iou"]]
    assert len(validation) == TINY.epochs
    best = torch.load(model.parent / "checkpoints/best.ckpt", map_location="cpu", weights_only=True)
    assert best["epoch"] == int(np.argmax(validation))
    saved = torch.load(model, map_location="cpu", weights_only=True)["weights"]
    assert all(torch.equal(best["state_dict"][f"network.{name}"], value) for name, value in saved.items())


def last_weights(output):
    return torch.load(output / "checkpoints/last.ckpt", map_location="cpu", weights_only=True)["state_dict"]


def test_samples_made_on_the_fly_train_the_same_weights(dataset, tmp_path):
    settings = TINY.model_copy(update={"epochs": 2, "augment": True})
    fit(settings, dataset, tmp_path / "shards")
    fit(settings, dataset, tmp_path / "samples", samples=make_samples(32, size=SIZE))
    shards, samples = last_weights(tmp_path / "shards"), last_weights(tmp_path / "samples")
    assert all(torch.equal(shards[name], samples[name]) for name in shards)


def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(dataset, tmp_path):
    settings = TINY.model_copy(update={"epochs": 3, "augment": True})
    fit(settings, dataset, tmp_path / "whole")
    fit(settings.model_copy(update={"epochs": 1}), dataset, tmp_path / "parts")
    fit(settings, dataset, tmp_path / "parts", resume=True)
    whole, parts = last_weights(tmp_path / "whole"), last_weights(tmp_path / "parts")
    assert all(torch.equal(parts[name], value) for name, value in whole.items())
    rows = list(csv.DictReader((tmp_path / "parts/metrics.csv").open()))
    assert {int(row["epoch"]) for row in rows if row["val_foreground_iou"]} == {0, 1, 2}


@pytest.mark.parametrize(
    "options",
    [
        {"schedule": "onecycle"},
        {"ema": 0.9},
        {"accumulate": 3},
        {"positive_share": 0.5},
        {"albumentations": albumentations.Compose([albumentations.VerticalFlip(p=0.5)]).to_dict()},
        {"augment": ({"RandomAffine": {"degrees": 20.0}},)},
        {"precision": "bf16-mixed"},
    ],
    ids=lambda options: next(iter(options)),
)
def test_a_run_that_broke_off_is_resumed_whatever_the_options(dataset, tmp_path, monkeypatch, options):
    settings = TINY.model_copy(update={"epochs": 3, "augment": True, **options})
    fit(settings, dataset, tmp_path / "whole")
    with monkeypatch.context() as patch, pytest.raises(InterruptedError):
        patch.setattr(Segmentation, "on_train_epoch_start", break_off_in_the_last_epoch)
        fit(settings, dataset, tmp_path / "parts")
    fit(settings, dataset, tmp_path / "parts", resume=True)
    whole, parts = last_weights(tmp_path / "whole"), last_weights(tmp_path / "parts")
    assert all(torch.equal(parts[name], value) for name, value in whole.items())


def break_off_in_the_last_epoch(module):
    if module.current_epoch == 2:
        raise InterruptedError


@pytest.fixture(scope="module")
def odd_dataset(tmp_path_factory):
    """Batches of eight and a rest of five, which two ranks share unevenly."""
    return write_dataset(
        tmp_path_factory.mktemp("odd") / "d",
        {"train-00000.parquet": make_samples(13, size=SIZE), "val-00000.parquet": make_samples(7, "val", size=SIZE)},
    )


@pytest.mark.parametrize("loss", ["dice", "bce"])
def test_two_processes_learn_what_one_learns_from_the_whole_batch(odd_dataset, tmp_path, loss):
    settings = TINY.model_copy(update={"epochs": 2, "batch_norm": False, "loss": loss, "device": "cpu"})
    fit(settings, odd_dataset, tmp_path / "one")
    fit(settings.model_copy(update={"devices": 2, "batch_size": 4}), odd_dataset, tmp_path / "two")
    one, two = last_weights(tmp_path / "one"), last_weights(tmp_path / "two")
    assert all(torch.allclose(one[name], two[name], atol=2e-5) for name in one)
    logs = [list(csv.DictReader((tmp_path / run / "metrics.csv").open())) for run in ("one", "two")]
    for column in ("train_loss", "val_foreground_iou", "val_dice"):
        alone, together = ([float(row[column]) for row in log if row[column]] for log in logs)
        assert together == pytest.approx(alone, abs=1e-4)


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_the_loss_is_summed_in_32_bits_whatever_the_precision(half):
    module = Segmentation(build_network(TINY), TINY)
    images = torch.randint(0, 256, (8, 3, 128, 128), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        exact = module.loss_of(images, images[:, :1] > 127)
        with torch.autocast("cpu", half):
            loss = module.loss_of(images, images[:, :1] > 127)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(exact.item(), rel=2e-3)


def test_tensorboard_gets_what_the_table_gets(dataset, tmp_path):
    fit(TINY.model_copy(update={"epochs": 1, "tensorboard": True}), dataset, tmp_path)
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    with (tmp_path / "metrics.csv").open() as stream:
        logged = {name: value for row in csv.DictReader(stream) for name, value in row.items() if value}
    assert events.Scalars("val_foreground_iou")[0].value == pytest.approx(float(logged["val_foreground_iou"]))


def test_the_first_samples_can_be_learnt_from_alone(dataset, tmp_path):
    settings = TINY.model_copy(update={"epochs": 1})
    fit(settings.model_copy(update={"samples": 16}), dataset, tmp_path / "first")
    fit(settings, dataset, tmp_path / "cut", samples=make_samples(16, size=SIZE))
    first, cut = last_weights(tmp_path / "first"), last_weights(tmp_path / "cut")
    assert all(torch.equal(first[name], cut[name]) for name in first)
    with pytest.raises(TrainingError, match="train: 99 samples asked for, 32 present"):
        fit(settings.model_copy(update={"samples": 99}), dataset, tmp_path / "more")
    with pytest.raises(TrainingError, match="give a shorter source of samples instead"):
        fit(settings.model_copy(update={"samples": 8}), dataset, tmp_path / "both", samples=make_samples(16, size=SIZE))


def test_without_a_validation_split_the_last_epoch_is_kept(tmp_path):
    only = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(8, size=SIZE)})
    assert load_model(fit(TINY.model_copy(update={"epochs": 1}), only, tmp_path / "m")).size == SIZE


def test_a_frozen_encoder_does_not_move(dataset, tmp_path):
    settings = SegmentationConfig(epochs=1, batch_size=16, freeze_encoder=True, freeze_batch_norm=True)
    fit(settings, dataset, tmp_path)
    first = last_weights(tmp_path)
    fit(settings.model_copy(update={"epochs": 2}), dataset, tmp_path, resume=True)
    second = last_weights(tmp_path)
    moved = {name.split(".")[1] for name in first if not torch.equal(first[name], second[name])}
    assert moved == {"decoder", "segmentation_head"}


@pytest.mark.parametrize(
    "options",
    [{"schedule": "cosine"}, {"schedule": "onecycle"}, {"ema": 0.9}, {"accumulate": 3}, {"loss": "bce_dice"}],
    ids=lambda options: next(iter(options.values())),
)
def test_every_way_of_training_ends_as_it_says(dataset, tmp_path, options):
    settings = TINY.model_copy(update={"epochs": 2})
    plain, other = tmp_path / "plain", tmp_path / "other"
    fit(settings, dataset, plain)
    for _ in range(2):  # the same numbers each time
        fit(settings.model_copy(update=options), dataset, other)
        weights = last_weights(other)
        other = tmp_path / "again"
    again = last_weights(other)
    assert all(torch.equal(weights[name], again[name]) for name in weights)
    assert not all(torch.equal(weights[name], value) for name, value in last_weights(plain).items())


def test_the_rate_falls_along_a_cosine(dataset, tmp_path):
    fit(TINY.model_copy(update={"epochs": 2, "schedule": "cosine"}), dataset, tmp_path)
    checkpoint = torch.load(tmp_path / "checkpoints/last.ckpt", map_location="cpu", weights_only=True)
    assert checkpoint["optimizer_states"][0]["param_groups"][0]["lr"] == pytest.approx(0, abs=1e-9)


def test_training_stops_when_nothing_improves(dataset, tmp_path):
    still = TINY.model_copy(update={"epochs": 9, "patience": 2, "learning_rate": 1e-12})
    fit(still, dataset, tmp_path)
    with (tmp_path / "metrics.csv").open(newline="") as stream:
        epochs = [row["epoch"] for row in csv.DictReader(stream) if row["val_foreground_iou"]]
    assert len(epochs) < 9


def test_patience_needs_a_validation_split(tmp_path):
    alone = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(4, size=SIZE)})
    with pytest.raises(TrainingError, match="patience watches the split val, and the dataset has none"):
        fit(TINY.model_copy(update={"patience": 1}), alone, tmp_path / "m")


def test_a_frozen_encoder_learns_when_its_time_has_come(dataset, tmp_path):
    settings = SegmentationConfig(
        encoder="mobilenet_v2", epochs=2, batch_size=16, freeze_encoder=True, freeze_batch_norm=True, unfreeze_epoch=1
    )
    first = {name: p.clone() for name, p in build_encoder(settings).items()}
    fit(settings.model_copy(update={"epochs": 1}), dataset, tmp_path / "one")
    fit(settings, dataset, tmp_path / "two")
    frozen, learnt = (encoder_of(last_weights(tmp_path / run)) for run in ("one", "two"))
    assert all(torch.equal(frozen[name], value) for name, value in first.items())
    assert not all(torch.equal(learnt[name], value) for name, value in first.items())


def build_encoder(settings):
    torch.manual_seed(settings.seed)
    return dict(build_network(settings).encoder.named_parameters())


def encoder_of(weights):
    return {name.removeprefix("network.encoder."): value for name, value in weights.items() if "encoder" in name}


def test_running_out_of_memory_says_what_to_change(dataset, tmp_path, monkeypatch):
    def full(self, images):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("trainers.models.plain_unet.PlainUNet.forward", full)
    with pytest.raises(TrainingError, match="plain_unet: out of memory with batches of 8; lower batch_size and raise"):
        fit(TINY, dataset, tmp_path)


def test_freezing_a_network_without_encoder_is_refused(dataset, tmp_path):
    with pytest.raises(TrainingError, match="plain_unet: has no encoder to freeze"):
        fit(TINY.model_copy(update={"freeze_encoder": True}), dataset, tmp_path)


def test_sides_that_the_networks_cannot_halve_are_refused(tmp_path):
    odd = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(4, size=(48, 64))})
    with pytest.raises(TrainingError, match="samples are 48×64; the networks need sides divisible by 32"):
        fit(TINY, odd, tmp_path / "m")


def test_a_loss_that_is_no_number_stops_with_advice(dataset, tmp_path):
    with pytest.raises(TrainingError, match=r"plain_unet: the loss is nan at step \d+; lower learning_rate"):
        fit(TINY.model_copy(update={"learning_rate": 1e30}), dataset, tmp_path)


@pytest.mark.skipif(torch.cuda.is_available(), reason="asks for a GPU where there is none")
def test_a_device_that_is_not_there_is_named(dataset, tmp_path):
    with pytest.raises(TrainingError, match="device 'gpu' is not to be had here"):
        fit(TINY.model_copy(update={"device": "gpu"}), dataset, tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a model", {"weights": {}}])
def test_a_damaged_model_is_named(tmp_path, content):
    path = tmp_path / "model.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(TrainingError, match=r"model\.pt: not a model made by `synthgen train`, or damaged"):
        load_model(tmp_path)


def test_a_model_of_several_classes_is_refused(tmp_path, model):
    saved = torch.load(model, map_location="cpu", weights_only=True)
    for name in ("head.weight", "head.bias"):
        saved["weights"][name] = saved["weights"][name].repeat_interleave(3, 0)
    torch.save(saved, tmp_path / "model.pt")
    with pytest.raises(TrainingError, match="predicts 3 classes; synthgen's segmenters tell"):
        load_model(tmp_path)


def test_code_in_a_model_file_is_not_run(tmp_path):
    class Harmful:
        def __reduce__(self):
            return (open, (str(tmp_path / "harm"), "w"))

    torch.save({"weights": Harmful()}, tmp_path / "model.pt")
    with pytest.raises(TrainingError, match="not a model made by"):
        load_model(tmp_path)
    assert not (tmp_path / "harm").exists()


@pytest.fixture
def photographs(tmp_path):
    """Two pictures, wider than high, with masks of the same stems."""
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for number, sample in enumerate(make_samples(2, size=(64, 96))):
        cv2.imwrite(str(tmp_path / f"images/{number}.jpg"), sample.image[:, :, ::-1])
        cv2.imwrite(str(tmp_path / f"masks/{number}.png"), (sample.mask > 0).astype(np.uint8) * 255)
    return tmp_path


def test_photographs_are_scored_letterboxed(model, photographs):
    trained = load_model(model)
    pairs = folder_batches(photographs / "images", photographs / "masks", trained.size)
    result = evaluate(trained, pairs, threshold=0.5, pictures=4)
    assert result.samples == 2
    assert {example.image.shape for example in result.examples} == {(64, 64, 3)}


def test_photographs_without_masks_are_refused(model, photographs):
    (photographs / "masks/1.png").unlink()
    with pytest.raises(DatasetError, match=r"1\.png: no mask for 1\.jpg"):
        list(folder_batches(photographs / "images", photographs / "masks", SIZE))


def test_a_mask_of_another_size_is_refused(model, photographs):
    cv2.imwrite(str(photographs / "masks/1.png"), np.zeros((10, 10), np.uint8))
    with pytest.raises(DatasetError, match=r"1\.png: mask is \(10, 10\), its photograph \(64, 96\)"):
        list(folder_batches(photographs / "images", photographs / "masks", SIZE))


def test_a_run_leaves_tables_pictures_and_curves(dataset, photographs):
    section = TrainingSection((TINY.model_copy(update={"epochs": 1, "name": "one"}),))
    evaluation = EvaluationConfig(pictures=3, images=photographs / "images", masks=photographs / "masks")
    report = train_and_evaluate(section, evaluation, dataset, photographs / "run", console=Console(quiet=True))
    scores = json.loads((report / "results.json").read_text())
    assert scores["samples"] == {"one": 8}
    assert list(scores["scores"]) == ["empty prediction", "all foreground", "one"]
    table = (report / "results.md").read_text()
    assert f"| one | {scores['scores']['one']['foreground_iou']:.4f} |" in table
    assert json.loads((report / "photographs/results.json").read_text())["samples"] == {"one": 2}
    for picture in ("predictions-one.png", "curves.png"):
        assert cv2.imread(str(report / picture)).std() > 10
