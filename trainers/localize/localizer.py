"""What a method gives to whoever wants to know where. No reader need know which method it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from synthgen.core.types import Size

__all__ = ["Classifies", "Localizer"]


@runtime_checkable
class Localizer(Protocol):
    """Says how much each place of a picture speaks for a prompt. It learns nothing by being asked.

    A map is coarse, as the method finds it, and its numbers mean something within one map alone.
    `trainers.localize.heat` makes a heat map of 0–1 out of it.
    """

    @property
    def title(self) -> str:
        """Name in tables, without the folders of whoever has it."""
        ...

    @property
    def params(self) -> Mapping[str, object]:
        """What decides its maps beside prompts, to be written as JSON; it names no folder."""
        ...

    @property
    def size(self) -> Size:
        """(height, width) of the pictures that it takes."""
        ...

    @property
    def device(self) -> torch.device:
        """Where pictures have to lie."""
        ...

    @property
    def positive(self) -> bool:
        """Whether what is below 0 counts as nothing, once a map is enlarged."""
        ...

    def relevance(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k _down _across"]:
        """Return a coarse map of each picture for each prompt.

        Args:
            pixels: RGB of 0–1, of `size`, on `device`.
            prompts: What to look for, as the user says it: the method puts it into its template.

        Raises:
            TrainingError: A prompt means nothing to it.
        """
        ...


@runtime_checkable
class Classifies(Protocol):
    """A localizer that also says which of several prompts a whole picture fits best: without, there is no Loc@1."""

    def fits(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k"]:
        """Return how well each picture fits each prompt; higher is better, and within one picture alone.

        Args:
            pixels: As `Localizer.relevance` takes them.
            prompts: Likewise.

        Raises:
            TrainingError: A prompt means nothing to it.
        """
        ...
