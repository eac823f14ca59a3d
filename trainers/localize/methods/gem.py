"""Grounding everything (Bousselham et al. 2024): patches of a frozen vision transformer that attend to their likes.

A second path runs beside the last blocks. It adds up what each block's attention would say if queries asked queries,
keys asked keys and values asked values, so that like patches become more alike; perceptrons add nothing to it. The
authors' package, gem_torch 1.0.1, does not work with open_clip 3.3: its blocks are batch-first now. The test has the
method in the package's own layout, written out apart from this one.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize, scaled_dot_product_attention

from trainers.clip.vision_transformer import Attention, TransformerTower
from trainers.config.localizer import LocalizerConfig
from trainers.localize.patches import ByPatches, by_patches, transformer_of

__all__ = ["gem", "gem_patches"]

TIMES = 2  # the size that a tower learnt from: 448 for 224


def gem_patches(tower: TransformerTower, pixels: Float[Tensor, "b 3 h w"], depth: int) -> Float[Tensor, "b n e"]:
    """Return what stands for each patch, of unit length.

    Args:
        tower: The CLIP.
        pixels: RGB, 0–1.
        depth: The second path starts with the tokens before the last `depth` − 1 blocks, or before all of them where
            there are no more.

    Raises:
        TrainingError: A side is no multiple of the tower's stride.
    """
    layers, tokens = tower.layers, tower.start(pixels)
    blocks = list(layers.blocks)
    first = max(0, len(blocks) - (depth - 1))
    for block in blocks[:first]:
        tokens = layers.through(block, tokens)
    path = tokens
    for block in blocks[first:]:
        path = path + _self_self(layers.attention(block), tokens)
        tokens = layers.through(block, tokens)
    return normalize(layers.project(layers.after(path[:, 1:])), dim=-1)


def gem(config: LocalizerConfig) -> ByPatches:
    """Return it, over the CLIP of a config whose image tower is a vision transformer.

    Raises:
        TrainingError: The CLIP cannot be opened or has another tower, the size does not fit it, or a prompt says
            nothing to it.
    """
    tower, depth = transformer_of(config), config.depth
    return by_patches(
        config, tower, lambda pixels: gem_patches(tower, pixels, depth), times=TIMES, params={"depth": depth}
    )


def _self_self(attention: Attention, tokens: Tensor) -> Tensor:
    """Return what the second path is given by a block: the mean of three attentions."""
    normed = attention.norm(tokens)
    queries, keys, values = attention.parts(normed)
    sharpness = normed.norm(dim=-1).mean(-1) * values.shape[-1] ** -0.5  # of softmax, by picture
    found = [_among_likes(each, values, sharpness[:, None, None, None]) for each in (values, keys, queries)]
    return attention.joined(sum(found[1:], found[0]) / 3)


def _among_likes(asking: Tensor, values: Tensor, sharpness: Tensor) -> Tensor:
    """Return values as gathered by tokens that ask their likes, once they have become more alike."""
    asking = normalize(asking, dim=-1)
    asking = normalize(scaled_dot_product_attention(sharpness * asking, asking, asking, scale=1.0), dim=-1)
    return scaled_dot_product_attention(sharpness * asking, asking, values, scale=1.0)
