"""What torchvision's detectors have in common here, whatever their family.

A network takes normalised pictures of one size (b, 3, h, w). Without targets it gives what it finds in each, as
torchvision does: boxes (n, 4) in pixels, labels from 1, scores 0–1, and perhaps masks (n, 1, 28, 28), surest first.
With targets it gives its losses by name, in training and in evaluation mode alike. A target has boxes (n, 4), labels
(n) from 1, `ignored` boxes (m, 4), which are neither target nor background, and masks (n, h, w) where they are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.detection.transform import GeneralizedRCNNTransform

__all__ = ["LEAST_SCORE", "AsTheyAre", "Detector", "Target", "full_precision"]

Target = dict[str, Tensor]

LEAST_SCORE = 0.05
"""What is found less surely is not told: low enough for the average precision, as torchvision has it."""


class Detector(nn.Module):
    """A mixin before a detector of torchvision's, whose backbone has an `encoder`."""

    @property
    def encoder(self) -> nn.Module:
        """What begins with weights, and learns at a rate of its own."""
        encoder: nn.Module = self.backbone.encoder  # type: ignore[union-attr,assignment]
        return encoder

    def forward(self, images: Tensor, targets: Sequence[Target] | None = None) -> Any:
        """Return what is found in each picture; with targets, the losses."""
        with _asked(self, learning=targets is not None):
            return super().forward([*images], None if targets is None else [*targets])


class AsTheyAre(GeneralizedRCNNTransform):  # type: ignore[misc]  # torchvision tells no types
    """Leaves pictures as they are, but for black on the right and below, up to sides divisible by 32.

    They come normalised, and at the size at which they are to be seen. torchvision's own would enlarge those of
    192 to 640 pixels to 800, at many times the cost. Masks are given as the head makes them; who wants them on the
    picture pastes them at the resolution that is wanted.
    """

    def __init__(self) -> None:
        """Set nothing."""
        super().__init__(min_size=1, max_size=1, image_mean=[0.0], image_std=[1.0])

    def normalize(self, image: Tensor) -> Tensor:
        """Return a picture."""
        return image

    def resize(self, image: Tensor, target: Target | None = None) -> tuple[Tensor, Target | None]:
        """Return picture and target."""
        return image, target

    def postprocess(self, result: list[Target], image_shapes: Any, original_image_sizes: Any) -> list[Target]:
        """Return what was found."""
        return result


@contextmanager
def full_precision(device: torch.device) -> Iterator[None]:
    """Compute in 32 bits: of places beyond 256, bfloat16 knows every second pixel."""
    with torch.autocast(device.type, enabled=False):
        yield


@contextmanager
def _asked(network: nn.Module, *, learning: bool) -> Iterator[None]:
    """Ask for losses, or for what is found: torchvision's modules go by their mode; batch norm keeps its own."""
    parts = [network, *(part for name, part in network.named_children() if name in ("rpn", "roi_heads"))]
    modes = [part.training for part in parts]
    for part in parts:
        part.training = learning
    try:
        yield
    finally:
        for part, mode in zip(parts, modes, strict=True):
            part.training = mode
