"""Towers that are vision transformers (Dosovitskiy et al. 2021): one walk over the layers, whatever they are called."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear

from synthgen.core.types import Size
from trainers.clip.frozen import FrozenTower
from trainers.clip.positions import positions_at

__all__ = ["Attention", "Layers", "TransformerTower"]


@dataclass(frozen=True, slots=True, eq=False)
class Attention:
    """The self-attention of a block, taken apart.

    Attributes:
        norm: Of the tokens that it takes.
        inward: Weight (3 w, w) and bias (3 w) of queries, keys and values, in this order.
        outward: Weight (w, w) and bias (w) of what brings the heads together; a scale of the layer is within.
        heads: How many.
    """

    norm: Callable[[Tensor], Tensor]
    inward: tuple[Tensor, Tensor]
    outward: tuple[Tensor, Tensor]
    heads: int

    def parts(self, normed: Float[Tensor, "b tokens w"]) -> tuple[Float[Tensor, "b heads tokens d"], ...]:
        """Return queries, keys and values of tokens after `norm`, by head."""
        found = linear(normed, *self.inward)
        return tuple(found.view(*found.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4))

    @property
    def by_head(self) -> Float[Tensor, "w heads d"]:
        """The outward weight of each head."""
        weight = self.outward[0]
        return weight.view(len(weight), self.heads, -1)

    def joined(self, found: Float[Tensor, "b heads tokens d"]) -> Float[Tensor, "b tokens w"]:
        """Return what the heads together add to the tokens."""
        return linear(found.transpose(1, 2).flatten(2), *self.outward)


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """The layers of a vision transformer, in the order in which pictures go through them.

    Attributes:
        patches: (b, 3, h, w) → (b, w, down, across).
        first: The class token (w).
        positions: Of the class token and of the patches (1 + n, w).
        grid: Patches, down and across, that `positions` were learnt at.
        before: Norm of all tokens.
        blocks: The transformer.
        through: A block and its tokens → the next tokens (b, tokens, w).
        attended: The same, and the block's mean attention over heads (b, tokens, tokens).
        attention: A block → its attention.
        fed: A block and the tokens after its attention → what its perceptron adds to them (b, tokens, w).
        after: The last norm.
        project: Tokens (b, tokens, w) → (b, tokens, e).
    """

    patches: Callable[[Tensor], Tensor]
    first: Tensor
    positions: Tensor
    grid: Size
    before: Callable[[Tensor], Tensor]
    blocks: Iterable[Any]
    through: Callable[[Any, Tensor], Tensor]
    attended: Callable[[Any, Tensor], tuple[Tensor, Tensor]]
    attention: Callable[[Any], Attention]
    fed: Callable[[Any, Tensor], Tensor]
    after: nn.LayerNorm
    project: Callable[[Tensor], Tensor]


class TransformerTower(FrozenTower):
    """Base of towers that are vision transformers; an adapter names their layers."""

    @property
    @abstractmethod
    def layers(self) -> Layers:
        """The layers, as they lie on the device now."""

    def tokens(self, pixels: Float[Tensor, "b 3 h w"]) -> tuple[Float[Tensor, "b e"], Float[Tensor, "b n e"]]:
        """Return the picture's embedding and those of its patches, projected, not of unit length.

        Raises:
            TrainingError: A side is no multiple of `stride`.
        """
        found = self.layers.project(self.hidden(pixels))
        return found[:, 0], found[:, 1:]

    def hidden(self, pixels: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b tokens d"]:
        """Return all tokens after the last norm, the class token first.

        Raises:
            TrainingError: A side is no multiple of `stride`.
        """
        layers, tokens = self.layers, self.start(pixels)
        for block in layers.blocks:
            tokens = layers.through(block, tokens)
        found: Tensor = layers.after(tokens)
        return found

    def attn(self, pixels: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b layers tokens tokens"]:
        """Return the attention of each layer, its mean over heads.

        Raises:
            TrainingError: A side is no multiple of `stride`.
        """
        return self.hidden_and_attn(pixels)[1]

    def hidden_and_attn(
        self, pixels: Float[Tensor, "b 3 h w"]
    ) -> tuple[Float[Tensor, "b tokens d"], Float[Tensor, "b layers tokens tokens"]]:
        """Return what `hidden` and `attn` do, in one walk over the layers.

        Raises:
            TrainingError: A side is no multiple of `stride`.
        """
        layers, tokens, found = self.layers, self.start(pixels), list[Tensor]()
        for block in layers.blocks:
            tokens, weights = layers.attended(block, tokens)
            found.append(weights)
        return layers.after(tokens), torch.stack(found, 1)

    @property
    def projection(self) -> Float[Tensor, "d e"]:
        """What `project` multiplies tokens by, which has no offset."""
        learnt = self.layers.first
        return self.layers.project(torch.eye(len(learnt), device=learnt.device))

    def start(self, pixels: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b tokens d"]:
        """Return what the first block takes.

        Raises:
            TrainingError: A side is no multiple of `stride`.
        """
        layers = self.layers
        patches = layers.patches(self.normalized(pixels)).flatten(2).transpose(1, 2)
        first = layers.first.expand(patches.shape[0], 1, -1)  # `len` would fix the size of a batch in what is exported
        tokens = torch.cat([first, patches], 1)
        return layers.before(tokens + positions_at(layers.positions, layers.grid, self.grid(pixels)))
