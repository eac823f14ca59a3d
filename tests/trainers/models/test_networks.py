"""Networks by name: shapes, parameters, weights from local files, and what is refused."""

from itertools import pairwise

import pytest
import segmentation_models_pytorch as smp
import torch
import torchvision

from synthgen.core.errors import TrainingError
from trainers.config.segmentation import SegmentationConfig
from trainers.models.encoder_network import load_encoder_weights
from trainers.models.registry import build_network


@pytest.mark.parametrize(
    "config",
    [
        SegmentationConfig(network="unet", encoder="efficientnet-b0"),
        SegmentationConfig(network="unet", encoder="mobilenet_v2"),
        SegmentationConfig(network="unet", encoder="densenet121"),
        SegmentationConfig(network="unetplusplus", encoder="mobilenet_v2"),
        SegmentationConfig(network="fpn", encoder="mobilenet_v2"),
        SegmentationConfig(network="deeplabv3plus", encoder="mobilenet_v2"),
        SegmentationConfig(network="segformer", encoder="mobilenet_v2"),
        SegmentationConfig(network="unet", encoder="tu-mobilenetv3_small_050"),
        SegmentationConfig(network="plain_unet", width=4),
        SegmentationConfig(network="plain_unet", width=2, kernel=4, batch_norm=False),
        SegmentationConfig(network="transfer", encoder="efficientnet-b0", width=2),
        SegmentationConfig(network="transfer", encoder="mobilenet_v2", width=2, kernel=4, batch_norm=False),
        SegmentationConfig(network="transfer", encoder="densenet121", width=2),
    ],
    ids=lambda config: config.title,
)
def test_a_network_gives_one_logit_a_pixel(config):
    network = build_network(config).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 3, 64, 96)).shape == (2, 1, 64, 96)


@pytest.mark.parametrize(("overlap", "channels"), [(False, 4), (True, 3)], ids=["softmax", "overlap"])
@pytest.mark.parametrize(
    "options",
    [{"network": "unet"}, {"network": "segformer"}, {"network": "plain_unet"}, {"network": "transfer"}],
    ids=str,
)
def test_a_network_of_three_classes_gives_a_logit_for_each_and_by_softmax_one_for_the_background(
    options, overlap, channels
):
    config = SegmentationConfig(**options, width=2, classes=("a", "b", "c"), overlap=overlap)
    with torch.inference_mode():
        assert build_network(config).eval()(torch.zeros(1, 3, 64, 64)).shape == (1, channels, 64, 64)


def convolutions(kernel, batch_norm, *channels):
    """Weights and biases of convolutions in a row, and batch norm's scales and shifts."""
    each = [kernel**2 * a * b + b + (2 * b if batch_norm else 0) for a, b in pairwise(channels)]
    return sum(each)


GRID = [(kernel, width, batch_norm) for kernel in (3, 4, 5) for width in (2, 4, 8) for batch_norm in (False, True)]


@pytest.mark.parametrize(("kernel", "width", "batch_norm"), GRID)
def test_plain_unet_has_the_parameters_of_its_layers(kernel, width, batch_norm):
    widths = [width * 2**level for level in range(5)]
    down = sum(convolutions(kernel, batch_norm, a, b, b) for a, b in pairwise([3, *widths]))
    up = sum(4 * b * a + a + convolutions(kernel, batch_norm, 2 * a, a, a) for a, b in pairwise(widths))
    network = build_network(SegmentationConfig(network="plain_unet", width=width, kernel=kernel, batch_norm=batch_norm))
    assert sum(p.numel() for p in network.parameters()) == down + up + width + 1


# channels of the decoders in multiples of the width, from the specification
DECODERS = {
    ("efficientnet-b0", 1280, False): (1, 2, 2, 4, 4, 4),
    ("efficientnet-b0", 1280, True): (1, 2, 4, 4, 4, 4),
    ("mobilenet_v2", 1280, False): (2, 4, 2, 4, 2, 8),
    ("mobilenet_v2", 1280, True): (1, 2, 2, 4, 4, 4),
    ("densenet121", 1024, False): (1, 2, 2, 4, 4, 4),
    ("densenet121", 1024, True): (1, 2, 2, 4, 4, 4),
}


@pytest.mark.parametrize(("encoder", "features", "batch_norm"), DECODERS)
@pytest.mark.parametrize(("kernel", "width"), [(3, 2), (4, 4), (5, 8)])
def test_transfer_trains_the_parameters_of_its_decoder_alone(encoder, features, batch_norm, kernel, width):
    channels = [features, *(multiple * width for multiple in DECODERS[encoder, features, batch_norm])]
    config = SegmentationConfig(network="transfer", encoder=encoder, width=width, kernel=kernel, batch_norm=batch_norm)
    trained = [p for p in build_network(config).parameters() if p.requires_grad]
    assert sum(p.numel() for p in trained) == convolutions(kernel, batch_norm, *channels) + channels[-1] + 1


@pytest.mark.parametrize(
    ("encoder", "batch_norm", "first"),
    [
        ("efficientnet-b0", True, ["Upsample", "Conv2d", "ReLU", "BatchNorm2d"]),
        ("mobilenet_v2", True, ["Upsample", "Conv2d", "LeakyReLU", "BatchNorm2d"]),
        ("densenet121", True, ["Upsample", "Conv2d", "BatchNorm2d", "ELU"]),
        ("mobilenet_v2", False, ["Upsample", "Conv2d", "LeakyReLU", "Conv2d"]),
    ],
)
def test_transfer_has_its_layers_in_the_studys_order(encoder, batch_norm, first):
    network = build_network(SegmentationConfig(network="transfer", encoder=encoder, batch_norm=batch_norm, width=2))
    assert [type(layer).__name__ for layer in network.decoder][:4] == first
    assert sum(isinstance(layer, torch.nn.Upsample) for layer in network.decoder) == 5


def test_the_frozen_encoder_never_moves():
    network = build_network(SegmentationConfig(network="transfer", encoder="mobilenet_v2", width=2)).train()
    before = {name: value.clone() for name, value in network.encoder.state_dict().items()}
    network(torch.randn(2, 3, 64, 64)).mean().backward()
    after = network.encoder.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert not any(module.training for module in network.encoder.modules())


def test_an_even_kernel_is_padded_as_keras_does():
    """ "same" of 4 means one pixel before and two after."""
    convolution = build_network(SegmentationConfig(network="plain_unet", width=2, kernel=4)).down[0][0]
    spike = torch.zeros(1, 3, 9, 9)
    spike[0, 0, 4, 4] = 1
    with torch.no_grad():
        convolution.weight.fill_(1)
        convolution.bias.zero_()
        touched = convolution(spike)[0, 0].nonzero()
    assert touched.min(dim=0).values.tolist() == [2, 2] and touched.max(dim=0).values.tolist() == [5, 5]


def test_transfer_knows_three_encoders():
    with pytest.raises(
        TrainingError, match="network transfer has no encoder 'resnet18'; choose one of: efficientnet-b0"
    ):
        build_network(SegmentationConfig(network="transfer", encoder="resnet18"))


def test_an_architecture_that_cannot_take_an_encoder_says_so():
    with pytest.raises(TrainingError, match="deeplabv3plus cannot take encoder densenet121"):
        build_network(SegmentationConfig(network="deeplabv3plus", encoder="densenet121"))


def test_from_scratch_running_statistics_follow_quickly():
    network = build_network(SegmentationConfig(encoder="efficientnet-b0"))
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert len(norms) > 40 and {module.momentum for module in norms} == {0.1}


@pytest.mark.parametrize("encoder", ["resnet1", "tu-resnet1", "convnext_tiny"])  # timm's only after tu-
def test_an_unknown_encoder_is_refused(encoder):
    with pytest.raises(TrainingError, match=f"unknown encoder '{encoder}'; choose one"):
        build_network(SegmentationConfig(encoder=encoder))


def test_a_hub_that_cannot_be_reached_is_named(monkeypatch):
    def unreachable(*arguments, **options):
        raise OSError("no route")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", unreachable)
    with pytest.raises(TrainingError, match="weights of mobilenet_v2 cannot be fetched from the hub"):
        build_network(SegmentationConfig(network="transfer", encoder="mobilenet_v2", weights="imagenet"))


def test_local_weights_are_loaded_and_a_classifier_is_left_out(tmp_path):
    donor = smp.encoders.get_encoder("mobilenet_v2", weights=None).state_dict()
    torch.save({**donor, "classifier.1.weight": torch.zeros(10, 1280)}, tmp_path / "donor.pth")
    network = build_network(SegmentationConfig(encoder="mobilenet_v2", weights=str(tmp_path / "donor.pth")))
    loaded = network.encoder.state_dict()
    assert all(torch.equal(loaded[name], value) for name, value in donor.items())


def test_weights_in_torchvisions_layout_fit(tmp_path):
    """Its classifier's state dict as it comes: the encoder under the same names, a classifier beside it."""
    donor = torchvision.models.mobilenet_v2(weights=None).state_dict()
    torch.save(donor, tmp_path / "donor.pth")
    network = build_network(SegmentationConfig(encoder="mobilenet_v2", weights=str(tmp_path / "donor.pth")))
    loaded = network.encoder.state_dict()
    assert any(name.startswith("classifier.") for name in donor)
    assert all(torch.equal(loaded[name], value) for name, value in donor.items() if name.startswith("features."))


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
