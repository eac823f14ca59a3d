"""What each patch gives to the picture's embedding, compared with prompts (Gandelsman et al. 2024, section 4).

Only what attention brings straight to the class token counts, summed over layers and heads.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from trainers.clip.vision_transformer import TransformerTower
from trainers.config.localizer import LocalizerConfig
from trainers.localize.heads.decomposition import decomposed
from trainers.localize.patches import ByPatches, by_patches, transformer_of

__all__ = ["clip_text_span", "span_patches"]


def span_patches(tower: TransformerTower, pixels: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b n e"]:
    """Return the share of each patch in the picture's embedding.

    Raises:
        TrainingError: A side is no multiple of the tower's stride.
    """
    return decomposed(tower, pixels).by_patch()[:, 1:]


def clip_text_span(config: LocalizerConfig) -> ByPatches:
    """Return it, over the CLIP of a config whose image tower is a vision transformer.

    Raises:
        TrainingError: The CLIP cannot be opened or has another tower, the size does not fit it, or a prompt says
            nothing to it.
    """
    tower = transformer_of(config)
    return by_patches(config, tower, lambda pixels: span_patches(tower, pixels), positive=True)
