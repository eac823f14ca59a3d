"""Classifiers over a frozen CLIP that learn from labels alone, and whose scores of patches say where: TS-CAM, LCTR."""

from __future__ import annotations

from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from synthgen.core.types import Size
from trainers.clip.sight import ATTENDED, HIDDEN, TOKENS, Sight, Tokens, attended
from trainers.clip.vision_transformer import TransformerTower
from trainers.config.classification import ClassificationConfig
from trainers.models.lctr import LctrHead
from trainers.models.ts_cam import TsCamHead
from trainers.tasks.classification.over_clip import ShowsWhere, transformer_of

__all__ = ["Lctr", "Localizing", "TsCam", "lctr", "sight_of", "ts_cam"]


class Localizing(ShowsWhere):
    """One whose head scores each patch for two classes: without a target, with one.

    Its logit is the difference of the two classes' logits. The sigmoid of it is their softmax, so the cross-entropy of
    labels is that over two classes.
    """

    def judged(self, tokens: Tokens, size: Size) -> Float[Tensor, "b 1"]:
        """Return the logits of tokens of pictures of `size`."""
        return _difference(self.head(self._grid(tokens[1], size)))

    def judged_and_mapped(
        self, pixels: Float[Tensor, "b 3 h w"]
    ) -> tuple[Float[Tensor, "b 1"], Float[Tensor, "b h w"]]:
        """Return logits and maps; each map is stretched to 0–1, so it says where, and not whether.

        A map without range is 0 everywhere.
        """
        logits, relevance = self.judged_and_weighed(pixels)
        found = interpolate(relevance[:, None], size=pixels.shape[-2:], mode="bilinear", align_corners=False)[:, 0]
        low, high = found.amin((1, 2), keepdim=True), found.amax((1, 2), keepdim=True)
        return logits, (found - low) / (high - low).clamp(min=torch.finfo(found.dtype).tiny)

    def judged_and_weighed(
        self, pixels: Float[Tensor, "b 3 h w"]
    ) -> tuple[Float[Tensor, "b 1"], Float[Tensor, "b _down _across"]]:
        """Return logits of pictures of 0–1, and how much each patch speaks for a target: the head's own map."""
        hidden, attn = self.tower.hidden_and_attn(pixels)
        height, width = pixels.shape[-2:]
        scores = self.head.scores(self._grid(self.patches_of(hidden, attn), (height, width)))
        return _difference(self.head.pooled(scores)), self.head.relevance(scores, attn)

    @abstractmethod
    def patches_of(
        self, hidden: Float[Tensor, "b tokens w"], attn: Float[Tensor, "b layers tokens tokens"]
    ) -> Float[Tensor, "b n _d"]:
        """Return what the sight gives of patches, where attention is known already."""

    def _grid(self, patches: Float[Tensor, "b n d"], size: Size) -> Float[Tensor, "b d _down _across"]:
        down, across = (side // self.tower.stride for side in size)
        return patches.transpose(1, 2).reshape(-1, patches.shape[2], down, across)


class TsCam(Localizing):
    """One with a `TsCamHead`."""

    sight = HIDDEN

    def patches_of(
        self, hidden: Float[Tensor, "b tokens w"], attn: Float[Tensor, "b layers tokens tokens"]
    ) -> Float[Tensor, "b n w"]:
        """Return the hidden tokens of patches."""
        return hidden[:, 1:]


class Lctr(Localizing):
    """One with an `LctrHead`."""

    sight = ATTENDED

    def patches_of(
        self, hidden: Float[Tensor, "b tokens w"], attn: Float[Tensor, "b layers tokens tokens"]
    ) -> Float[Tensor, "b n _w1"]:
        """Return them with the class token's attention to each."""
        return attended(hidden, attn)[1]


def ts_cam(config: ClassificationConfig) -> TsCam:
    """Build TS-CAM.

    With `start: zero_shot`, its logits are the mean product of patches with what the classes are called: the prompt,
    and the mean of the backgrounds.

    Raises:
        TrainingError: The CLIP cannot be loaded, or is no vision transformer; a text is longer than its context.
    """
    tower = transformer_of(config)
    texts = _called(tower, config) if config.start == "zero_shot" else None
    return TsCam(tower, TsCamHead(_width(tower), texts))


def lctr(config: ClassificationConfig) -> Lctr:
    """Build LCTR.

    Raises:
        TrainingError: The CLIP cannot be loaded, or is no vision transformer.
    """
    tower = transformer_of(config)
    return Lctr(tower, LctrHead(_width(tower)))


def sight_of(network: str) -> Sight:
    """Return what a network over a CLIP takes of it; asked before the network is there."""
    return {"ts_cam": TsCam.sight, "lctr": Lctr.sight}.get(network, TOKENS)


def _called(tower: TransformerTower, config: ClassificationConfig) -> Float[Tensor, "2 w"]:
    """Return what makes scores of hidden tokens: the classes' texts, seen through the projection."""
    without = tower.text(config.backgrounds).mean(0, keepdim=True)
    texts = torch.cat([without, tower.text([config.prompt])])
    return (texts @ tower.projection.T).cpu()


def _width(tower: TransformerTower) -> int:
    return len(tower.layers.first)


def _difference(logits: Float[Tensor, "b 2"]) -> Float[Tensor, "b 1"]:
    return logits[:, 1:] - logits[:, :1]
