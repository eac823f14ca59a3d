"""Mask R-CNN (He et al. 2017), torchvision's, over any encoder: Faster R-CNN with a mask for each box."""

from __future__ import annotations

from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor

from trainers.config.detection import DetectionConfig
from trainers.models.detectors.faster_rcnn import FasterRCNN
from trainers.models.detectors.two_stages import Regions, pooled_regions
from trainers.models.staged import staged_encoder

__all__ = ["MaskRCNN", "from_config"]

POOLED, LAYERS = 14, 4  # masks have twice the side


class MaskRCNN(FasterRCNN):
    """Finds masks (n, 1, 28, 28), too, each as it lies in its box, as probabilities."""

    def regions(self, width: int, classes: int) -> Regions:
        """Return the second stage with a branch for masks."""
        head = MaskRCNNHeads(width, (width,) * LAYERS, 1)
        return Regions(width, classes, (pooled_regions(POOLED), head, MaskRCNNPredictor(width, width, classes)))


def from_config(config: DetectionConfig) -> MaskRCNN:
    """Build as `config` says.

    Raises:
        TrainingError: The encoder is unknown, or its weights do not fit.
    """
    encoder = staged_encoder(config.encoder, config.weights)
    return MaskRCNN(encoder, width=config.width, classes=config.outputs)
