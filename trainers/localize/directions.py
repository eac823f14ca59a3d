"""Prompts as directions in the space of a CLIP: what speaks for a prompt, and not for the backgrounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from trainers.clip.tower import Tower
from trainers.config.localizer import LocalizerConfig

__all__ = ["Directions"]


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """Directions of prompts: the text's unit vector, less the mean of those of the backgrounds.

    A method that is linear in the text so finds its map for the prompt less the mean of its maps for the backgrounds.

    Attributes:
        tower: Embeds texts.
        config: Has the template and the backgrounds.
    """

    tower: Tower
    config: LocalizerConfig
    _known: dict[tuple[str, ...], Tensor] = field(default_factory=dict)

    def of(self, prompts: Sequence[str]) -> Float[Tensor, "k e"]:
        """Return the direction of each prompt; what was asked before is not embedded again.

        Raises:
            TrainingError: A prompt says nothing to the tower, or is too long for it.
        """
        wanted = tuple(prompts)
        if wanted not in self._known:
            self._known[wanted] = self._embedded(wanted) - self._ground()
        return self._known[wanted]

    def _ground(self) -> Tensor:
        backgrounds = self.config.backgrounds
        if not backgrounds:
            return torch.zeros(self.tower.embedding, device=self.tower.device)
        return self._embedded(backgrounds).mean(0)

    def _embedded(self, texts: tuple[str, ...]) -> Tensor:
        return self.tower.text([self.config.template.replace("{}", text) for text in texts])
