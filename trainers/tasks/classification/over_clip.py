"""Classifiers over a frozen CLIP: `trainers.config.registry.CLASSIFIERS` lists the functions here that build them."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size
from trainers.clip.load import open_tower
from trainers.clip.sight import TOKENS, Sight, Tokens
from trainers.clip.tower import Tower
from trainers.clip.vision_transformer import TransformerTower
from trainers.config.classification import ClassificationConfig
from trainers.models.clip_heads import LinearHead, ZeroShotHead
from trainers.models.danger_clip import DangerHead
from trainers.models.pixels import restored

__all__ = [
    "DangerClip",
    "OverClip",
    "ShowsWhere",
    "ZeroShot",
    "clip_linear",
    "clip_zero_shot",
    "danger_clip",
    "transformer_of",
]

TOWER = "tower."


class OverClip(nn.Module):
    """A frozen CLIP below a head: pictures of `trainers.models.pixels.prepared` (b, 3, h, w) → logits (b, 1).

    Its state holds the head, and of the CLIP the digest alone: a model's file stays small, and a model is refused above
    another CLIP than the one it learnt from.

    Attributes:
        tower: The CLIP.
        digest: Its own.
        head: (token of the picture, those of its patches) → logits.
        sight: Which tokens it takes.
    """

    sight: Sight = TOKENS

    def __init__(self, tower: Tower, head: nn.Module) -> None:
        """Put the head above the CLIP; both lie on the CPU then."""
        super().__init__()
        assert isinstance(tower, nn.Module), "all towers are"
        self.tower: Any = tower
        self.head: Any = head
        self.digest = tower.digest  # now: a moving average of weights rounds those that stay the same, too
        self.cpu()
        hooks: Any = self  # torch has no types for them
        hooks.register_state_dict_post_hook(_without_tower)
        hooks.register_load_state_dict_post_hook(_tower_stays)

    def forward(self, images: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 1"]:
        """Return logits."""
        return self.judged(self.look(restored(images)), _size_of(images))

    def look(self, pixels: Float[Tensor, "b 3 h w"]) -> Tokens:
        """Return the tokens that the head takes, of pictures of 0–1."""
        return self.sight.look(self.tower, pixels)

    def judged(self, tokens: Tokens, size: Size) -> Float[Tensor, "b 1"]:
        """Return the logits of tokens of pictures of `size`."""
        logits: Tensor = self.head(*tokens)
        return logits

    def check_size(self, size: Size) -> None:
        """Refuse pictures that the CLIP does not take.

        Raises:
            TrainingError: Their sides do not fit.
        """
        with torch.inference_mode():
            self.tower.tokens(torch.zeros(1, 3, *size, device=self.tower.device))

    def get_extra_state(self) -> str:
        """Return what CLIP this is, for the state."""
        return self.digest

    def set_extra_state(self, state: str) -> None:
        """Compare the CLIP that a state is of with this one.

        Raises:
            TrainingError: It is another one.
        """
        if state != self.digest:
            raise TrainingError(
                f"{self.tower.title}: another CLIP than the one that this model learnt from (its digest is "
                f"{self.digest}, and that one's was {state}); give that one, or train anew"
            )


class ShowsWhere(OverClip):
    """One that says where it looks, too."""

    def forward(self, images: Float[Tensor, "b 3 h w"], *, mapped: bool = False) -> Any:
        """Return logits (b, 1); with `mapped` also how much each pixel speaks for a target, 0–1 (b, h, w)."""
        pixels, size = restored(images), _size_of(images)
        return self.judged_and_mapped(pixels) if mapped else self.judged(self.look(pixels), size)

    @abstractmethod
    def judged_and_mapped(
        self, pixels: Float[Tensor, "b 3 h w"]
    ) -> tuple[Float[Tensor, "b 1"], Float[Tensor, "b h w"]]:
        """Return logits and maps of 0–1 of pictures of 0–1."""


class DangerClip(ShowsWhere):
    """One with a `DangerHead`."""

    def judged_and_mapped(
        self, pixels: Float[Tensor, "b 3 h w"]
    ) -> tuple[Float[Tensor, "b 1"], Float[Tensor, "b h w"]]:
        """Return logits and maps; a pixel's number is the probability that the layers' attention gives it."""
        logits, scores = self.head.look(*self.look(pixels))
        return logits, self.map_of(scores, _size_of(pixels)).sigmoid()

    def map_of(self, scores: Float[Tensor, "b layers n"], size: Size) -> Float[Tensor, "b h w"]:
        """Return the mean of the layers' scores, interpolated to pictures of `size`."""
        down, across = (side // self.tower.stride for side in size)
        mean = scores.mean(1).view(-1, 1, down, across)
        return interpolate(mean, size=size, mode="bilinear", align_corners=False)[:, 0]


class ZeroShot(OverClip):
    """One with a `ZeroShotHead`, which learns nothing."""

    def forward(self, images: Float[Tensor, "b 3 h w"], *, by_prompt: bool = False) -> Tensor:
        """Return logits (b, 1); with `by_prompt` those of each prompt (b, p) instead, of which they are the highest."""
        whole, patches = self.tower.tokens(restored(images))
        logits: Tensor = self.head.by_prompt(whole) if by_prompt else self.head(whole, patches)
        return logits


def danger_clip(config: ClassificationConfig) -> DangerClip:
    """Build DangerCLIP.

    Raises:
        TrainingError: The CLIP cannot be loaded, is no vision transformer, or has embeddings that do not fit; the
            prompt is longer than its context.
    """
    tower = transformer_of(config)
    (prompt,) = tower.text([config.prompt])
    return DangerClip(tower, DangerHead(prompt, config.layers, descriptor=config.descriptor))


def clip_linear(config: ClassificationConfig) -> OverClip:
    """Build a linear probe.

    Raises:
        TrainingError: The CLIP cannot be loaded.
    """
    tower = _tower_of(config)
    return OverClip(tower, LinearHead(tower.embedding))


def clip_zero_shot(config: ClassificationConfig) -> ZeroShot:
    """Build a comparison of prompts.

    Raises:
        TrainingError: The CLIP cannot be loaded, or a prompt is longer than its context.
    """
    tower = _tower_of(config)
    prompts, backgrounds = (tower.text(texts) for texts in (config.prompts, config.backgrounds))
    return ZeroShot(tower, ZeroShotHead(prompts, backgrounds, tower.scale))


def transformer_of(config: ClassificationConfig) -> TransformerTower:
    """Open the CLIP of a network that asks patches.

    Raises:
        TrainingError: It cannot be loaded, or is no vision transformer.
    """
    tower = _tower_of(config)
    if not isinstance(tower, TransformerTower):
        raise TrainingError(
            f"{tower.title}: {config.network} asks the patches of a vision transformer, and this CLIP is a ResNet; "
            "choose e.g. ViT-B-16-quickgelu, or network clip_linear"
        )
    return tower


def _size_of(images: Float[Tensor, "b 3 h w"]) -> Size:
    height, width = images.shape[-2:]
    return height, width


def _tower_of(config: ClassificationConfig) -> Tower:
    assert config.clip is not None, "checked by the config"
    return open_tower(config.clip)


def _without_tower(module: nn.Module, state: dict[str, Any], prefix: str, metadata: Any) -> None:
    """Take the CLIP's weights out of a state."""
    for name in [name for name in state if name.startswith(prefix + TOWER)]:
        del state[name]


def _tower_stays(module: nn.Module, keys: Any) -> None:
    """Miss none of the CLIP's weights in a state."""
    keys.missing_keys[:] = [name for name in keys.missing_keys if f".{TOWER}" not in f".{name}"]
