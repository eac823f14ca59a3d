"""Fast R-CNN (Girshick 2015): one map of the whole picture, of which each given region is a part."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad
from torchvision.ops import roi_pool
from torchvision.ops._utils import convert_boxes_to_roi_format

from trainers.config.detection import DetectionConfig
from trainers.models.detectors.given_regions import GivenRegions
from trainers.models.detectors.trunk import POOLED, STRIDE, Trunk, trunk_of

__all__ = ["FastRCNN", "from_config"]

LEARNT = 64  # of each picture: 128 of two in the paper
MOST = 2000
TOGETHER = 512  # regions that are described at a time, for the sake of memory
SIDES = 32  # encoders halve sides so far


class FastRCNN(GivenRegions):
    """See `trainers.models.detectors.given_regions`; regions are pooled to 6×6 places (RoIPool)."""

    def __init__(self, trunk: Trunk, *, classes: int) -> None:
        """Stand on `trunk`; `classes` are without background."""
        super().__init__(trunk, classes=classes, learnt=LEARNT, most=MOST)

    def described(self, images: Tensor, regions: list[Tensor]) -> Tensor:
        """Return the features of parts of the map."""
        height, width = images.shape[-2:]
        maps = self.trunk(pad(images, (0, -width % SIDES, 0, -height % SIDES))).float()
        parts = convert_boxes_to_roi_format(regions).split(TOGETHER)
        return torch.cat([self.trunk.described(roi_pool(maps, part, POOLED, 1 / STRIDE)) for part in parts])


def from_config(config: DetectionConfig) -> FastRCNN:
    """Build as `config` says.

    Raises:
        TrainingError: The encoder is unknown, or its weights do not fit.
    """
    return FastRCNN(trunk_of(config), classes=config.outputs)
