"""What all towers have in common: frozen weights, a name by content, pictures made ready, prompts embedded."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size
from trainers.clip.prompts import Prompts
from trainers.models.digest import digest_of

__all__ = ["About", "FrozenTower"]


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a CLIP beside its weights.

    Attributes:
        title: Name in messages and tables.
        architecture: All of its config that decides what its weights do, as text.
        size: (height, width) of the pictures that it learnt from.
        stride: Side of a patch, pixels.
        embedding: Length of what pictures and prompts become.
        mean: Of each channel, RGB 0–1.
        std: Of each channel.
    """

    title: str
    architecture: str
    size: Size
    stride: int
    embedding: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


class FrozenTower(nn.Module):
    """Base of towers; an adapter adds what is the library's own. See `trainers.clip.tower.Tower`."""

    mean: Tensor
    std: Tensor

    def __init__(self, model: nn.Module, about: About, prompts: Prompts) -> None:
        """Freeze `model`."""
        super().__init__()
        self.model: Any = model.eval().requires_grad_(False)
        self.about, self.prompts = about, prompts
        for name in ("mean", "std"):
            self.register_buffer(name, torch.tensor(getattr(about, name)).view(3, 1, 1), persistent=False)

    def train(self, mode: bool = True) -> FrozenTower:
        """Stay in evaluation mode, within a network that learns, too."""
        return super().train(False)

    @property
    def title(self) -> str:
        """Name in tables."""
        return self.about.title

    @property
    def size(self) -> Size:
        """(height, width) of the pictures that it learnt from."""
        return self.about.size

    @property
    def stride(self) -> int:
        """Side of a patch, pixels."""
        return self.about.stride

    @property
    def embedding(self) -> int:
        """Length of what pictures and prompts become."""
        return self.about.embedding

    @property
    def scale(self) -> float:
        """What it learnt to multiply cosines by."""
        return float(self.model.logit_scale.exp())

    @property
    def device(self) -> torch.device:
        """Where it lies."""
        return self.mean.device

    @cached_property
    def digest(self) -> str:
        """Name of weights, architecture, mean and deviation."""
        about = self.about
        return digest_of(self.model.state_dict(), repr((about.architecture, about.mean, about.std)))

    @torch.no_grad()
    def text(self, prompts: Sequence[str]) -> Float[Tensor, "k e"]:
        """Return the embedding of each prompt, of unit length.

        Raises:
            TrainingError: A prompt is longer than the context, or says nothing.
        """
        return nn.functional.normalize(self.embedded(self.prompts(prompts).to(self.device)), dim=-1)

    @abstractmethod
    def embedded(self, ids: Tensor) -> Tensor:
        """Return the embedding (k, e) of prompts given as numbers (k, context)."""

    def normalized(self, pixels: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
        """Return pictures of 0–1 as the network takes them.

        Raises:
            TrainingError: A side is no multiple of `stride`.
        """
        height, width = pixels.shape[-2:]
        if height % self.stride or width % self.stride:
            raise TrainingError(
                f"{self.title}: pictures are {height}×{width}, and its patches have {self.stride} pixels a side; "
                f"give sides that are multiples of {self.stride}"
            )
        return (pixels - self.mean) / self.std

    def grid(self, pixels: Float[Tensor, "b 3 h w"]) -> Size:
        """Return how many patches pictures have, down and across."""
        height, width = pixels.shape[-2:]
        return height // self.stride, width // self.stride
