"""Networks that give a picture a score for a prompt, and the last map that they go by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size
from trainers.localize.networks.offset import Offset, centred, offset_of

__all__ = ["ByScores", "ScoringNetwork", "by_scores", "looked", "watched"]


@runtime_checkable
class ScoringNetwork(Protocol):
    """A frozen network of convolutions that scores pictures."""

    @property
    def title(self) -> str:
        """Name in tables."""
        ...

    @property
    def params(self) -> Mapping[str, object]:
        """What decides its scores beside prompts; it names no folder."""
        ...

    @property
    def size(self) -> Size:
        """(height, width) of the pictures that it takes."""
        ...

    @property
    def mean(self) -> Float[Tensor, "3 1 1"]:
        """The colour, RGB 0–1, that is nothing to it: 0 once it is normalised."""
        ...

    @property
    def part(self) -> nn.Module:
        """The part that gives the last map."""
        ...

    def scores(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k"]:
        """Return how much each picture (RGB, 0–1) speaks for each prompt.

        Raises:
            TrainingError: A prompt means nothing to it.
        """
        ...


Finds = Callable[[Any, Tensor, Sequence[str]], Tensor]
"""A network, pictures (b, 3, h, w) and prompts → maps (b, k, down, across)."""


@dataclass(frozen=True, slots=True, eq=False)
class ByScores:
    """A `trainers.localize.localizer.Localizer` that asks a network.

    Attributes:
        title: Name in tables.
        params: What decides its maps.
        positive: Whether what is below 0 counts as nothing.
        network: Whom it asks.
        find: The method.
        offset: Where the cells of the network's last map look; maps are moved by it.
    """

    title: str
    params: Mapping[str, object]
    positive: bool
    network: ScoringNetwork
    find: Finds
    offset: Offset

    @property
    def size(self) -> Size:
        """(height, width) of the pictures that it takes."""
        return self.network.size

    @property
    def device(self) -> torch.device:
        """Where pictures have to lie."""
        return self.network.mean.device

    def relevance(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k _down _across"]:
        """Return a number for each quarter of the sides of a cell of the last map, and for each prompt.

        Raises:
            TrainingError: A prompt means nothing to the network.
        """
        return centred(self.find(self.network, pixels, prompts), self.offset)

    @torch.no_grad()
    def fits(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k"]:
        """Return the score of each picture for each prompt.

        Raises:
            TrainingError: A prompt means nothing to the network.
        """
        return self.network.scores(pixels, prompts)


def by_scores(method: str, network: ScoringNetwork, find: Finds, prompts: Sequence[str], *, positive: bool) -> ByScores:
    """Return a localizer, once the network has looked at an empty picture.

    Raises:
        TrainingError: It takes no pictures of its size, a single cell is left of them, or a prompt means nothing to it.
    """
    height, width = network.size
    empty = torch.zeros(1, 3, height, width, device=network.mean.device)
    try:
        cells, _ = looked(network, empty, prompts)
        offset = offset_of(network.part, lambda: network.scores(empty, prompts))
    except (AssertionError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise TrainingError(
            f"{method}: {network.title} takes no pictures of {height}×{width}: {reason}; give another size"
        ) from error
    if cells.shape[-2:].numel() == 1:
        raise TrainingError(
            f"{method}: of pictures of {height}×{width} {network.title} leaves a single cell, which tells no "
            "place from another; give a larger size"
        )
    params = {
        **network.params,
        "size": [height, width],
        "channels": cells.shape[1],
        "offset": [round(each, 3) for each in offset],
    }
    return ByScores(f"{method}, {network.title}", params, positive, network, find, offset)


def looked(
    network: ScoringNetwork, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]
) -> tuple[Float[Tensor, "b c _down _across"], Float[Tensor, "b k"]]:
    """Return the last map of pictures and their scores.

    Raises:
        TrainingError: A prompt means nothing to the network.
    """
    return watched(network.part, lambda: network.scores(pixels, prompts))


def watched(
    part: nn.Module, run: Callable[[], Float[Tensor, "b _n"]]
) -> tuple[Float[Tensor, "b c _down _across"], Float[Tensor, "b _n"]]:
    """Return the map that a part of a network gives as the network runs, and what the network gives.

    Where gradients are enabled, they reach the map and go no further.
    """
    kept = list[Tensor]()

    def keep(_part: nn.Module, _taken: Any, given: Tensor) -> Tensor:
        kept.append(given.detach().requires_grad_())
        return kept[-1].clone()  # what follows may change it in place

    hook = part.register_forward_hook(keep)
    try:
        found = run()
    finally:
        hook.remove()
    return kept[-1], found
