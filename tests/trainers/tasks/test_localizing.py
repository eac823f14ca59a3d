"""TS-CAM and LCTR learn labels over a CLIP that stays as it is, read no mask, and say where."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch.nn.functional import cross_entropy

from sample_factory import write_dataset
from synthgen.core.errors import TrainingError
from tiny_clip import RESNET, saved_clip
from tiny_transformers import saved_transformers
from trainers.clip.features import Features
from trainers.config.classification import ClassificationConfig
from trainers.learn.checkpoint import load_model, predictor_of
from trainers.learn.fit import fit
from trainers.learn.identity import identity_of
from trainers.learn.log import logged
from trainers.loading.memory import BatchMemory
from trainers.loading.targets import Batch, Labelled
from trainers.package.package import package
from trainers.predict.open import open_predictor
from trainers.task import TASKS
from two_classes import SIZE, of_two_classes, parted_clip

TASK = TASKS["classification"]
BOTH = pytest.mark.parametrize("network", ["ts_cam", "lctr"])
WIDE = (32, 48)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return parted_clip(tmp_path_factory.mktemp("clip") / "tiny")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_dataset(tmp_path_factory.mktemp("d") / "d", {"train-00000.parquet": of_two_classes(32)})


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/synthgen/features"


def config_of(clip, network, **fields):
    usual = {"clip": clip, "batch_size": 8, "epochs": 20, "learning_rate": 5e-3, "weight_decay": 0.05}
    usual |= {"schedule": "cosine", "warmup": 0.1, "augment": False, "precision": "32-true"}
    return ClassificationConfig(network=network, **{**usual, **fields})


def network_of(clip, network, **fields):
    torch.manual_seed(0)
    return TASK.network(config_of(clip, network, **fields)).eval()


def images(count=4):
    return np.stack([sample.image for sample in of_two_classes(count, "test")])


def pixels(size=WIDE, count=2):
    return torch.rand(count, 3, *size, generator=torch.Generator().manual_seed(1))


def grid_of(patches, size):
    """Tokens of patches row by row, as a picture; the tiny CLIPs have patches of 8 pixels."""
    return patches.transpose(1, 2).reshape(len(patches), -1, size[0] // 8, size[1] // 8)


def batch_of(samples):
    collate = Labelled()
    targets = collate.room(len(samples), SIZE, BatchMemory())
    for place, sample in enumerate(samples):
        collate.put(targets, place, sample.truth)
    return Batch(np.stack([each.image for each in samples]), targets, tuple(range(len(samples))), len(samples))


@BOTH
def test_labels_are_learnt_and_no_mask_is_read(clip, dataset, tmp_path, network):
    config = config_of(clip, network)
    assert not config.learns_masks and TASK.collate(config).columns == {"label"}
    path = fit(config, dataset, tmp_path / "m", progress=False)
    _, losses = logged(tmp_path / "m/metrics.csv", "train_loss")
    assert losses[-1] < losses[0] / 2
    found = predictor_of(load_model(path)).labels(images(16))
    assert ((found[:, 0] > 0.5) == [sample.label for sample in of_two_classes(16, "test")]).mean() > 0.9


@BOTH
def test_the_loss_is_the_cross_entropy_over_two_classes_and_reaches_the_head_alone(clip, network):
    config, samples = config_of(clip, network), of_two_classes(4)
    learner = TASK.learner(network_of(clip, network), config).eval()
    loss = learner.loss_of(batch_of(samples))
    built = learner.network
    shown = torch.from_numpy(np.stack([sample.image for sample in samples])).permute(0, 3, 1, 2) / 255
    logits = built.head(grid_of(built.look(shown)[1], SIZE))
    torch.testing.assert_close(loss, cross_entropy(logits, torch.tensor([sample.label for sample in samples])))
    loss.backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in built.head.parameters())
    assert all(parameter.grad is None for parameter in built.tower.parameters())
    assert {p for group in learner.groups() for p in group["params"]} == {*built.head.parameters()}


@BOTH
def test_its_map_is_made_of_the_towers_own_hidden_tokens_and_attention(clip, network):
    built, shown = network_of(clip, network), pixels()
    hidden, attn = built.tower.hidden(shown), built.tower.attn(shown)
    cells = grid_of(hidden[:, 1:], WIDE)
    if network == "lctr":
        cells = torch.cat([cells, attn[:, :, 0, 1:].mean(1).reshape(2, 1, 4, 6)], 1)
    scores = built.head.scores(cells)
    logits, relevance = built.judged_and_weighed(shown)
    torch.testing.assert_close(relevance, built.head.relevance(scores, attn), atol=1e-5, rtol=1e-4)
    both = built.head(cells)
    torch.testing.assert_close(logits, both[:, 1:] - both[:, :1], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(built.judged(built.look(shown), WIDE), logits, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("library", ["open_clip", "transformers"])
def test_ts_cam_starts_with_what_the_clip_knows_of_prompt_and_backgrounds(clip, tmp_path, library):
    own = clip if library == "open_clip" else saved_transformers(tmp_path / "transformers")
    fields = {"prompt": "a handgun", "backgrounds": ("a room", "a street")}
    built, shown = network_of(own, "ts_cam", **fields), pixels()
    tower = built.tower
    texts = torch.stack([tower.text(["a room", "a street"]).mean(0), tower.text(["a handgun"])[0]])
    means = (tower.tokens(shown)[1] @ texts.T).mean(1)
    both = built.head(grid_of(built.look(shown)[1], WIDE))
    torch.testing.assert_close(both, means, atol=1e-5, rtol=1e-5)
    assert not built.head.score.bias.any()
    other = network_of(own, "ts_cam", **fields, start="random")
    assert other.head.score.weight[:, :, 0].any() and other.head.score.bias.any()


@BOTH
def test_a_model_that_is_saved_gives_the_same_and_says_where(clip, dataset, tmp_path, network):
    path = fit(config_of(clip, network, epochs=1), dataset, tmp_path / "m", progress=False)
    model = load_model(path)
    saved = torch.load(path, weights_only=True)["weights"]
    assert all(
        torch.equal(model.network.head.state_dict()[name.removeprefix("head.")], value)
        for name, value in saved.items()
        if name != "_extra_state"
    )
    found, maps = predictor_of(model).labels_and_maps(images())
    assert found.shape == (4, 1) and maps.shape == (4, *SIZE)
    np.testing.assert_allclose(maps.min((1, 2)), 0, atol=1e-6)
    highest = maps.max((1, 2))
    np.testing.assert_allclose(highest[[1, 3]], 1, atol=1e-6)  # the pictures with a target
    assert network == "lctr" or np.allclose(highest, 1)  # where no score is above 0, LCTR shows nothing
    np.testing.assert_allclose(found, predictor_of(model).labels(images()), atol=1e-5)


def test_a_map_without_range_is_nowhere(clip):
    built = network_of(clip, "lctr")
    torch.nn.init.zeros_(built.head.kernels.weight)
    _, maps = built.judged_and_mapped(pixels())
    assert maps.shape == (2, *WIDE) and not maps.any()


@BOTH
def test_a_training_that_broke_off_goes_on_as_if_it_had_not(clip, dataset, tmp_path, network):
    config = config_of(clip, network, epochs=2, schedule="constant", warmup=0)
    fit(config.model_copy(update={"epochs": 1}), dataset, tmp_path / "m", progress=False)
    models = [fit(config, dataset, tmp_path / name, resume=name == "m", progress=False) for name in ("m", "whole")]
    one, other = (load_model(path).network.head.state_dict() for path in models)
    assert all(torch.equal(one[name], value) for name, value in other.items())


@BOTH
def test_views_are_looked_at_once_and_kept_apart_from_what_other_networks_take(
    clip, dataset, tmp_path, cache, monkeypatch, network
):
    looked, look = [], Features._look

    def counted(self, shown):
        looked.append(len(shown))
        return look(self, shown)

    monkeypatch.setattr(Features, "_look", counted)
    config = config_of(clip, network, views=2, augment="ssd", epochs=4)
    fit(config_of(clip, "clip_linear", views=2, augment="ssd", epochs=1), dataset, tmp_path / "l", progress=False)
    fit(config, dataset, tmp_path / "m", progress=False)
    fit(config.model_copy(update={"learning_rate": 1e-3}), dataset, tmp_path / "again", progress=False)
    assert sum(looked) == 2 * 2 * 32 == len([*cache.rglob("*.npy")])


@BOTH
def test_what_is_kept_is_what_the_clip_sees(clip, network):
    batch = batch_of(of_two_classes(4))
    live, kept = (TASK.learner(network_of(clip, network), config_of(clip, network, views=n)).eval() for n in (0, 1))
    torch.testing.assert_close(live.loss_of(batch), kept.loss_of(batch), atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(live.validate(batch), kept.validate(batch), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("network", [pytest.param("ts_cam", marks=pytest.mark.slow), "lctr"])
def test_it_is_packed_as_one_graph_with_its_clip(clip, dataset, tmp_path, network):
    model = load_model(fit(config_of(clip, network, epochs=1), dataset, tmp_path / "m", progress=False))
    package(model, tmp_path / "packed")
    both = [each.labels_and_maps(images()) for each in (open_predictor(tmp_path / "packed"), predictor_of(model))]
    for found, expected in zip(*both, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-4)


@BOTH
def test_a_resnet_is_refused_before_training(dataset, tmp_path, network):
    config = config_of(saved_clip(tmp_path / "resnet", RESNET), network)
    with pytest.raises(TrainingError, match=f"{network} asks the patches of a vision transformer, and this CLIP is a"):
        fit(config, dataset, tmp_path / "m", progress=False)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("fields", [{"prompt": "weapon " * 20}, {"backgrounds": ("room " * 20,)}], ids=str)
def test_a_text_that_is_too_long_is_refused_where_it_is_read(clip, fields):
    with pytest.raises(TrainingError, match="has 22 tokens, start and end included, and the model reads 16"):
        network_of(clip, "ts_cam", **fields)
    network_of(clip, "ts_cam", start="random", **fields)
    network_of(clip, "lctr", **fields)


@BOTH
def test_it_needs_a_clip_and_whole_pictures(clip, network):
    with pytest.raises(ValidationError, match=f"network {network} stands on a CLIP; give clip"):
        ClassificationConfig(network=network)
    with pytest.raises(ValidationError, match="crop does not go with classification"):
        config_of(clip, network, crop={})


def test_trainings_of_before_had_no_start(clip):
    assert "start" not in identity_of(config_of(clip, "lctr"), None)
    assert identity_of(config_of(clip, "ts_cam", start="random"), None)["start"] == "random"
