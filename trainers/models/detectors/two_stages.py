"""The two stages of torchvision's R-CNNs, with regions that are neither target nor background."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead
from torchvision.ops import MultiScaleRoIAlign

from trainers.models.detectors.detector import LEAST_SCORE, Target, full_precision
from trainers.models.detectors.ignoring import learnable, within
from trainers.models.detectors.pyramid import LEVELS, STRIDES

__all__ = ["Proposals", "Regions", "pooled_regions"]

ANCHORS = tuple((3 * stride, 5 * stride) for stride in STRIDES)
"""Sides of anchors: 24 to 320 pixels, each 1.7 times or twice the last. That is for objects of 12 to 600 pixels in
pictures of 192 to 640; torchvision's 32 to 512 are for pictures of 800."""

RATIOS = (0.5, 1.0, 2.0)
CANONICAL = 112
"""Side of a box that is read at stride 16. In the paper it is 224, as pictures are twice as large."""

POOLED = 7
HIDDEN = 4
"""Features of a region over channels of the pyramid: 1024 over 256 at torchvision."""

ANCHORS_LEARNT, REGIONS_LEARNT = 128, 128
"""Of each picture in a step; a quarter of torchvision's, as pictures have about so many times fewer pixels."""


class Proposals(RegionProposalNetwork):  # type: ignore[misc]  # torchvision tells no types
    """Regions that may hold an object of any class (Ren et al. 2015)."""

    def __init__(self, width: int) -> None:
        """Stand on the levels of a `Pyramid` of `width` channels."""
        anchors = AnchorGenerator(ANCHORS, (RATIOS,) * len(ANCHORS))
        super().__init__(
            anchors,
            RPNHead(width, anchors.num_anchors_per_location()[0]),
            fg_iou_thresh=0.7,
            bg_iou_thresh=0.3,
            batch_size_per_image=ANCHORS_LEARNT,
            positive_fraction=0.5,
            pre_nms_top_n={"training": 1000, "testing": 500},
            post_nms_top_n={"training": 500, "testing": 200},
            nms_thresh=0.7,
        )

    def forward(self, images: Any, features: dict[str, Tensor], targets: list[Target] | None = None) -> Any:
        """Return the proposals of each picture, and losses if it learns."""
        with full_precision(images.tensors.device):
            return super().forward(images, features, targets)

    def assign_targets_to_anchors(
        self, anchors: list[Tensor], targets: list[Target]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Return label (1, 0, or -1 for neither) and box of each anchor; none in an ignored box is background."""
        labels, boxes = super().assign_targets_to_anchors(anchors, targets)
        for own, places, target in zip(labels, anchors, targets, strict=True):
            own[(own == 0) & within(places, target["ignored"])] = -1
        return labels, boxes


class Regions(RoIHeads):  # type: ignore[misc]
    """What lies in each proposed region: its class, its box, and perhaps its mask."""

    def __init__(self, width: int, classes: int, masks: Sequence[nn.Module | None] = (None, None, None)) -> None:
        """Stand on the levels of a `Pyramid` of `width` channels.

        Args:
            width: Channels.
            classes: With background.
            masks: Pooling, head and predictor of masks; none by default.
        """
        features = HIDDEN * width
        super().__init__(
            pooled_regions(POOLED),
            TwoMLPHead(width * POOLED**2, features),
            FastRCNNPredictor(features, classes),
            fg_iou_thresh=0.5,
            bg_iou_thresh=0.5,
            batch_size_per_image=REGIONS_LEARNT,
            positive_fraction=0.25,
            bbox_reg_weights=None,
            score_thresh=LEAST_SCORE,
            nms_thresh=0.5,
            detections_per_img=100,
            mask_roi_pool=masks[0],
            mask_head=masks[1],
            mask_predictor=masks[2],
        )
        self._masks_known = True

    def forward(
        self,
        features: dict[str, Tensor],
        proposals: list[Tensor],
        image_shapes: list[tuple[int, int]],
        targets: list[Target] | None = None,
    ) -> Any:
        """Return what is found in each picture, or losses; no loss of masks where the targets have none."""
        self._masks_known = targets is None or all("masks" in target for target in targets)
        with full_precision(proposals[0].device):
            return super().forward(features, proposals, image_shapes, targets)

    def has_mask(self) -> bool:
        """Tell whether masks are asked for."""
        return bool(super().has_mask()) and self._masks_known

    def select_training_samples(self, proposals: list[Tensor], targets: list[Target]) -> Any:
        """Choose the regions to learn from, as torchvision does, out of those that no ignored box excuses."""
        return super().select_training_samples(learnable(proposals, targets), targets)


def pooled_regions(side: int) -> MultiScaleRoIAlign:
    """Return the pooling of regions (n, channels, side, side) from the levels of a `Pyramid`."""
    return MultiScaleRoIAlign(LEVELS, side, sampling_ratio=2, canonical_scale=CANONICAL)
