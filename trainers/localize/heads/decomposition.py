"""What a picture's embedding is the sum of: each patch by each head of each layer, and each perceptron.

Gandelsman, Efros and Steinhardt 2024, "Interpreting CLIP's image representation via text-based decomposition",
sections 3 and 4. The class token adds up what the layers give it; norm and projection are linear once its mean and its
deviation are known.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize

from trainers.clip.vision_transformer import Attention, Layers, TransformerTower

__all__ = ["Decomposition", "decomposed"]


@dataclass(frozen=True, slots=True, eq=False)
class Decomposition:
    """What is added up at the class token, layer by layer, of b pictures with n tokens (the class token is the first).

    Attributes:
        start: The class token before the first block (b, w).
        brought: Of each layer: values of all tokens, each times how much the class token attends to it
            (b, heads, n, d).
        fed: Of each layer: what its perceptron adds (b, w).
        end: The class token after the last block (b, w): the sum of all.
        attentions: Of each layer.
        layers: Of the tower.
    """

    start: Tensor
    brought: tuple[Tensor, ...]
    fed: tuple[Tensor, ...]
    end: Tensor
    attentions: tuple[Attention, ...]
    layers: Layers

    def embedding(self) -> Float[Tensor, "b e"]:
        """Return the picture's embedding, of unit length."""
        return normalize(self._projected(), dim=-1)

    def by_patch_and_head(self) -> Float[Tensor, "b l n heads e"]:
        """Return the share of each token by each head in the embedding.

        With `by_perceptron` they add up to it. They take b · l · n · heads · e numbers.
        """
        found = []
        for brought, attention in zip(self.brought, self.attentions, strict=True):
            _, heads, tokens, _ = brought.shape
            count = heads * tokens
            terms = torch.einsum("bhnd,whd->bnhw", brought, attention.by_head) + attention.outward[1] / count
            found.append(self._shared(terms, 1 / count))
        return torch.stack(found, 1)

    def by_patch(self) -> Float[Tensor, "b n e"]:
        """Return the share of each token in the embedding: the sum of the above over layers and heads."""
        found, count = torch.zeros_like(self.start[:, None]), self.brought[0].shape[2]
        for brought, attention in zip(self.brought, self.attentions, strict=True):
            weight, bias = attention.outward
            found = found + brought.transpose(1, 2).flatten(2) @ weight.T + bias / count
        return self._shared(found, len(self.brought) / count)

    def by_head(self, layer: int) -> Float[Tensor, "b heads e"]:
        """Return the share of each head of a layer in the embedding: the sum of the above over tokens."""
        attention = self.attentions[layer]
        found = torch.einsum("bhd,whd->bhw", self.brought[layer].sum(2), attention.by_head)
        return self._shared(found + attention.outward[1] / attention.heads, 1 / attention.heads)

    def by_perceptron(self) -> Float[Tensor, "b m e"]:
        """Return the share of the first class token, then those of the perceptrons; m is one more than layers."""
        return self._shared(torch.stack([self.start, *self.fed], 1), 1.0)

    def _shared(self, terms: Tensor, share: float) -> Tensor:
        """Return what terms (b, …, w) of the sum become in the embedding (b, …, e).

        Args:
            terms: Parts of the sum.
            share: Of mean and of offset: what each term bears of that of one of the 2 · layers + 1 groups of terms.
        """
        norm, share = self.layers.after, share / (2 * len(self.brought) + 1)
        mean, deviation = self.end.mean(-1), (self.end.var(-1, correction=0) + norm.eps).sqrt()
        mean, deviation, length = (
            each.view(-1, *[1] * (terms.dim() - 1)) for each in (mean, deviation, self._projected().norm(dim=-1))
        )
        normed = (terms - share * mean) / deviation * norm.weight + share * norm.bias
        return self.layers.project(normed) / length

    def _projected(self) -> Tensor:
        return self.layers.project(self.layers.after(self.end))


@torch.no_grad()
def decomposed(tower: TransformerTower, pixels: Float[Tensor, "b 3 h w"]) -> Decomposition:
    """Return what the embeddings of pictures (RGB, 0–1) are the sums of.

    Raises:
        TrainingError: A side is no multiple of the tower's stride.
    """
    layers, tokens = tower.layers, tower.start(pixels)
    start, brought, fed, attentions = tokens[:, 0], list[Tensor](), list[Tensor](), list[Attention]()
    for block in layers.blocks:
        attention = layers.attention(block)
        attentions.append(attention)
        brought.append(_brought(attention, tokens))
        attended = tokens[:, :1] + attention.joined(brought[-1].sum(2, keepdim=True))
        fed.append(layers.fed(block, attended)[:, 0])
        tokens = layers.through(block, tokens)
    return Decomposition(start, tuple(brought), tuple(fed), tokens[:, 0], tuple(attentions), layers)


def _brought(attention: Attention, tokens: Tensor) -> Tensor:
    """Return values of all tokens (b, heads, n, d), each times how much the class token attends to it."""
    queries, keys, values = attention.parts(attention.norm(tokens))
    scores = queries[:, :, :1] @ keys.transpose(-2, -1) * queries.shape[-1] ** -0.5
    attended: Tensor = scores.softmax(-1)
    return attended.transpose(-2, -1) * values
