"""Localizers that learnt from labels: TS-CAM and LCTR, as `synthgen train --task classification` leaves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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

    def __init__(self, model: TrainedModel, network: Localizing, size: Size) -> None:
        """Take a trained model.

        Args:
            model: It.
            network: Its network.
            size: (height, width) of the pictures that it takes.
        """
        self._network = network
        self.title, self.size, self.device = model.title, size, model.device
        self.positive = network.head.positive
        self.params: Mapping[str, object] = {"clip": network.digest, "head": digest_of(network.head.state_dict())}

    @torch.inference_mode()
    def relevance(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k _down _across"]:
        """Return the map of its target, for each prompt, and once if there is none."""
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
    assert config.model is not None, "checked by the config"
    model = open_model(config.model)
    own, network = model.config, model.network
    if not isinstance(own, ClassificationConfig) or not isinstance(network, Localizing) or own.network != config.method:
        found = own.network if isinstance(own, ClassificationConfig) else own.task
        raise TrainingError(
            f"{config.model}: is {found}, not {config.method}; give a model of "
            f"`synthgen train --task classification --network {config.method}`"
        )
    size = config.size or model.size
    network.check_size(size)
    return Learnt(model, network, size)
