"""Training end to end on a handful of discs: it learns, resumes, and what it leaves behind can be used."""

import csv

import albumentations
import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import TrainingError
from trainers.config.crop import Crop
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.checkpoint import load_model, predictor_of
from trainers.learn.fit import fit
from trainers.learn.learner import Learner
from trainers.models.registry import build_network
from trainers.task import TASKS
from trainers.tasks.segmentation.learner import Segmentation

PLAIN = {"schedule": "constant", "precision": "32-true", "loss": "dice"}
TINY = SegmentationConfig(
    network="plain_unet", width=4, epochs=15, batch_size=8, learning_rate=1e-2, augment=False, **PLAIN
)
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
    return fit(TINY, dataset, tmp_path_factory.mktemp("models") / "tiny", progress=False)


def test_it_learns_what_is_there(model):
    samples = make_samples(8, "test", size=SIZE)
    found = predictor_of(load_model(model)).probabilities(np.stack([sample.image for sample in samples])) >= 0.5
    truth = np.stack([sample.mask for sample in samples])[:, None] > 0
    assert (found & truth).sum() / (found | truth).sum() > 0.7


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
    rows = list(csv.DictReader((tmp_path / "parts/metrics.csv").read_text().splitlines()))
    assert {int(row["epoch"]) for row in rows if row["val_foreground_iou"]} == {0, 1, 2}


@pytest.mark.parametrize(
    "options",
    [
        {"schedule": "onecycle"},
        {"schedule": "cosine", "warmup": 0.3},
        {"ema": 0.9},
        {"accumulate": 3},
        {"positive_share": 0.5},
        {"albumentations": albumentations.Compose([albumentations.VerticalFlip(p=0.5)]).to_dict()},
        {"augment": ({"RandomAffine": {"degrees": 20.0}},)},
        {"precision": "bf16-mixed"},
        {"crop": Crop(probability=0.8), "size": (32, 64)},
    ],
    ids=lambda options: next(iter(options)),
)
def test_a_run_that_broke_off_is_resumed_whatever_the_options(dataset, tmp_path, monkeypatch, options):
    settings = TINY.model_copy(update={"epochs": 3, "augment": True, **options})
    fit(settings, dataset, tmp_path / "whole")
    with monkeypatch.context() as patch, pytest.raises(InterruptedError):
        patch.setattr(Learner, "on_train_epoch_start", break_off_in_the_last_epoch)
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


def test_two_processes_learn_what_one_learns_from_the_whole_batch(odd_dataset, tmp_path):
    settings = TINY.model_copy(update={"epochs": 1, "batch_norm": False, "loss": "bce_dice", "device": "cpu"})
    fit(settings, odd_dataset, tmp_path / "one")
    fit(settings.model_copy(update={"devices": 2, "batch_size": 4}), odd_dataset, tmp_path / "two")
    one, two = last_weights(tmp_path / "one"), last_weights(tmp_path / "two")
    assert all(torch.allclose(one[name], two[name], atol=2e-5) for name in one)
    logs = [list(csv.DictReader((tmp_path / run / "metrics.csv").read_text().splitlines())) for run in ("one", "two")]
    for column in ("train_loss", "val_foreground_iou", "val_dice"):
        alone, together = ([float(row[column]) for row in log if row[column]] for log in logs)
        assert together == pytest.approx(alone, abs=1e-4)


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_the_loss_is_summed_in_32_bits_whatever_the_precision(half):
    module = Segmentation(build_network(TINY), TINY)
    batch = TASKS["segmentation"].example((128, 128), 8)
    with torch.no_grad():
        exact = module.loss_of(batch)
        with torch.autocast("cpu", half):
            loss = module.loss_of(batch)
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
    settings = SegmentationConfig(epochs=1, batch_size=16, freeze_encoder=True, freeze_batch_norm=True, **PLAIN)
    fit(settings, dataset, tmp_path)
    first = last_weights(tmp_path)
    fit(settings.model_copy(update={"epochs": 2}), dataset, tmp_path, resume=True)
    second = last_weights(tmp_path)
    moved = {name.split(".")[1] for name in first if not torch.equal(first[name], second[name])}
    assert moved == {"decoder", "segmentation_head"}


def rates(monkeypatch, dataset, output, **options):
    """The rate of each optimiser step of two epochs of four batches."""
    taken = []
    step = torch.optim.AdamW.step

    def noted(optimizer, *arguments, **more):
        taken.append(optimizer.param_groups[0]["lr"])
        return step(optimizer, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(torch.optim.AdamW, "step", noted)
        fit(TINY.model_copy(update={"epochs": 2, **options}), dataset, output, progress=False)
    return taken


def test_a_constant_rate_stays_and_a_step_takes_as_many_batches_as_asked_for(dataset, tmp_path, monkeypatch):
    assert rates(monkeypatch, dataset, tmp_path / "each") == [1e-2] * 8
    assert rates(monkeypatch, dataset, tmp_path / "three", accumulate=3) == [1e-2] * 4  # 3 batches and the last one


def test_a_cosine_falls_from_the_rate_to_nothing(dataset, tmp_path, monkeypatch):
    taken = rates(monkeypatch, dataset, tmp_path, schedule="cosine")
    assert taken == pytest.approx([1e-2 * (1 + np.cos(np.pi * step / 8)) / 2 for step in range(8)])


def test_one_cycle_rises_to_the_rate_and_falls_below_where_it_began(dataset, tmp_path, monkeypatch):
    taken = rates(monkeypatch, dataset, tmp_path, schedule="onecycle")
    top = int(np.argmax(taken))
    assert 0 < top < 7 and taken[: top + 1] == sorted(taken[: top + 1]) and taken[top:] == sorted(taken[top:])[::-1]
    assert max(taken) == pytest.approx(1e-2, rel=0.1) and taken[-1] < taken[0] / 10


def test_averaged_weights_are_the_first_ones_and_then_mostly_those_that_follow(dataset, tmp_path):
    settings = TINY.model_copy(update={"batch_size": 32})  # one step an epoch
    fit(settings.model_copy(update={"epochs": 1}), dataset, tmp_path / "one", progress=False)
    fit(settings.model_copy(update={"epochs": 2}), dataset, tmp_path / "two", progress=False)
    fit(settings.model_copy(update={"epochs": 2, "ema": 0.9}), dataset, tmp_path / "averaged", progress=False)
    one, two, averaged = (last_weights(tmp_path / run) for run in ("one", "two", "averaged"))
    names = [f"network.{name}" for name, _ in build_network(settings).named_parameters()]
    assert not all(torch.equal(one[name], two[name]) for name in names)
    assert all(torch.allclose(averaged[name], 2 / 11 * one[name] + 9 / 11 * two[name], atol=1e-6) for name in names)


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
    with pytest.raises(TrainingError, match="device 'gpu' is not available"):
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
    with pytest.raises(TrainingError, match=r"size mismatch for head\.weight"):
        load_model(tmp_path)


def test_code_in_a_model_file_is_not_run(tmp_path):
    class Harmful:
        def __reduce__(self):
            return (open, (str(tmp_path / "harm"), "w"))

    torch.save({"weights": Harmful()}, tmp_path / "model.pt")
    with pytest.raises(TrainingError, match="not a model made by"):
        load_model(tmp_path)
    assert not (tmp_path / "harm").exists()
