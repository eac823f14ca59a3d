"""The head of DangerCLIP: a small transformer in which a prompt asks the patches of a picture whether they show it.

The tokens come from a frozen CLIP. The relational descriptor and the masks out of attention are those of ZegCLIP (Zhou
et al. 2023, "ZegCLIP: Towards adapting CLIP for zero-shot semantic segmentation", sections 3.2 and 3.3).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import normalize, scaled_dot_product_attention

from synthgen.core.errors import TrainingError

__all__ = ["AskingLayer", "DangerHead"]

HEADS, WIDE, DROPOUT = 8, 2048, 0.1


class AskingLayer(nn.Module):
    """A post-norm layer of an encoder (Vaswani et al. 2017), which tells what its first token asks of the others.

    It computes what `torch.nn.TransformerEncoderLayer` does; that one does not tell its scores before softmax.
    """

    def __init__(self, width: int) -> None:
        """Begin as torch's own layer does."""
        super().__init__()
        self.attend, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, WIDE), nn.Linear(WIDE, width)
        self.attended, self.thought = nn.LayerNorm(width), nn.LayerNorm(width)
        self.drop = nn.Dropout(DROPOUT)
        nn.init.xavier_uniform_(self.attend.weight)
        nn.init.zeros_(self.attend.bias)
        nn.init.zeros_(self.join.bias)

    def forward(self, tokens: Float[Tensor, "b t e"]) -> tuple[Float[Tensor, "b t e"], Float[Tensor, "b _n"]]:
        """Return the next tokens, and the first one's scores with the others, the mean over heads.

        They are taken before softmax, whose rows add up to 1 and could fit no mask.
        """
        queries, keys, values = self.attend(tokens).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4).unbind(0)
        scores = queries[:, :, :1] @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        found = scaled_dot_product_attention(queries, keys, values, dropout_p=DROPOUT if self.training else 0.0)
        tokens = self.attended(tokens + self.drop(self.join(found.transpose(1, 2).flatten(2))))
        thought = self.narrow(self.drop(torch.relu(self.widen(tokens))))
        return self.thought(tokens + self.drop(thought)), scores[:, :, 0, 1:].mean(1)


class DangerHead(nn.Module):
    """Tokens of a picture → logits (b, 1) that it shows what the prompt says; 19,439,617 weights at E = 512."""

    prompt: Tensor

    def __init__(self, prompt: Float[Tensor, " e"], layers: int, *, descriptor: bool) -> None:
        """Build the head.

        Args:
            prompt: Embedding of what to look for, of unit length.
            layers: Of the transformer.
            descriptor: Whether what asks is the prompt together with its product with the picture's own embedding;
                otherwise it is the prompt alone.

        Raises:
            TrainingError: The embedding cannot be parted among the heads.
        """
        super().__init__()
        width = len(prompt)
        if width % HEADS:
            raise TrainingError(
                f"danger_clip has {HEADS} heads, and the embeddings of this CLIP have {width} numbers; "
                f"choose one whose embeddings have a multiple of {HEADS}"
            )
        self.register_buffer("prompt", prompt, persistent=False)  # it follows from the config
        self.describe = nn.Linear(2 * width, width) if descriptor else None
        self.layers = nn.ModuleList(AskingLayer(width) for _ in range(layers))
        self.decide = nn.Linear(width, 1)

    def forward(self, whole: Float[Tensor, "b e"], patches: Float[Tensor, "b n e"]) -> Float[Tensor, "b 1"]:
        """Return logits."""
        return self.look(whole, patches)[0]

    def look(
        self, whole: Float[Tensor, "b e"], patches: Float[Tensor, "b n e"]
    ) -> tuple[Float[Tensor, "b 1"], Float[Tensor, "b layers n"]]:
        """Return logits of the picture, and of each patch in each layer.

        Args:
            whole: Embedding of the picture.
            patches: Of its patches.
        """
        tokens = torch.cat([self._asking(normalize(whole, dim=-1))[:, None], normalize(patches, dim=-1)], 1)
        found = []
        for layer in self.layers:
            tokens, scores = layer(tokens)
            found.append(scores)
        return self.decide(tokens[:, 0]), torch.stack(found, 1)

    def _asking(self, whole: Float[Tensor, "b e"]) -> Float[Tensor, "b e"]:
        """Return the first token."""
        prompt = self.prompt.expand_as(whole)
        if self.describe is None:
            return prompt
        described: Tensor = self.describe(torch.cat([whole * prompt, prompt], 1))
        return described
