"""What costs nothing: the middle of the picture, and all of it. A method that looks has to beat both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from synthgen.core.types import Size
from trainers.config.localizer import LocalizerConfig

__all__ = ["Centre", "Uniform", "centre", "uniform"]

DEFAULT: Size = (224, 224)
DEVIATION = 0.25  # of the Gaussian, as a share of each side
CELL = 8  # pixels that a place of its map stands for: as coarse as the maps of methods that look


class _Blind:
    """A localizer that looks at no pixel."""

    title: str
    positive = True
    params: Mapping[str, object]

    def __init__(self, size: Size) -> None:
        self.size = size
        self.device = torch.device("cpu")

    def _each(self, pixels: Tensor, prompts: Sequence[str], found: Tensor) -> Tensor:
        return found.expand(len(pixels), len(prompts), *found.shape)


class Centre(_Blind):
    """A Gaussian in the middle."""

    title = "centre"
    params: Mapping[str, object] = {"deviation": DEVIATION}

    def relevance(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k _down _across"]:
        """Return the same map for all."""
        down, across = (_gaussian(max(1, side // CELL)) for side in pixels.shape[-2:])
        return self._each(pixels, prompts, down[:, None] * across)


class Uniform(_Blind):
    """The whole picture."""

    title = "uniform"
    params: Mapping[str, object] = {}

    def relevance(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k 1 1"]:
        """Return the same map for all."""
        return self._each(pixels, prompts, torch.ones(1, 1))


def centre(config: LocalizerConfig) -> Centre:
    """Return it."""
    return Centre(config.size or DEFAULT)


def uniform(config: LocalizerConfig) -> Uniform:
    """Return it."""
    return Uniform(config.size or DEFAULT)


def _gaussian(side: int) -> Tensor:
    places = (torch.arange(side) + 0.5) / side - 0.5
    return torch.exp(-(places**2) / (2 * DEVIATION**2))
