"""SSDlite (Liu et al. 2016; Sandler et al. 2018), torchvision's, over any encoder: one stage, for small machines."""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise
from math import gcd
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.ssd import SSD
from torchvision.models.detection.ssdlite import SSDLiteHead
from torchvision.ops import Conv2dNormActivation

from trainers.config.detection import DetectionConfig
from trainers.models.detectors.detector import LEAST_SCORE, AsTheyAre, Detector, Target, full_precision
from trainers.models.detectors.ignoring import within
from trainers.models.staged import staged_encoder

__all__ = ["Head", "SSDLite", "Stack", "from_config"]

STAGES = (4, 5)
EXTRA = (512, 256, 256, 128)  # channels of the maps above the encoder's, each at twice the stride
LEAST, MOST = 0.1, 0.95
"""Sides of the boxes of the first and of the last map, as shares of the picture's; in between they rise evenly.
torchvision begins at 0.2, for pictures that one object fills."""

GROUPS = 16  # of channels that are normalised together, where they can be parted so
NEGATIVES = 3  # for each positive, as torchvision has it
SURE = 30.0  # logit of background where nothing is learnt: its loss is 0 in 32 bits


class Stack(nn.Module):
    """Pictures → maps at strides 16, 32, 64, …, 512.

    Attributes:
        encoder: Gives maps at strides 1, 2, …, 32; see `trainers.models.staged`.
        out_channels: Of each map.
    """

    def __init__(self, encoder: nn.Module) -> None:
        """Stand on an encoder."""
        super().__init__()
        self.encoder = encoder
        own = [int(encoder.out_channels[stage]) for stage in STAGES]  # type: ignore[index]  # smp gives a list
        self.out_channels = [*own, *EXTRA]
        self.extra = nn.ModuleList(_halved(*sides) for sides in pairwise((own[-1], *EXTRA)))

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Return the maps of (b, 3, h, w)."""
        stages = self.encoder(images)
        maps = [stages[stage] for stage in STAGES]
        for block in self.extra:
            maps.append(block(maps[-1]))
        return OrderedDict((str(number), level) for number, level in enumerate(maps))


class Head(SSDLiteHead):  # type: ignore[misc]  # torchvision tells no types
    """torchvision's head, in 32 bits."""

    def forward(self, maps: list[Tensor]) -> dict[str, Tensor]:
        """Return class logits and offsets of all boxes of the maps."""
        with full_precision(maps[0].device):
            found: dict[str, Tensor] = super().forward([level.float() for level in maps])
        return found


class SSDLite(Detector, SSD):  # type: ignore[misc]
    """Says of boxes all over the picture what each holds; see `trainers.models.detectors.detector`."""

    def __init__(self, encoder: nn.Module, *, classes: int) -> None:
        """Stand on an encoder of `trainers.models.staged`; `classes` are without background."""
        stack = Stack(encoder)
        boxes = DefaultBoxGenerator([[2, 3]] * len(stack.out_channels), min_ratio=LEAST, max_ratio=MOST)
        head = Head(stack.out_channels, boxes.num_anchors_per_location(), classes + 1, _normalised)
        super().__init__(
            stack,
            boxes,
            (1, 1),  # of the transform, which is replaced
            classes + 1,
            head=head,
            score_thresh=LEAST_SCORE,
            nms_thresh=0.5,
            detections_per_img=100,
        )
        self.transform = AsTheyAre()

    def compute_loss(
        self, targets: list[Target], head_outputs: dict[str, Tensor], anchors: list[Tensor], matched_idxs: list[Tensor]
    ) -> dict[str, Tensor]:
        """Return torchvision's losses, but that ignored boxes are no background, and that empty pictures teach, too.

        torchvision takes three hard negatives for each positive of the same picture, so none of an empty one. Here an
        empty picture gives as many as the others do on average, and three at least.
        """
        logits = torch.stack(
            [
                _excused(own, within(places, target["ignored"]) & (matched < 0))
                for own, places, target, matched in zip(
                    head_outputs["cls_logits"], anchors, targets, matched_idxs, strict=True
                )
            ]
        )
        losses: dict[str, Tensor] = super().compute_loss(
            targets, {**head_outputs, "cls_logits": logits}, anchors, matched_idxs
        )
        positives = torch.stack([(matched >= 0).sum() for matched in matched_idxs])
        if (positives == 0).any():
            taught = _hardest(logits[positives == 0], positives, NEGATIVES)
            losses["classification"] = losses["classification"] + taught
        return losses


def from_config(config: DetectionConfig) -> SSDLite:
    """Build as `config` says.

    Raises:
        TrainingError: The encoder is unknown, or its weights do not fit.
    """
    return SSDLite(staged_encoder(config.encoder, config.weights), classes=config.outputs)


def _excused(logits: Tensor, excused: Tensor) -> Tensor:
    """Return class logits (n, k) of which the excused ones say background: they have no loss, so nothing is learnt."""
    sure = torch.full_like(logits[:1], -SURE)
    sure[:, 0] = SURE
    return torch.where(excused[:, None], sure, logits)


def _hardest(logits: Tensor, positives: Tensor, ratio: float) -> Tensor:
    """Return the loss of the hardest boxes of empty pictures, logits (b, n, k), over the positives of the batch."""
    others = positives[positives > 0]
    each = max(1, round(float(others.float().mean()))) if len(others) else 1
    truth = torch.zeros(logits.shape[:2], dtype=torch.long, device=logits.device)
    losses = cross_entropy(logits.flatten(0, 1), truth.flatten(), reduction="none").view(truth.shape)
    hardest = losses.topk(min(losses.shape[1], round(ratio * each)), dim=1).values
    return hardest.sum() / max(1, int(positives.sum()))


def _normalised(channels: int) -> nn.GroupNorm:
    """Return group norm (Wu and He 2018): batch norm has nothing to go by where few pictures have a cell each."""
    return nn.GroupNorm(gcd(GROUPS, channels), channels)


def _halved(inputs: int, outputs: int) -> nn.Sequential:
    """Return SSDlite's block that halves the sides: pointwise, depthwise, pointwise (Sandler et al. 2018)."""
    inner = outputs // 2
    options: dict[str, Any] = {"norm_layer": _normalised, "activation_layer": nn.ReLU6}
    return nn.Sequential(
        Conv2dNormActivation(inputs, inner, kernel_size=1, **options),
        Conv2dNormActivation(inner, inner, kernel_size=3, stride=2, groups=inner, **options),
        Conv2dNormActivation(inner, outputs, kernel_size=1, **options),
    )
