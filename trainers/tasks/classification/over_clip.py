"""Classifiers over a frozen CLIP: `trainers.config.registry.CLASSIFIERS` lists the functions here that build them."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size
from trainers.clip.load import open_tower
from trainers.clip.tower import Tower
from trainers.clip.vision_transformer import TransformerTower
from trainers.config.classification import ClassificationConfig
from trainers.models.clip_heads import LinearHead, ZeroShotHead
from trainers.models.danger_clip import DangerHead
from trainers.models.pixels import restored

__all__ = ["DangerClip", "OverClip", "ZeroShot", "clip_linear", "clip_zero_shot", "danger_clip"]

TOWER = "tower."


class OverClip(nn.Module):
    """A frozen CLIP below a head: pictures of `trainers.models.pixels.prepared` (b, 3, h, w) → logits (b, 1).

    Its state holds the head, and of the CLIP the digest alone: a model's file stays small, and a model is refused above
    another CLIP than the one it learnt from.

    Attributes:
        tower: The CLIP.
        digest: Its own.
        head: (embedding of the picture, those of its patches) → logits.
    """

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
        logits: Tensor = self.head(*self.tower.tokens(restored(images)))
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


class DangerClip(OverClip):
    """One with a `DangerHead`, which also says where it looks."""

    def forward(self, images: Float[Tensor, "b 3 h w"], *, mapped: bool = False) -> Any:
        """Return logits (b, 1); with `mapped` also those of each pixel (b, h, w), as `DangerClip.map_of` makes them."""
        logits, scores = self.head.look(*self.tower.tokens(restored(images)))
        if not mapped:
            return logits
        height, width = images.shape[-2:]
        return logits, self.map_of(scores, (height, width))

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
    tower = _tower_of(config)
    if not isinstance(tower, TransformerTower):
        raise TrainingError(
            f"{tower.title}: danger_clip asks the patches of a vision transformer, and this CLIP is a ResNet; "
            "choose e.g. ViT-B-16-quickgelu, or network clip_linear"
        )
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
