"""CAM, Grad-CAM and Score-CAM: the grad-cam library's maps, laws, and what they cannot be asked of."""

import importlib.util
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from torch import nn
from torch.nn.functional import interpolate, normalize

from synthgen.core.errors import TrainingError
from tiny_clip import RESNET, saved_clip
from trainers.clip.load import open_tower
from trainers.config.classification import ClassificationConfig
from trainers.config.localizer import LocalizerConfig
from trainers.config.registry import CLASSIFIERS
from trainers.learn.checkpoint import MODEL_FILE, DataSource, Origin, TrainedModel, load_model, save_model
from trainers.localize.heat import heat_map
from trainers.localize.localizer import Localizer
from trainers.localize.methods import score_cam
from trainers.localize.methods.cam import cam_maps
from trainers.localize.methods.grad_cam import grad_cam_maps
from trainers.localize.methods.score_cam import channel_scores, score_cam_maps
from trainers.localize.networks.last_map import last_map
from trainers.localize.networks.of_classes import ClassNetwork
from trainers.localize.opened import open_localizer
from trainers.models.pixels import prepared

SPEC = importlib.util.spec_from_file_location("golden_cams", Path(__file__).parents[3] / "golden/cams.py")
golden = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(golden)

METHODS = {"grad_cam": grad_cam_maps, "score_cam": score_cam_maps}
CLASSES = {"gun": (3,), "long gun": (1, 4), "room": (0, 5)}


class CosineNetwork:
    """The golden CLIP with a direction for a prompt, so that no text is embedded."""

    title, size, params = "clip", (64, 64), {}

    def __init__(self):
        self.clip = golden.clip().double()
        self.part = self.clip.visual.layer4
        self.mean, self.std = (torch.tensor(values, dtype=torch.float64).view(3, 1, 1) for values in golden.OPENAI)

    def scores(self, pixels, prompts):
        whole = self.clip.encode_image((pixels - self.mean) / self.std, normalize=True)
        return golden.SCALE * whole @ golden.text().to(whole).T


def class_network(network, classes=CLASSES, against=(), size=(64, 64)):
    return ClassNetwork("net", network, size, classes, against)


def in_64_bits(network):
    network.layers.double()
    return network


@pytest.fixture
def corners_aligned(monkeypatch):
    """Channels enlarged as the library does it."""
    monkeypatch.setattr(score_cam, "enlarged", partial(interpolate, mode="bilinear", align_corners=True))


@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.parametrize("name", ["classifier", "clip"])
def test_maps_are_those_of_the_grad_cam_library_in_its_setting(corners_aligned, name, method):
    network = CosineNetwork() if name == "clip" else in_64_bits(class_network(golden.classifier()))
    found = METHODS[method](network, golden.pictures().double(), ["gun"]).float().numpy()
    heat = np.stack([heat_map(each[0], (64, 64), "bilinear", positive=True) for each in found])
    theirs = np.load(golden.FILE)[f"{name} {method}"]
    np.testing.assert_allclose(heat[golden.STORED], theirs, atol=2e-6, rtol=0)


def test_channels_leave_the_picture_over_in_their_place_and_the_mean_colour_elsewhere():
    network = class_network(golden.classifier())
    picture, cells = golden.pictures()[0], torch.zeros(70, 4, 4)
    cells[1] = 1
    cells[2, :2] = 5
    scores = channel_scores(network, picture, cells, ["gun", "room"])
    empty = network.scores(network.mean.expand(1, 3, 64, 64), ["gun", "room"])
    torch.testing.assert_close(scores[[0, 1, 69]], empty.expand(3, 2))
    assert scores.shape == (70, 2) and not torch.allclose(scores[2], empty[0])


def global_pooling(channels=8, classes=6):
    """A network to which CAM applies."""
    network = nn.Sequential()
    network.add_module("features", nn.Sequential(nn.Conv2d(3, channels, 3, stride=4), nn.ReLU()))
    network.add_module("avgpool", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    network.add_module("classifier", nn.Linear(channels, classes))
    return golden.filled(network, 6)


@pytest.mark.parametrize("prompt", ["gun", "long gun"])
def test_the_mean_of_a_class_map_is_its_logit_and_grad_cam_says_the_same_of_it(prompt):
    network, shown = class_network(global_pooling()), golden.pictures()
    found = cam_maps(network, shown, ["gun"])
    torch.testing.assert_close(found.mean((2, 3)), network.scores(shown, ["gun"]))
    slopes, maps = grad_cam_maps(network, shown, [prompt]), cam_maps(network, shown, [prompt])
    bias = (network.shares(network.logits(shown), [prompt]) @ network.layers.classifier.bias)[:, :, None, None]
    torch.testing.assert_close(slopes, ((maps - bias) / maps[0, 0].numel()).relu())


def test_several_classes_are_one_by_their_probability_and_backgrounds_give_log_odds():
    network, shown = golden.classifier(), golden.pictures()
    logits = class_network(network).logits(shown).softmax(1)
    one, several = class_network(network).scores(shown, ["gun", "long gun"]).unbind(1)
    torch.testing.assert_close(several - one, (logits[:, [1, 4]].sum(1) / logits[:, 3]).log())
    against = class_network(network, against=("room",)).scores(shown, ["gun"])[:, 0]
    torch.testing.assert_close(against, (logits[:, 3] / logits[:, [0, 5]].sum(1)).log())


def test_shares_are_the_derivative_of_scores_by_logits():
    network = class_network(golden.classifier(), against=("room",))
    logits = network.logits(golden.pictures()).requires_grad_()
    network.logits = lambda _: logits
    scores = network.scores(golden.pictures(), ["long gun"])
    (slope,) = torch.autograd.grad(scores.sum(), logits)
    torch.testing.assert_close(network.shares(logits.detach(), ["long gun"])[:, 0], slope)


@pytest.mark.parametrize("method", ["grad_cam", "score_cam"])
def test_over_a_clip_they_go_by_its_scaled_cosine_or_by_the_cosine_itself(tmp_path, method):
    config = saved_clip(tmp_path / "clip", RESNET)
    told = {"method": method, "prompts": ("knife",), "clip": config, "backgrounds": ("room",)}
    usual, literal = (open_localizer(LocalizerConfig(seed_literal=each, **told)) for each in (False, True))
    assert isinstance(usual, Localizer) and usual.positive and usual.size == (64, 64)
    assert usual.params["channels"] == 256 and usual.params["seed_literal"] is False
    shown, tower = golden.pictures(), open_tower(config)
    direction = tower.text(["gun"]) - tower.text(["room"])
    cosine = normalize(tower.tokens(shown)[0], dim=-1) @ direction.T
    torch.testing.assert_close(literal.network.scores(shown, ["gun"]), cosine)
    torch.testing.assert_close(usual.network.scores(shown, ["gun"]), tower.scale * cosine)
    assert usual.relevance(shown, ["gun", "knife"]).shape == (2, 2, 8, 8)


def test_grad_cam_can_be_asked_where_nothing_learns():
    network, prompts = class_network(golden.classifier()), ["gun", "room"]
    expected = grad_cam_maps(network, golden.pictures(), prompts)
    with torch.inference_mode():
        found = grad_cam_maps(network, golden.pictures(), prompts)
    assert found.shape == (2, 2, 5, 5) and found.equal(expected)


def saved_torchvision(folder, name):
    torch.manual_seed(0)
    torch.save(torchvision.models.get_model(name).state_dict(), folder / f"{name}.pth")
    return folder / f"{name}.pth"


def over(encoder, weights="none", **told):
    told = {"method": "grad_cam", "prompts": ("gun",), "classes": {"gun": (763, 413)}, "size": (96, 96)} | told
    return open_localizer(LocalizerConfig(encoder=encoder, weights=str(weights), **told))


@pytest.mark.parametrize(("encoder", "grid"), [("mobilenet_v2", 3), ("squeezenet1_0", 5)])
def test_all_three_stand_on_a_classifier_of_torchvision_from_a_file(tmp_path, encoder, grid):
    weights = saved_torchvision(tmp_path, encoder)
    for method in ("cam", "grad_cam"):
        localizer = over(encoder, weights, method=method)
        found = localizer.relevance(torch.rand(1, 3, 96, 96), ["gun"])
        assert found.shape == (1, 1, 4 * grid, 4 * grid)
        assert localizer.title == f"{method}, {encoder} ({encoder}.pth)"
        assert str(tmp_path) not in str(localizer.params)


@pytest.mark.parametrize(
    ("name", "part"),
    [("resnet18", "layer4"), ("mobilenet_v2", "features"), ("squeezenet1_1", "features"), ("alexnet", "features")],
)
def test_the_last_map_is_the_one_that_is_usually_taken(name, part):
    network = torchvision.models.get_model(name).eval()
    assert last_map(name, network) == (network.get_submodule(part), 1000)


def test_a_transformer_has_no_last_map():
    small = torchvision.models.VisionTransformer(64, 16, 1, 2, 8, 16)
    with pytest.raises(TrainingError, match=r"takes pictures of one size only: .*choose a network of convolutions"):
        last_map("vit", small.eval())


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"encoder": "resnet"}, "unknown encoder 'resnet'; choose a classifier of torchvision's"),
        ({"encoder": "squeezenet1_1", "classes": {"gun": (1000,)}}, "there is no class 1000, as it has 1000"),
        ({"encoder": "squeezenet1_1", "size": (8, 8)}, "takes no pictures of 8×8"),
        ({"encoder": "resnet18", "size": (32, 32)}, "leaves a single cell, which tells no place from another"),
        ({"encoder": "mobilenet_v3_small", "method": "cam"}, "cam needs a network that ends in global average pooling"),
    ],
)
def test_what_a_network_cannot_do_is_said_when_it_is_opened(told, said):
    with pytest.raises(TrainingError, match=said):
        over(**told)


def test_a_prompt_that_means_none_of_the_classes_is_refused():
    localizer = over("squeezenet1_1")
    with pytest.raises(TrainingError, match=r"'laptop' means none of its classes.*ask for one of: gun"):
        localizer.relevance(torch.rand(1, 3, 96, 96), ["laptop"])


def trained(folder, **told):
    """A classifier of ours with random weights, saved as a training saves it."""
    config = ClassificationConfig(**told)
    source = DataSource(manifest_sha256="0", fingerprint="0", samples={"train": 1}, categories=(), licences={})
    network = CLASSIFIERS[config.network](config).eval()
    folder.mkdir()
    save_model(
        folder / MODEL_FILE,
        TrainedModel(network, config, (64, 96), Origin(sources=(source,), weights="none", watched=None)),
        {},
    )
    return folder


def test_a_classifier_that_was_trained_here_is_asked_for_its_target_whatever_the_prompt(tmp_path):
    folder = trained(tmp_path / "model", encoder="test_resnet")
    shown = torch.rand(2, 3, 64, 96)
    for method in ("cam", "grad_cam", "score_cam"):
        localizer = open_localizer(LocalizerConfig(method=method, prompts=("gun",), model=folder))
        found = localizer.relevance(shown, ["gun", "anything"])
        assert localizer.size == (64, 96) and found.shape[:2] == (2, 2) and found[:, 0].equal(found[:, 1])
        assert localizer.title == f"{method}, classifier-test_resnet"
    logits = load_model(folder).network(prepared(shown))
    torch.testing.assert_close(localizer.network.scores(shown, ["gun"]), logits)


def test_an_encoder_of_segmentation_models_and_a_hidden_layer_do_for_grad_cam(tmp_path):
    mobile = trained(tmp_path / "mobile", encoder="mobilenet_v2")
    localizer = open_localizer(LocalizerConfig(method="cam", prompts=("gun",), model=mobile))
    assert localizer.relevance(torch.rand(1, 3, 64, 96), ["gun"]).shape == (1, 1, 8, 12)
    hidden = trained(tmp_path / "hidden", network="resnet50")
    assert open_localizer(LocalizerConfig(method="grad_cam", prompts=("gun",), model=hidden)).params["channels"] == 2048
    with pytest.raises(TrainingError, match="unlike classifier-resnet50; choose grad_cam"):
        open_localizer(LocalizerConfig(method="cam", prompts=("gun",), model=hidden))


def test_a_vision_transformer_of_a_clip_is_refused(tmp_path):
    with pytest.raises(TrainingError, match=r"goes by the last map of a network of convolutions.*RN50-quickgelu"):
        open_localizer(
            LocalizerConfig(method="grad_cam", prompts=("gun",), clip=saved_clip(tmp_path / "vit"), size=(64, 64))
        )
