"""Models over a frozen CLIP: what their files hold, how the CLIP is found again, what is refused before training."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from sample_factory import write_dataset
from synthgen.core.errors import TrainingError
from tiny_clip import RESNET, saved_clip
from tiny_transformers import saved_transformers
from trainers.config.classification import ClassificationConfig
from trainers.learn.begin import network_fields
from trainers.learn.checkpoint import load_model, predictor_of
from trainers.learn.fit import fit
from trainers.learn.identity import identity_of
from trainers.study.cost import cost_of
from trainers.study.digest import weights_digest
from trainers.task import TASKS
from two_classes import SIZE, of_two_classes, parted_clip

TASK = TASKS["classification"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("over-clip")


@pytest.fixture(scope="module")
def clip(folder):
    return parted_clip(folder / "tiny")


@pytest.fixture(scope="module")
def dataset(folder):
    shards = {"train-00000.parquet": of_two_classes(8), "val-00000.parquet": of_two_classes(8, "val")}
    return write_dataset(folder / "d", shards)


def config_of(clip, **fields):
    usual = {"network": "danger_clip", "layers": 1, "batch_size": 4, "epochs": 1, "augment": False}
    return ClassificationConfig(clip=clip, **{**usual, **fields})


@pytest.fixture(scope="module")
def model(clip, dataset, folder):
    return fit(config_of(clip), dataset, folder / "m", progress=False)


@pytest.fixture
def moved(model, tmp_path):
    """The model's file alone, elsewhere."""
    return Path(shutil.copy(model, tmp_path))


def images():
    return np.stack([sample.image for sample in of_two_classes(4, "test")])


def found_by(path):
    return predictor_of(load_model(path)).labels(images())


def test_a_models_file_holds_its_head_and_the_name_of_the_clip_by_content(model, clip, folder):
    saved = torch.load(model, weights_only=True)
    network = load_model(model).network
    weights = {name for name in saved["weights"] if name != "_extra_state"}
    assert weights == {f"head.{name}" for name, _ in network.head.named_parameters()}
    assert saved["weights"]["_extra_state"] == network.tower.digest
    assert str(folder) not in saved["config"]
    assert json.loads(saved["config"])["clip"] == {"model": "local-dir:./clip/tiny", "weights": ""}
    checkpoint = torch.load(model.parent / "checkpoints/last.ckpt", weights_only=True)["state_dict"]
    assert not any("tower" in name for name in checkpoint)


def test_a_link_beside_it_leads_to_the_clip(model, folder):
    link = model.parent / "clip/tiny"
    assert link.is_symlink() and link.resolve() == (folder / "tiny").resolve()


def test_a_model_that_is_moved_needs_its_clip_beside_it(model, moved, folder):
    with pytest.raises(TrainingError, match=r"clip/tiny: no CLIP there; the model stands on one and does not hold its"):
        load_model(moved)
    shutil.copytree(folder / "tiny", moved.parent / "clip/tiny")
    np.testing.assert_array_equal(found_by(moved), found_by(model))


def test_another_clip_in_its_place_is_refused(moved):
    parted_clip(moved.parent / "clip/tiny", seed=1)
    with pytest.raises(TrainingError, match="tiny: another CLIP than the one that this model learnt from"):
        load_model(moved)


def test_a_model_that_goes_on_keeps_its_clip(model, clip, dataset, tmp_path):
    fields = network_fields(model)
    assert fields["clip"]["model"] == f"local-dir:{model.parent}/clip/tiny" and "views" not in fields
    fields |= {"batch_size": 4, "epochs": 1, "augment": False, "finetune": str(model), "learning_rate": 1e-9}
    again = fit(ClassificationConfig(**fields), dataset, tmp_path / "m", progress=False)
    assert (tmp_path / "m/clip/tiny").resolve() == Path(clip.model.removeprefix("local-dir:")).resolve()
    np.testing.assert_allclose(found_by(again), found_by(model), atol=1e-5)


def test_weights_in_a_file_are_found_beside_the_model_too(tmp_path):
    config = config_of({"model": "RN50", "weights": str(tmp_path / "mine.pt")}, network="clip_linear")
    published = config.published()
    assert published.clip.model == "RN50" and published.clip.weights == "./clip/mine.pt"
    (tmp_path / "m/clip").mkdir(parents=True)
    (tmp_path / "m/clip/mine.pt").touch()
    assert published.found_beside(tmp_path / "m").clip.weights == f"{tmp_path}/m/./clip/mine.pt".replace("/./", "/")


def test_names_that_a_library_fetches_stay_as_they_are():
    for clip in ({"model": "ViT-B-16-quickgelu", "weights": "openai"}, {"model": "hf-hub:a/b"}):
        config = config_of(clip)
        assert config.published() == config == config.found_beside(Path("anywhere"))


def test_what_a_clip_holds_decides_the_result_and_not_where_it_lies(clip, folder, tmp_path):
    shutil.copytree(folder / "tiny", tmp_path / "copy")
    parted_clip(tmp_path / "other", seed=1)
    one, same, other = (
        config_of(clip if name is None else clip.model_copy(update={"model": f"local-dir:{tmp_path}/{name}"}))
        for name in (None, "copy", "other")
    )
    assert identity_of(one, None) == identity_of(same, None) != identity_of(other, None)
    assert weights_digest(one) == weights_digest(same) != weights_digest(other)


def test_only_the_head_learns_and_what_that_costs_is_counted(clip):
    cost = cost_of(config_of(clip, views=3), SIZE)
    head = TASK.network(config_of(clip)).head
    assert cost.trainable == sum(parameter.numel() for parameter in head.parameters()) < cost.parameters
    assert cost.forward < cost.training < 3 * cost.forward  # the CLIP looks, and does not learn


def test_a_linear_probe_stands_on_a_resnet_and_on_transformers_too(clip, tmp_path):
    others = [saved_clip(tmp_path / "resnet", RESNET), saved_transformers(tmp_path / "transformers")]
    for each, width in ((clip, 16), (others[0], 12), (others[1], 12)):
        network = TASK.network(config_of(each, network="clip_linear")).eval()
        assert sum(parameter.numel() for parameter in network.head.parameters()) == width + 1
        assert network(torch.rand(2, 3, 64, 64)).shape == (2, 1)


def test_pixels_reach_the_clip_as_they_were(clip):
    network = TASK.network(config_of(clip, network="clip_linear")).eval()
    pixels = torch.rand(2, 3, *SIZE)
    normalised = (pixels - torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)) / torch.tensor(
        [0.229, 0.224, 0.225]
    ).view(3, 1, 1)
    torch.testing.assert_close(network(normalised), network.head(*network.tower.tokens(pixels)))


def test_a_clip_without_a_vision_transformer_is_refused(dataset, tmp_path):
    config = config_of(saved_clip(tmp_path / "resnet", RESNET))
    with pytest.raises(TrainingError, match="danger_clip asks the patches of a vision transformer, and this CLIP is a"):
        fit(config, dataset, tmp_path / "m", progress=False)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"prompt": "weapon " * 20}, r"has 22 tokens, start and end included, and the model reads 16; shorten it"),
        ({"network": "clip_zero_shot", "backgrounds": ("room " * 20,)}, "has 22 tokens"),
        ({"size": (36, 32)}, "pictures are 36×32, and its patches have 8 pixels a side; give sides that are multiples"),
    ],
    ids=["prompt", "backgrounds", "size"],
)
def test_what_does_not_fit_a_clip_is_refused_before_training(clip, dataset, tmp_path, fields, complaint):
    with pytest.raises(TrainingError, match=complaint):
        fit(config_of(clip, **fields), dataset, tmp_path / "m", progress=False)
    assert not (tmp_path / "m").exists()


def test_sides_need_be_multiples_of_a_patch_alone(clip):
    TASK.check_size((40, 24), TASK.network(config_of(clip)))


def test_other_networks_leave_a_clip_aside(clip):
    assert ClassificationConfig(network="vgg16", clip=clip, views=2) == ClassificationConfig(network="vgg16")
    assert config_of(clip, network="clip_zero_shot", views=2).views == 0  # it learns from none


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"network": "danger_clip", "clip": None}, "network danger_clip stands on a CLIP; give clip, e.g."),
        ({"weights": "imagenet"}, "weights are of encoders; what danger_clip begins with is said by clip"),
        ({"views": 2, "augment": True}, "views goes with augment ssd or false"),
        ({"layers": 0}, "greater than or equal to 1"),
        ({"prompts": ()}, "at least 1 item"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_refused(fields, complaint):
    usual = {"network": "danger_clip", "clip": {"model": "ViT-B-16-quickgelu", "weights": "openai"}}
    with pytest.raises(ValidationError, match=complaint):
        ClassificationConfig(**{**usual, **fields})
