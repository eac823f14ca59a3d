"""R-CNN (Girshick et al. 2014): each given region is cut out, brought to one size, and looked at for itself.

As in Fast R-CNN, and unlike in the paper, classifier and box regressor are two layers that learn together with all
others, not machines that are fitted to stored features.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import adaptive_max_pool2d
from torchvision.ops import roi_align
from torchvision.ops._utils import convert_boxes_to_roi_format

from trainers.config.detection import DetectionConfig
from trainers.models.detectors.given_regions import GivenRegions
from trainers.models.detectors.trunk import POOLED, Trunk, trunk_of

__all__ = ["RCNN", "SIDE", "crops_of", "from_config"]

SIDE = 227
LEARNT = 16  # of each picture: 128 of a batch of 8, as in the paper
MOST = 200
TOGETHER = 64  # regions that are described at a time, for the sake of memory


class RCNN(GivenRegions):
    """See `trainers.models.detectors.given_regions`; regions are pictures of 227×227 pixels."""

    def __init__(self, trunk: Trunk, *, classes: int) -> None:
        """Stand on `trunk`; `classes` are without background."""
        super().__init__(trunk, classes=classes, learnt=LEARNT, most=MOST)

    def described(self, images: Tensor, regions: list[Tensor]) -> Tensor:
        """Return the features of what is cut out."""
        parts = convert_boxes_to_roi_format(regions).split(TOGETHER)
        return torch.cat([self._features(crops_of(images, part)) for part in parts])

    def _features(self, crops: Tensor) -> Tensor:
        """Pool the map of each crop to 6×6 places: for AlexNet's 13×13 that is the last pooling of its own."""
        return self.trunk.described(adaptive_max_pool2d(self.trunk(crops), POOLED))


def crops_of(images: Tensor, regions: Tensor) -> Tensor:
    """Return the regions (number of the picture, x0, y0, x1, y1) of (b, 3, h, w), each stretched to `SIDE` pixels."""
    found: Tensor = roi_align(images, regions, SIDE, sampling_ratio=2, aligned=True)
    return found


def from_config(config: DetectionConfig) -> RCNN:
    """Build as `config` says.

    Raises:
        TrainingError: The encoder is unknown, or its weights do not fit.
    """
    return RCNN(trunk_of(config), classes=config.outputs)
