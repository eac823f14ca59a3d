"""A CLIP whose image tower is a ResNet, as a network: cosines with prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import normalize

from synthgen.core.errors import TrainingError
from trainers.clip.open_clip_towers import OpenClipResNet
from trainers.config.localizer import LocalizerConfig
from trainers.localize.directions import Directions
from trainers.localize.patches import size_for, tower_of

__all__ = ["ClipNetwork"]


class ClipNetwork:
    """A `trainers.localize.networks.scoring.ScoringNetwork`.

    A score is a cosine, times what the CLIP learnt to multiply it by.
    """

    def __init__(self, config: LocalizerConfig) -> None:
        """Open the CLIP of a config.

        Raises:
            TrainingError: It cannot be opened, has no ResNet, or the size does not fit it; a prompt says nothing to it.
        """
        tower = tower_of(config)
        if not isinstance(tower, OpenClipResNet):
            raise TrainingError(
                f"{config.method} goes by the last map of a network of convolutions, and {tower.title} is none; give "
                "another CLIP, e.g. RN50-quickgelu, or a method for vision transformers: gem, clip_text_span or raw"
            )
        self.tower, self.directions = tower, Directions(tower, config)
        self.directions.of(config.prompts)  # what says nothing is refused before a picture is read
        self.title, self.size, self.mean = tower.title, size_for(config, tower), tower.mean
        self.part: nn.Module = tower.model.visual.layer4
        self.scale = 1.0 if config.seed_literal else tower.scale
        self.params: Mapping[str, object] = {
            "clip": tower.title,
            "tower": tower.digest,
            "template": config.template,
            "backgrounds": list(config.backgrounds),
            "seed_literal": config.seed_literal,
        }

    def scores(self, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]) -> Float[Tensor, "b k"]:
        """Return scaled cosines, less the mean of those of the backgrounds.

        Raises:
            TrainingError: A prompt says nothing to the tower, or is too long for it.
        """
        whole = normalize(self.tower.tokens(pixels)[0], dim=-1)
        return self.scale * whole @ self.directions.of(prompts).T
