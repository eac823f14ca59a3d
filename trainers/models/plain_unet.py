"""A plain U-Net (Ronneberger et al. 2015) with same padding and batch normalisation, trained from scratch."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

__all__ = ["PlainUNet"]


class PlainUNet(nn.Module):
    """Four levels down and up with skips: (b, 3, h, w) → logits (b, 1, h, w); h and w divisible by 16."""

    def __init__(self, width: int) -> None:
        """Build with `width` channels at full resolution, doubled at every level."""
        super().__init__()
        widths = [width * 2**level for level in range(5)]
        self.down = nn.ModuleList(_block(a, b) for a, b in zip([3, *widths[:-1]], widths, strict=True))
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, 2) for a, b in pairwise(widths))
        self.merge = nn.ModuleList(_block(2 * a, a) for a in widths[:-1])
        self.head = nn.Conv2d(width, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits."""
        skips: list[Tensor] = []
        for level, block in enumerate(self.down):
            images = block(nn.functional.max_pool2d(images, 2) if level else images)
            skips.append(images)
        images = skips.pop()
        for level in reversed(range(len(self.up))):
            images = self.merge[level](torch.cat([skips.pop(), self.up[level](images)], dim=1))
        logits: Tensor = self.head(images)
        return logits


def _block(inputs: int, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers += [
            nn.Conv2d(channels, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)
