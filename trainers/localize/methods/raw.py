"""Each patch as the CLIP itself ends it, compared with prompts.

Zhou, Loy and Dai 2022, "Extract free dense labels from CLIP" (MaskCLIP), does so with a ResNet's cells, past the
attention that pools them. The last patches of a vision transformer are compared as they are.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize

from trainers.clip.tower import Tower
from trainers.config.localizer import LocalizerConfig
from trainers.localize.patches import ByPatches, by_patches, tower_of

__all__ = ["raw", "raw_patches"]


def raw_patches(tower: Tower, pixels: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b n e"]:
    """Return the embedding of each patch, of unit length.

    Raises:
        TrainingError: A side is no multiple of the tower's stride.
    """
    return normalize(tower.tokens(pixels)[1], dim=-1)


def raw(config: LocalizerConfig) -> ByPatches:
    """Return it, over any CLIP.

    Raises:
        TrainingError: The CLIP cannot be opened, the size does not fit it, or a prompt says nothing to it.
    """
    tower = tower_of(config)
    return by_patches(config, tower, lambda pixels: raw_patches(tower, pixels))
