"""Networks by name: shapes, parameters, weights from local files, and what is refused."""

from itertools import pairwise
from pathlib import Path

import pytest
import segmentation_models_pytorch as smp
import torch

from synthgen.core.errors import TrainingError
from trainers.config import NETWORK_NAMES, TrainingConfig
from trainers.models.encoder_unet import load_encoder_weights
from trainers.models.registry import NETWORKS, build_network

MOBILENET = Path(__file__).parents[3] / "shared/data/weights/mobilenet_v2_imagenet_from_tflite_ptq.pth"


def test_config_and_registry_know_the_same_networks():
    assert sorted(NETWORKS) == sorted(NETWORK_NAMES)


@pytest.mark.parametrize(
    "config",
    [
        TrainingConfig(network="unet", encoder="efficientnet-b0"),
        TrainingConfig(network="unet", encoder="mobilenet_v2"),
        TrainingConfig(network="unet", encoder="densenet121"),
        TrainingConfig(network="plain_unet", width=4),
    ],
    ids=lambda config: config.title,
)
def test_a_network_gives_one_logit_a_pixel(config):
    network = build_network(config).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 3, 64, 96)).shape == (2, 1, 64, 96)


def convolution(inputs, outputs):
    """Weights of a 3×3 convolution without bias, and batch norm's scale and shift."""
    return 9 * inputs * outputs + 2 * outputs


def block(inputs, outputs):
    return convolution(inputs, outputs) + convolution(outputs, outputs)


def test_plain_unet_has_the_parameters_of_its_layers():
    width = 4
    widths = [width * 2**level for level in range(5)]
    down = sum(block(a, b) for a, b in pairwise([3, *widths]))
    up = sum(4 * b * a + a + block(2 * a, a) for a, b in pairwise(widths))
    network = build_network(TrainingConfig(network="plain_unet", width=width))
    assert sum(p.numel() for p in network.parameters()) == down + up + width + 1


def test_from_scratch_running_statistics_follow_quickly():
    network = build_network(TrainingConfig(encoder="efficientnet-b0"))
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert len(norms) > 40 and {module.momentum for module in norms} == {0.1}


def test_an_unknown_encoder_is_refused():
    with pytest.raises(TrainingError, match="unknown encoder 'resnet1'; choose one"):
        build_network(TrainingConfig(encoder="resnet1"))


def test_local_weights_are_loaded_and_a_classifier_is_left_out(tmp_path):
    donor = smp.encoders.get_encoder("mobilenet_v2", weights=None).state_dict()
    torch.save({**donor, "classifier.1.weight": torch.zeros(10, 1280)}, tmp_path / "donor.pth")
    network = build_network(TrainingConfig(encoder="mobilenet_v2", weights=str(tmp_path / "donor.pth")))
    loaded = network.encoder.state_dict()
    assert all(torch.equal(loaded[name], value) for name, value in donor.items())


def test_weights_made_elsewhere_fit():
    """Weights of torchvision's layout from outside the project, where a checkout has them."""
    if not MOBILENET.is_file():
        pytest.skip("no weights file beside this checkout")
    network = build_network(TrainingConfig(encoder="mobilenet_v2", weights=str(MOBILENET)))
    first = torch.load(MOBILENET, map_location="cpu", weights_only=True)["features.0.0.weight"]
    assert torch.equal(network.encoder.state_dict()["features.0.0.weight"], first)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"features.0.0.weight": torch.zeros(1)}, "tensors are missing, first features"),
        ({"state_dict": {}}, "holds no plain state dict"),
        (b"no weights at all", "no file of weights that torch can load safely"),
        (b"", "no file of weights that torch can load safely"),
        (None, "weights cannot be read"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path, content, message):
    path = tmp_path / "weights.pth"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(TrainingError, match=message):
        load_encoder_weights(smp.encoders.get_encoder("mobilenet_v2", weights=None), path)


def test_weights_of_a_strange_shape_or_name_are_refused(tmp_path):
    encoder = smp.encoders.get_encoder("mobilenet_v2", weights=None)
    state = encoder.state_dict()
    torch.save({**state, "features.0.0.weight": torch.zeros(1, 2)}, tmp_path / "shape.pth")
    torch.save({**state, "features.99.weight": torch.zeros(1)}, tmp_path / "name.pth")
    with pytest.raises(TrainingError, match=r"features\.0\.0\.weight has shape \(1, 2\), expected \(32, 3, 3, 3\)"):
        load_encoder_weights(encoder, tmp_path / "shape.pth")
    with pytest.raises(TrainingError, match=r"1 tensors are unknown, first features\.99\.weight"):
        load_encoder_weights(encoder, tmp_path / "name.pth")
