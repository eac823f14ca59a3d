"""What a head takes of a frozen tower: a token for the picture, and one for each patch; disk keeps them as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["ATTENDED", "HIDDEN", "TOKENS", "Sight", "Tokens", "attended"]

Tokens = tuple[Tensor, Tensor]
"""Of the picture (b, d), and of its patches (b, n, d)."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One way to look at pictures.

    Attributes:
        name: Folder of what is kept, within that of the tower.
        look: A tower and pictures of 0–1 (b, 3, h, w) → tokens. It raises a TrainingError where the tower does not
            take pictures of that size.
    """

    name: str
    look: Callable[[Any, Tensor], Tokens]


def attended(hidden: Float[Tensor, "b tokens w"], attn: Float[Tensor, "b layers tokens tokens"]) -> Tokens:
    """Return hidden tokens with one more number: how much the class token attends to each, the mean over layers."""
    found = torch.cat([hidden, attn[:, :, 0].mean(1)[..., None]], 2)
    return found[:, 0], found[:, 1:]


def _hidden(tower: Any, pixels: Tensor) -> Tokens:
    found = tower.hidden(pixels)
    return found[:, 0], found[:, 1:]


TOKENS = Sight("", lambda tower, pixels: tower.tokens(pixels))
"""After the last norm and the projection: d = E."""

HIDDEN = Sight("hidden", _hidden)
"""After the last norm, before the projection: d = W. The tower is a `TransformerTower`."""

ATTENDED = Sight("attended", lambda tower, pixels: attended(*tower.hidden_and_attn(pixels)))
"""The same with the mean attention of the class token: d = W + 1."""
