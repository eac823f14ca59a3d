"""Localizers that stand on a CLIP and compare patches with prompts; a method is how patches are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size
from trainers.clip.load import open_tower
from trainers.clip.tower import Tower
from trainers.clip.vision_transformer import TransformerTower
from trainers.config.localizer import LocalizerConfig
from trainers.localize.directions import Directions

__all__ = ["ByPatches", "by_patches", "size_for", "tower_of", "transformer_of"]


@dataclass(frozen=True, slots=True, eq=False)
class ByPatches:
    """A `trainers.localize.localizer.Localizer`: a map is the product of patches and the direction of a prompt.

    Attributes:
        title: Name in tables.
        params: What decides its maps.
        size: (height, width) of the pictures that it takes.
        positive: Whether what is below 0 counts as nothing.
        tower: The CLIP.
        directions: Of prompts.
        patches: Pictures (b, 3, h, w) → what stands for each patch in the space of prompts (b, n, e).
    """

    title: str
    params: Mapping[str, object]
    size: Size
    positive: bool
    tower: Tower
    directions: Directions
    patches: Callable[[Tensor], Tensor]

    @property
    def device(self) -> torch.device:
        """Where pictures have to lie."""
        return self.tower.device

    @torch.no_grad()
    def relevance(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k _down _across"]:
        """Return a number for each patch and prompt.

        Raises:
            TrainingError: A prompt says nothing to the tower, or is too long for it.
        """
        height, width = pixels.shape[-2:]
        found = torch.einsum("bne,ke->bkn", self.patches(pixels), self.directions.of(prompts))
        return found.view(*found.shape[:2], height // self.tower.stride, width // self.tower.stride)

    @torch.no_grad()
    def fits(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k"]:
        """Return the cosine of each picture with each prompt.

        Raises:
            TrainingError: A prompt says nothing to the tower, or is too long for it.
        """
        return normalize(self.tower.tokens(pixels)[0], dim=-1) @ self.directions.of(prompts).T


def by_patches(
    config: LocalizerConfig,
    tower: Tower,
    patches: Callable[[Tensor], Tensor],
    *,
    times: int = 1,
    positive: bool = False,
    params: Mapping[str, object] | None = None,
) -> ByPatches:
    """Return a localizer that takes pictures of the config's size, or of `times` the size that the tower learnt from.

    Raises:
        TrainingError: The size is no multiple of the tower's stride; a prompt says nothing to it, or is too long.
    """
    size, directions = size_for(config, tower, times), Directions(tower, config)
    directions.of(config.prompts)  # what says nothing is refused before a picture is read
    told = {
        "clip": tower.title,
        "tower": tower.digest,
        "size": list(size),
        "template": config.template,
        "backgrounds": list(config.backgrounds),
        **(params or {}),
    }
    return ByPatches(f"{config.method}, {tower.title}", told, size, positive, tower, directions, patches)


def size_for(config: LocalizerConfig, tower: Tower, times: int = 1) -> Size:
    """Return the size that pictures are brought to.

    Raises:
        TrainingError: It is no multiple of the tower's stride.
    """
    height, width = config.size or (times * tower.size[0], times * tower.size[1])
    if height % tower.stride or width % tower.stride:
        raise TrainingError(
            f"{config.method}: size is {height}×{width}, and the patches of {tower.title} have {tower.stride} pixels a "
            f"side; give a size whose sides are multiples of {tower.stride}"
        )
    return height, width


def tower_of(config: LocalizerConfig) -> Tower:
    """Open the CLIP of a config that has one.

    Raises:
        TrainingError: It cannot be opened.
    """
    assert config.clip is not None, "as the config of a method that stands on a CLIP has it"
    return open_tower(config.clip)


def transformer_of(config: LocalizerConfig) -> TransformerTower:
    """Open the CLIP of a method that goes by the layers of a vision transformer.

    Raises:
        TrainingError: It cannot be opened, or is of another kind.
    """
    tower = tower_of(config)
    if isinstance(tower, TransformerTower):
        return tower
    raise TrainingError(
        f"{config.method} goes by the layers of a vision transformer, and {tower.title} is none; give another CLIP, "
        "e.g. ViT-B-16-quickgelu, or a method that a ResNet can be asked: raw, grad_cam or score_cam"
    )
