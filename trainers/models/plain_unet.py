"""The study's simplified U-Net (Ronneberger et al. 2015): same padding, any kernel, batch norm or none."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from trainers.config.segmentation import SegmentationConfig

__all__ = ["PlainUNet", "from_config"]


def from_config(config: SegmentationConfig) -> nn.Module:
    """Build a `PlainUNet` as `config` says."""
    return PlainUNet(config.width, kernel=config.kernel, batch_norm=config.batch_norm, channels=config.channels)


class PlainUNet(nn.Module):
    """Four levels down and up with skips: (b, 3, h, w) → logits (b, channels, h, w); h and w divisible by 16."""

    def __init__(self, width: int, *, kernel: int = 3, batch_norm: bool = True, channels: int = 1) -> None:
        """Build with `width` channels at full resolution, doubled at every level.

        An even kernel reaches one pixel further right and down than left and up, as Keras has it.
        """
        super().__init__()
        widths = [width * 2**level for level in range(5)]

        def block(inputs: int, outputs: int) -> nn.Sequential:
            layers: list[nn.Module] = []
            for channels in (inputs, outputs):
                layers.append(nn.Conv2d(channels, outputs, kernel, padding="same"))
                layers += [nn.BatchNorm2d(outputs)] if batch_norm else []
                layers.append(nn.ReLU(inplace=True))
            return nn.Sequential(*layers)

        self.down = nn.ModuleList(block(a, b) for a, b in zip([3, *widths[:-1]], widths, strict=True))
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, 2) for a, b in pairwise(widths))
        self.merge = nn.ModuleList(block(2 * a, a) for a in widths[:-1])
        self.head = nn.Conv2d(width, channels, 1)

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
