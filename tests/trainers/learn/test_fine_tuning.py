"""Fine-tuning: rates of encoder and new layers, a head that goes first, training by steps, averages, precision."""

import csv
from itertools import pairwise

import pytest
import torch
from torch import nn

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import TrainingError
from trainers.config.classification import ClassificationConfig
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.averaging import decay_at
from trainers.learn.checkpoint import load_model
from trainers.learn.fit import fit
from trainers.learn.learner import Learner
from trainers.learn.precision import fast_precision, precision_of
from trainers.learn.schedule import cosine, poly
from trainers.models.registry import build_network
from trainers.task import TASKS
from trainers.tasks.segmentation.learner import Segmentation

SIZE = (32, 32)
TINY = SegmentationConfig(network="plain_unet", width=2, batch_size=4, augment=False, precision="32-true")


class Small(nn.Module):
    """An encoder and one new layer, for four steps a second."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.head = nn.Conv2d(4, 1, 1)

    def forward(self, images):
        return self.head(self.encoder(images))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    shards = {
        "train-00000.parquet": make_samples(16, size=SIZE),
        "val-00000.parquet": make_samples(4, "val", size=SIZE),
    }
    return write_dataset(tmp_path_factory.mktemp("t") / "d", shards)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr("trainers.tasks.segmentation.task.build_network", lambda config: Small())


def train(dataset, output, **changes):
    resume = changes.pop("resume", False)
    return fit(TINY.model_copy(update={"network": "unet", **changes}), dataset, output, resume=resume, progress=False)


def last_weights(output):
    return torch.load(output / "checkpoints/last.ckpt", map_location="cpu", weights_only=True)["state_dict"]


def groups_of(task, **options):
    config = TASKS[task].config(**options)
    learner = TASKS[task].learner(TASKS[task].network(config.model_copy(update={"weights": "none"})), config)
    return learner, [(group["lr"], len(group["params"])) for group in learner.groups()]


@pytest.mark.parametrize(
    ("task", "options", "rates"),
    [
        ("segmentation", {}, [1e-3, 1e-3]),
        ("segmentation", {"weights": "imagenet"}, [1e-3, 5e-5]),
        ("segmentation", {"encoder_rate": 0.3}, [1e-3, 3e-4]),
        ("segmentation", {"network": "plain_unet", "weights": "imagenet"}, [1e-3]),
        ("segmentation", {"network": "transfer", "weights": "imagenet"}, [1e-3]),
        ("segmentation", {"freeze_encoder": True}, [1e-3]),
        ("segmentation", {"freeze_encoder": True, "unfreeze_epoch": 1, "encoder_rate": 0.5}, [1e-3, 5e-4]),
        ("classification", {"encoder": "test_resnet", "weights": "imagenet"}, [1e-3, 5e-5]),
    ],
    ids=str,
)
def test_the_encoder_learns_at_a_rate_of_its_own(task, options, rates):
    learner, groups = groups_of(task, **options)
    assert [rate for rate, _ in groups] == pytest.approx(rates)
    inner = len(list(learner.network.encoder.parameters())) if len(rates) == 2 else 0
    learning = [p for p in learner.parameters() if p.requires_grad or options.get("unfreeze_epoch")]
    assert sum(count for _, count in groups) == len(learning)
    assert not inner or groups[1][1] == inner


def test_each_group_cycles_up_to_its_own_rate(dataset, tmp_path, monkeypatch, small):
    taken, step = [], torch.optim.AdamW.step

    def noted(optimizer, *arguments, **more):
        taken.append([group["lr"] for group in optimizer.param_groups])
        return step(optimizer, *arguments, **more)

    monkeypatch.setattr(torch.optim.AdamW, "step", noted)
    train(dataset, tmp_path, encoder_rate=0.1, steps=12)
    assert len(taken) == 12 and max(new for new, _ in taken) == pytest.approx(1e-3, rel=0.05)
    assert all(inner == pytest.approx(new / 10, rel=1e-3) for new, inner in taken)


def test_weight_decay_pulls_weights_to_zero(dataset, tmp_path, small):
    for decay in (0.0, 1.0):
        train(dataset, tmp_path / str(decay), weight_decay=decay, schedule="constant", learning_rate=1e-2, epochs=2)
    free, pulled = (last_weights(tmp_path / str(decay))["network.encoder.0.weight"].norm() for decay in (0.0, 1.0))
    assert pulled < 0.97 * free


def encoders(dataset, output, **options):
    """The encoder's first weights after each epoch of four steps; with those it began with."""
    torch.manual_seed(0)
    seen, end = [], Learner.on_validation_epoch_end

    def noted(learner):
        seen.append(learner.network.encoder[0].weight.detach().clone())
        end(learner)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "on_validation_epoch_end", noted)
        train(dataset, output, **options)
    return seen


def test_new_layers_learn_alone_for_their_share_of_the_steps(dataset, tmp_path, small):
    seen = encoders(dataset, tmp_path / "first", epochs=4, head_first=0.5)
    moved = [not torch.equal(before, after) for before, after in pairwise(seen)]
    assert moved == [False, True, True]


def test_a_head_that_goes_first_is_resumed_to_the_same_weights(dataset, tmp_path, small, monkeypatch):
    options = {"epochs": 3, "head_first": 0.5}
    train(dataset, tmp_path / "whole", **options)
    begin = Learner.on_train_epoch_start

    def break_off(learner):
        if learner.current_epoch == 1:
            raise InterruptedError
        begin(learner)

    with monkeypatch.context() as patch, pytest.raises(InterruptedError):
        patch.setattr(Learner, "on_train_epoch_start", break_off)
        train(dataset, tmp_path / "parts", **options)
    train(dataset, tmp_path / "parts", **options, resume=True)
    whole, parts = last_weights(tmp_path / "whole"), last_weights(tmp_path / "parts")
    assert all(torch.equal(parts[name], value) for name, value in whole.items())


def test_epochs_are_not_added_to_a_head_that_went_first(dataset, tmp_path, small):
    train(dataset, tmp_path, epochs=1, head_first=0.5, schedule="constant")
    with pytest.raises(TrainingError, match="head_first was laid out for 1 epochs, not for 2"):
        train(dataset, tmp_path, epochs=2, head_first=0.5, schedule="constant", resume=True)


def test_a_network_without_encoder_has_no_head_to_go_first():
    with pytest.raises(TrainingError, match="has no encoder"):
        Segmentation(build_network(TINY), TINY.model_copy(update={"network": "other", "head_first": 0.5}))


@pytest.mark.parametrize("steps", [3, 4, 6])
def test_training_ends_after_so_many_steps_and_is_validated_there(dataset, tmp_path, steps):
    train(dataset, tmp_path, network="plain_unet", epochs=1, steps=steps, ema=0.9)
    checkpoint = torch.load(tmp_path / "checkpoints/last.ckpt", weights_only=True)
    assert checkpoint["global_step"] == steps
    with (tmp_path / "metrics.csv").open(newline="") as stream:
        validated = [int(row["step"]) + 1 for row in csv.DictReader(stream) if row["val_foreground_iou"]]
    assert validated == sorted({*range(4, steps, 4), steps})
    best = torch.load(tmp_path / "checkpoints/best.ckpt", weights_only=True)
    assert best["global_step"] in validated


def test_steps_that_are_done_are_not_done_again_and_those_that_are_not_are(dataset, tmp_path):
    train(dataset, tmp_path / "m", network="plain_unet", epochs=1, steps=6)
    done = last_weights(tmp_path / "m")
    train(dataset, tmp_path / "m", network="plain_unet", epochs=1, steps=6, resume=True)
    assert all(torch.equal(done[name], value) for name, value in last_weights(tmp_path / "m").items())
    with pytest.raises(TrainingError, match="steps 6 before, 9 now"):
        train(dataset, tmp_path / "m", network="plain_unet", epochs=1, steps=9, resume=True)


def test_a_cosine_rises_evenly_and_falls_to_nothing():
    factors = [cosine(step, 10, warmup=4) for step in range(11)]
    assert factors[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert factors[4:] == sorted(factors[4:], reverse=True) and factors[10] == pytest.approx(0)


def test_a_cosine_may_end_above_nothing():
    factors = [cosine(step, 10, warmup=4, floor=0.2) for step in range(11)]
    assert factors[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert factors[4:] == sorted(factors[4:], reverse=True) and factors[7] == pytest.approx(0.6)
    assert factors[10] == pytest.approx(0.2)


def test_a_poly_rises_evenly_and_falls_as_what_is_left_to_the_power_of_nine_tenths():
    factors = [poly(step, 10, warmup=4) for step in range(11)]
    assert factors[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert factors[4:] == pytest.approx([((10 - step) / 6) ** 0.9 for step in range(4, 11)])


def test_norms_may_be_left_out_of_the_decay():
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.LayerNorm(4), nn.GroupNorm(2, 4))
    config = TINY.model_copy(update={"network": "other", "decay_norms": False})
    decaying, staying = Segmentation(network, config).groups()
    assert [*map(id, decaying["params"])] == [*map(id, network[0].parameters())] and "weight_decay" not in decaying
    norms = [id(own) for layer in network[1:] for own in layer.parameters()]
    assert [*map(id, staying["params"])] == norms and staying["weight_decay"] == 0
    (together,) = Segmentation(network, config.model_copy(update={"decay_norms": True})).groups()
    assert len(together["params"]) == 8


def test_an_average_follows_closely_at_first_and_slowly_later():
    decays = [float(decay_at(torch.tensor(count), 0.99)) for count in (1, 8, 80, 10_000)]
    assert decays == pytest.approx([2 / 11, 9 / 18, 81 / 90, 0.99])


def test_after_few_steps_the_average_is_near_the_weights(dataset, tmp_path, small):
    train(dataset, tmp_path, epochs=2, ema=0.999, schedule="constant", learning_rate=1e-2)
    saved = torch.load(tmp_path / "checkpoints/last.ckpt", weights_only=True)
    averaged, current = saved["state_dict"], saved["current_model_state"]
    name = "network.encoder.0.weight"
    first = encoders(dataset, tmp_path / "again", epochs=1, steps=1, schedule="constant", learning_rate=1e-2)[0]
    assert (averaged[name] - current[name]).norm() < 0.6 * (first - current[name]).norm()
    assert not torch.equal(averaged["network.encoder.1.running_mean"], current["network.encoder.1.running_mean"])


@pytest.mark.parametrize(
    ("features", "gpu", "expected"),
    [
        ({}, False, "32-true"),
        ({}, True, "bf16-mixed"),
        ({"avx512_bf16": True}, False, "bf16-mixed"),
        ({"amx_bf16": True, "avx512_bf16": False}, False, "bf16-mixed"),
        ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, False, "32-true"),
    ],
    ids=str,
)
def test_precision_goes_by_what_the_device_computes_with(features, gpu, expected):
    assert fast_precision(features, gpu=gpu) == expected


def test_a_training_says_which_precision_it_had(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True}, raising=False)
    config = TINY.model_copy(update={"precision": "auto", "device": "cpu", "epochs": 1})
    model = load_model(fit(config, dataset, tmp_path, progress=False))
    assert model.config.precision == precision_of(config) == "bf16-mixed"
    assert all(parameter.dtype == torch.float32 for parameter in model.network.parameters())
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
    with pytest.raises(TrainingError, match="precision 'bf16-mixed' before, '32-true' now"):
        fit(config, dataset, tmp_path, resume=True, progress=False)


def test_a_network_learns_and_predicts_at_a_size_of_its_own(dataset, tmp_path):
    config = TINY.model_copy(update={"size": (64, 32), "epochs": 1})
    assert load_model(fit(config, dataset, tmp_path, progress=False)).size == (64, 32)
    with pytest.raises(TrainingError, match="samples are 48×32; the networks need sides divisible by 32: set the"):
        fit(config.model_copy(update={"size": (48, 32)}), dataset, tmp_path, progress=False)


def test_a_classifier_begins_with_a_frozen_batch_norm_too():
    config = ClassificationConfig(encoder="test_resnet", weights="imagenet")
    learner = TASKS["classification"].learner(
        TASKS["classification"].network(config.model_copy(update={"weights": "none"})), config
    )
    learner.train()
    norms = [layer for layer in learner.encoder().modules() if isinstance(layer, nn.BatchNorm2d)]
    assert norms and learner.config.freeze_batch_norm
