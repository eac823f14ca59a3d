"""smp's networks over a classification encoder, with weights from the hub, from a file, or none."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import segmentation_models_pytorch as smp
import timm
import torch
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from trainers.config.segmentation import SegmentationConfig

__all__ = [
    "ARCHITECTURES",
    "encoder_network",
    "follow_quickly",
    "from_config",
    "hub_failures_explained",
    "load_encoder_weights",
]

CLASSIFIERS = ("classifier.", "fc.", "_fc.")  # how torchvision and timm name their layers
ARCHITECTURES: dict[str, type[nn.Module]] = {
    "unet": smp.Unet,
    "unetplusplus": smp.UnetPlusPlus,
    "fpn": smp.FPN,
    "deeplabv3plus": smp.DeepLabV3Plus,
    "segformer": smp.Segformer,
}


def from_config(config: SegmentationConfig) -> nn.Module:
    """Build what `encoder_network` builds, as `config` says."""
    return encoder_network(config.network, config.encoder, config.weights, config.channels)


def encoder_network(architecture: str, encoder: str, weights: str, channels: int = 1) -> nn.Module:
    """Build (b, 3, h, w) → logits (b, channels, h, w); h and w divisible by 32.

    Raises:
        TrainingError: The encoder is unknown, the architecture cannot take it, or the weights cannot be had or do
            not fit it.
    """
    if encoder not in (*smp.encoders.get_encoder_names(), *(f"tu-{name}" for name in timm.list_models())):
        raise TrainingError(
            f"unknown encoder {encoder!r}; choose one that segmentation-models-pytorch lists, "
            "e.g. efficientnet-b0, mobilenet_v2, densenet121, or one of timm's after tu-, e.g. tu-convnext_tiny"
        )
    hub = "imagenet" if weights == "imagenet" else None
    try:
        with hub_failures_explained(encoder):
            network = ARCHITECTURES[architecture](encoder, encoder_weights=hub, classes=channels)
    except (ValueError, NotImplementedError) as error:
        raise TrainingError(f"{architecture} cannot take encoder {encoder}: {error}; choose another one") from error
    if weights == "none":
        follow_quickly(network)
    elif weights != "imagenet":
        load_encoder_weights(network.encoder, Path(weights))  # type: ignore[arg-type]
    return network


@contextmanager
def hub_failures_explained(encoder: str) -> Iterator[None]:
    """Turn a failure to fetch weights into one that says what to do.

    Raises:
        TrainingError: The hub cannot be reached, or does not have them.
    """
    try:
        yield
    except OSError as error:
        raise TrainingError(
            f"weights of {encoder} cannot be fetched from the hub ({error}); give a local file"
        ) from error


def load_encoder_weights(encoder: nn.Module, path: Path) -> None:
    """Load a state dict of torchvision or smp into an encoder; what it lacks of a classifier in the file is left out.

    Raises:
        TrainingError: The file is missing, no state dict, or of another network.
    """
    state = _read(path)
    own = encoder.state_dict()
    fitting = {name: value for name, value in state.items() if name in own or not name.startswith(CLASSIFIERS)}
    problem = _mismatch(own, fitting)
    if problem:
        raise TrainingError(f"{path}: does not fit {type(encoder).__name__}: {problem}; give weights of that encoder")
    nn.Module.load_state_dict(encoder, fitting, strict=False)


def follow_quickly(network: nn.Module) -> None:
    """Give batch norm PyTorch's own momentum.

    EfficientNet's 0.01 is made for runs of 10⁵ steps: a short run from scratch would be scored with
    running statistics that still resemble the initial ones.
    """
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.1


def _mismatch(own: dict[str, Tensor], given: dict[str, Tensor]) -> str | None:
    missing = [name for name in own if name not in given and not name.endswith("num_batches_tracked")]
    unexpected = [name for name in given if name not in own]
    if missing:
        return f"{len(missing)} tensors are missing, first {missing[0]}"
    if unexpected:
        return f"{len(unexpected)} tensors are unknown, first {unexpected[0]}"
    for name, value in given.items():
        if value.shape != own[name].shape:
            return f"{name} has shape {tuple(value.shape)}, expected {tuple(own[name].shape)}"
    return None


def _read(path: Path) -> dict[str, Tensor]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise TrainingError(f"{path}: weights cannot be read: {error.strerror or error}; correct the path") from error
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        first_line = str(error).partition("\n")[0]
        raise TrainingError(
            f"{path}: no file of weights that torch can load safely: {first_line}; save its state_dict()"
        ) from error
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise TrainingError(f"{path}: holds no plain state dict; save the encoder's state_dict() itself")
    return state
