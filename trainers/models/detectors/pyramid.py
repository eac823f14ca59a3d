"""A feature pyramid over the stages of an encoder (Lin et al. 2017), torchvision's."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn
from torchvision.ops import FeaturePyramidNetwork
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

__all__ = ["LEVELS", "STRIDES", "Pyramid"]

STAGES = (3, 4, 5)
LEVELS = ("0", "1", "2")  # as FeaturePyramidNetwork's readers name them
STRIDES = (8, 16, 32, 64)  # of LEVELS, and of the pooled level above them


class Pyramid(nn.Module):
    """Pictures → maps of `out_channels` channels at `STRIDES`.

    It begins at stride 8: a level at stride 4 would have three times as many cells as all of these, for objects below
    16 pixels.

    Attributes:
        encoder: Gives maps at strides 1, 2, …, 32; see `trainers.models.staged`.
        out_channels: Of each level.
    """

    def __init__(self, encoder: nn.Module, width: int) -> None:
        """Stand on an encoder."""
        super().__init__()
        self.encoder, self.out_channels = encoder, width
        channels = [encoder.out_channels[stage] for stage in STAGES]  # type: ignore[index]  # smp gives a list
        self.pyramid = FeaturePyramidNetwork(channels, width, LastLevelMaxPool())

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Return the levels of (b, 3, h, w), in 32 bits."""
        stages = self.encoder(images)
        maps = OrderedDict((name, stages[stage]) for name, stage in zip(LEVELS, STAGES, strict=True))
        return OrderedDict((name, level.float()) for name, level in self.pyramid(maps).items())
