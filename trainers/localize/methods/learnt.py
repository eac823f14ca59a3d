"""Localizers that learnt from labels: TS-CAM and LCTR, as `synthgen train --task classification` leaves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size
from trainers.config.classification import ClassificationConfig
from trainers.config.localizer import LocalizerConfig
from trainers.learn.checkpoint import TrainedModel
from trainers.models.digest import digest_of
from trainers.predict.open import open_model
from trainers.tasks.classification.localizing import Localizing

__all__ = ["Learnt", "lctr", "ts_cam"]


class Learnt:
    """A localizer that knows one thing, the target that it learnt."""

    def __init__(self, model: TrainedModel, network: Localizing, prompt: str, size: Size) -> None:
        """Take a trained model.

        Args:
            model: It.
            network: Its network.
            prompt: What its target is called.
            size: (height, width) of the pictures that it takes.
        """
        self._network, self._prompt = network, prompt
        self.title, self.size, self.device = model.title, size, model.device
        self.positive = network.head.positive
        self.params: Mapping[str, object] = {"clip": network.digest, "head": digest_of(network.head.state_dict())}

    @torch.inference_mode()
    def relevance(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k _down _across"]:
        """Return the map of its target, for each prompt, and once if there is none.

        Raises:
            TrainingError: A prompt is not what its target is called.
        """
        for prompt in prompts:
            if prompt != self._prompt:
                raise TrainingError(
                    f"{self.title}: has learnt to find {self._prompt!r} alone, and {prompt!r} is asked for; "
                    "leave prompts out, or train a model with that prompt"
                )
        _, found = self._network.judged_and_weighed(pixels)
        return found[:, None].expand(-1, max(1, len(prompts)), -1, -1)


def ts_cam(config: LocalizerConfig) -> Learnt:
    """Open a trained TS-CAM.

    Raises:
        TrainingError: The model cannot be read, or is another one; it does not take pictures of the size.
    """
    return _opened(config)


def lctr(config: LocalizerConfig) -> Learnt:
    """Open a trained LCTR.

    Raises:
        TrainingError: The model cannot be read, or is another one; it does not take pictures of the size.
    """
    return _opened(config)


def _opened(config: LocalizerConfig) -> Learnt:
    model = open_model(Path(config.model))
    own, network = model.config, model.network
    if not isinstance(own, ClassificationConfig) or not isinstance(network, Localizing) or own.network != config.method:
        found = own.network if isinstance(own, ClassificationConfig) else own.task
        raise TrainingError(
            f"{config.model}: is {found}, not {config.method}; give a model of "
            f"`synthgen train --task classification --network {config.method}`"
        )
    size = config.size or model.size
    network.check_size(size)
    return Learnt(model, network, own.prompt, size)
