"""What a CLIP gives to whoever builds on it. No reader need know which library it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from synthgen.core.types import Size

__all__ = ["Tower"]


@runtime_checkable
class Tower(Protocol):
    """A frozen CLIP: pictures and prompts in, tokens out.

    Pictures are RGB of 0–1, float (b, 3, h, w), on the tower's device; the tower normalises them by the mean and the
    deviation of its own config. Sides are multiples of `stride`. At another size than `size`, position embeddings are
    interpolated. A picture has N = h / stride · w / stride patches, row by row.

    No weight learns, but gradients reach the pictures.
    """

    @property
    def title(self) -> str:
        """Name in tables."""
        ...

    @property
    def digest(self) -> str:
        """Name of all that decides what it gives: weights, architecture, mean and deviation; 32 hexadecimal digits."""
        ...

    @property
    def size(self) -> Size:
        """(height, width) of the pictures that it learnt from."""
        ...

    @property
    def stride(self) -> int:
        """Side of a patch, pixels."""
        ...

    @property
    def embedding(self) -> int:
        """E, the length of what pictures and prompts become."""
        ...

    @property
    def scale(self) -> float:
        """What it learnt to multiply cosines by, to have logits."""
        ...

    @property
    def device(self) -> torch.device:
        """Where it lies."""
        ...

    @property
    def model(self) -> Any:
        """The library's own module, for what needs more than this protocol."""
        ...

    def tokens(self, pixels: Float[Tensor, "b 3 h w"]) -> tuple[Float[Tensor, "b e"], Float[Tensor, "b n e"]]:
        """Return the picture's embedding and those of its patches, projected, not of unit length.

        Raises:
            TrainingError: A side is no multiple of `stride`.
        """
        ...

    def hidden(self, pixels: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b tokens w"]:
        """Return all 1 + N tokens, the class token first, after the last norm and before the projection.

        Raises:
            TrainingError: A side is no multiple of `stride`, or the tower has no such tokens.
        """
        ...

    def attn(self, pixels: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b layers tokens tokens"]:
        """Return who attends to whom in each layer: the mean over heads of softmax; each row adds up to 1.

        Raises:
            TrainingError: A side is no multiple of `stride`, or the tower has no such attention.
        """
        ...

    def text(self, prompts: Sequence[str]) -> Float[Tensor, "k e"]:
        """Return the embedding of each prompt, of unit length.

        Raises:
            TrainingError: A prompt is longer than the context, or says nothing.
        """
        ...
