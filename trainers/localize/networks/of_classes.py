"""A classifier of torchvision's, or one that was trained here, as a network: what prompts mean is said by classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torchvision
from jaxtyping import Float
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size
from trainers.config.localizer import LocalizerConfig
from trainers.config.weights import NO_FILE
from trainers.learn.checkpoint import load_model
from trainers.localize.networks.last_map import last_map
from trainers.models.classifier import Classifier
from trainers.models.digest import digest_of
from trainers.models.encoder_network import hub_failures_explained, load_encoder_weights
from trainers.models.pixels import MEAN, prepared

__all__ = ["ClassNetwork", "class_network"]

SIZE: Size = (224, 224)  # that torchvision's classifiers learnt from


class ClassNetwork:
    """A `trainers.localize.networks.scoring.ScoringNetwork`.

    A prompt's score is the log of the sum of e^logit over its classes: of one class its logit, of several the
    logarithm of their probability, but for what all classes have in common. With backgrounds the same of theirs is
    taken from it, which gives the log-odds of the prompt among both.
    """

    def __init__(
        self, title: str, network: nn.Module, size: Size, classes: Mapping[str, Sequence[int]], against: Sequence[str]
    ) -> None:
        """Freeze the network.

        Args:
            title: Name in tables.
            network: Pictures as `trainers.models.pixels.prepared` gives them → logits.
            size: (height, width) of the pictures that it takes.
            classes: What prompts and backgrounds mean; empty where the network has one logit, which all prompts mean.
            against: Backgrounds.

        Raises:
            TrainingError: The network has no last map, or not as many classes.
        """
        self.title, self.size, self.classes = title, size, classes
        self.layers = network.eval().requires_grad_(False)
        self.part, count = last_map(title, network)
        self.mean = torch.tensor(MEAN).view(3, 1, 1).to(next(network.parameters()).device)
        high = max((number for numbers in classes.values() for number in numbers), default=0)
        if high >= count:
            raise TrainingError(f"{title}: there is no class {high}, as it has {count}; the first is 0")
        self.against = sorted({number for name in against for number in self._meant(name)})
        self.params: Mapping[str, object] = {
            "network": title,
            "weights": digest_of(network.state_dict()),
            "classes": {name: list(numbers) for name, numbers in classes.items()},
            "backgrounds": list(against),
        }

    def scores(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k"]:
        """Return log-odds.

        Raises:
            TrainingError: A prompt is none of the classes.
        """
        logits = self.logits(pixels)
        found = torch.stack([logits[:, self._meant(prompt)].logsumexp(1) for prompt in prompts], 1)
        return found - logits[:, self.against].logsumexp(1, keepdim=True) if self.against else found

    def logits(self, pixels: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b classes"]:
        """Return the network's logits of pictures (RGB, 0–1)."""
        found: Tensor = self.layers(prepared(pixels))
        return found

    def shares(self, logits: Float[Tensor, "b classes"], prompts: Sequence[str]) -> Float[Tensor, "b k classes"]:
        """Return the derivative of each prompt's score by the logits.

        Raises:
            TrainingError: A prompt is none of the classes.
        """
        found = logits.new_zeros(len(logits), len(prompts), logits.shape[1])
        for place, prompt in enumerate(prompts):
            own = self._meant(prompt)
            found[:, place, own] = logits[:, own].softmax(1)
        if self.against:
            found[:, :, self.against] -= logits[:, self.against].softmax(1)[:, None]
        return found

    def _meant(self, prompt: str) -> list[int]:
        if not self.classes:
            return [0]
        if prompt not in self.classes:
            raise TrainingError(
                f"{self.title}: {prompt!r} means none of its classes; say which in classes, or ask for one of: "
                f"{', '.join(self.classes)}"
            )
        return sorted(set(self.classes[prompt]))


def class_network(config: LocalizerConfig) -> ClassNetwork:
    """Open the encoder or the trained model of a config.

    Raises:
        TrainingError: It cannot be opened, has no last map, or lacks a class.
    """
    return _of_torchvision(config) if config.ground == "encoder" else _trained(config)


def _of_torchvision(config: LocalizerConfig) -> ClassNetwork:
    name, weights = config.encoder, config.weights
    if name not in torchvision.models.list_models(module=torchvision.models):
        raise TrainingError(
            f"unknown encoder {name!r}; choose a classifier of torchvision's, e.g. mobilenet_v2, resnet50"
        )
    with hub_failures_explained(name), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = torchvision.models.get_model(name, weights="DEFAULT" if weights == "imagenet" else None)
    if weights not in NO_FILE:
        load_encoder_weights(network, Path(weights))
    network = network.to("cuda" if torch.cuda.is_available() else "cpu")
    title = f"{name} ({Path(weights).name})"
    return ClassNetwork(title, network, config.size or SIZE, config.classes, config.backgrounds)


def _trained(config: LocalizerConfig) -> ClassNetwork:
    assert config.model is not None, "as the config's ground says"
    model = load_model(config.model)
    if not isinstance(model.network, Classifier):
        raise TrainingError(
            f"{config.model}: {config.method} goes by a classifier's last map, and {model.title} has none; "
            "give a model of task classification whose network is timm, resnet50 or vgg16"
        )
    return ClassNetwork(model.title, model.network, config.size or model.size, {}, ())
