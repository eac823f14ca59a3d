"""Faster R-CNN (Ren et al. 2015) over a feature pyramid (Lin et al. 2017), torchvision's, over any encoder."""

from __future__ import annotations

from torch import nn
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN

from trainers.config.detection import DetectionConfig
from trainers.models.detectors.detector import AsTheyAre, Detector
from trainers.models.detectors.pyramid import Pyramid
from trainers.models.detectors.two_stages import Proposals, Regions
from trainers.models.staged import staged_encoder

__all__ = ["FasterRCNN", "from_config"]


class FasterRCNN(Detector, GeneralizedRCNN):  # type: ignore[misc]  # torchvision tells no types
    """Proposes regions, and says what lies in each; see `trainers.models.detectors.detector`."""

    def __init__(self, encoder: nn.Module, *, width: int, classes: int) -> None:
        """Stand on an encoder of `trainers.models.staged`; `classes` are without background."""
        super().__init__(Pyramid(encoder, width), Proposals(width), self.regions(width, classes + 1), AsTheyAre())

    def regions(self, width: int, classes: int) -> Regions:
        """Return the second stage; `classes` are with background."""
        return Regions(width, classes)


def from_config(config: DetectionConfig) -> FasterRCNN:
    """Build as `config` says.

    Raises:
        TrainingError: The encoder is unknown, or its weights do not fit.
    """
    encoder = staged_encoder(config.encoder, config.weights)
    return FasterRCNN(encoder, width=config.width, classes=config.outputs)
