"""What networks of given regions have in common: which regions they learn from, their losses, what they tell.

Girshick, "Fast R-CNN" (2015), section 2.3. torchvision's `RoIHeads` does the sampling, the coding of boxes and the
suppression; its loss is another one (β = 1/9), and its background reaches down to an IoU of 0.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, smooth_l1_loss
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor
from torchvision.models.detection.roi_heads import RoIHeads

from trainers.models.detectors.detector import LEAST_SCORE, Target
from trainers.models.detectors.ignoring import learnable
from trainers.models.detectors.trunk import Trunk

__all__ = ["GivenRegions", "Judge", "region_losses"]

FOREGROUND, BACKGROUND = 0.5, 0.1
"""IoU with a target from which a region is one, and from which it is background."""


class Judge(RoIHeads):  # type: ignore[misc]  # torchvision tells no types
    """Classes and corrected boxes of regions, from their features; targets are coded in units of (.1, .1, .2, .2)."""

    def __init__(self, features: int, classes: int, learnt: int) -> None:
        """Make the two last layers.

        Args:
            features: Of a region.
            classes: With background.
            learnt: Regions of each picture to learn from, a quarter of them targets.
        """
        layers = FastRCNNPredictor(features, classes)
        for layer, deviation in ((layers.cls_score, 0.01), (layers.bbox_pred, 0.001)):
            nn.init.normal_(layer.weight, std=deviation)
            nn.init.zeros_(layer.bias)
        super().__init__(
            None,
            None,
            layers,
            fg_iou_thresh=FOREGROUND,
            bg_iou_thresh=BACKGROUND,
            batch_size_per_image=learnt,
            positive_fraction=0.25,
            bbox_reg_weights=(10.0, 10.0, 5.0, 5.0),
            score_thresh=LEAST_SCORE,
            nms_thresh=0.3,
            detections_per_img=100,
        )

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return class logits (n, classes) and offsets (n, 4 × classes) of regions, in 32 bits."""
        logits, offsets = self.box_predictor(features)
        return logits.float(), offsets.float()

    def assign_targets_to_proposals(
        self, proposals: list[Tensor], gt_boxes: list[Tensor], gt_labels: list[Tensor]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Return box and label of each region: its class, 0 for background, −1 for what is far from every target.

        torchvision takes those below both thresholds for background, and leaves those between them out; here it is the
        other way round. Where there is no target, all regions are background.
        """
        matched, labels = super().assign_targets_to_proposals(proposals, gt_boxes, gt_labels)
        turned = [
            torch.where(own > 0, own, -1 - own) if len(boxes) else own
            for own, boxes in zip(labels, gt_boxes, strict=True)
        ]
        return matched, turned

    def select_training_samples(self, proposals: list[Tensor], targets: list[Target]) -> Any:
        """Choose the regions to learn from, true boxes among them, out of those that no ignored box excuses."""
        return super().select_training_samples(learnable(proposals, targets), targets)


class GivenRegions(nn.Module):
    """Says what lies in regions that were found before; see `trainers.models.detectors.detector`.

    In addition to what a detector takes there, a target has `regions` (n, 4), in pixels; without targets they are given
    as `regions`. A picture without any has one: all of it.

    Attributes:
        trunk: What it stands on.
        judge: What it ends with.
        most: Regions of a picture that it looks at, of those given the first.
    """

    def __init__(self, trunk: Trunk, *, classes: int, learnt: int, most: int) -> None:
        """Stand on `trunk`; `classes` are without background; of each picture `learnt` regions make a step."""
        super().__init__()
        self.trunk, self.most = trunk, most
        self.judge = Judge(trunk.out_features, classes + 1, learnt)

    @property
    def encoder(self) -> nn.Module:
        """What begins with weights, and learns at a rate of its own."""
        return self.trunk.encoder

    @abstractmethod
    def described(self, images: Tensor, regions: list[Tensor]) -> Tensor:
        """Return the features (n, features) of the regions of all pictures, one picture after the other."""

    def forward(
        self, images: Tensor, targets: Sequence[Target] | None = None, regions: Sequence[Tensor] | None = None
    ) -> Any:
        """Return what is found in each picture; with targets, the losses."""
        size = (images.shape[2], images.shape[3])
        given = [target["regions"] for target in targets] if targets is not None else regions
        whole = images.new_tensor([[0, 0, size[1], size[0]]])
        own = [whole] * len(images) if given is None else [part.to(whole) if len(part) else whole for part in given]
        if targets is not None:
            own, _, labels, offsets = self.judge.select_training_samples(own, [*targets])
            logits, corrections = self.judge(self.described(images, own))
            return region_losses(logits, corrections, torch.cat(labels), torch.cat(offsets))
        own = [part[: self.most] for part in own]
        logits, corrections = self.judge(self.described(images, own))
        found = self.judge.postprocess_detections(logits, corrections, own, [size] * len(images))
        return [dict(zip(("boxes", "scores", "labels"), each, strict=True)) for each in zip(*found, strict=True)]


def region_losses(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> dict[str, Tensor]:
    """Return the losses of n regions (equations 1 to 3): cross-entropy, and smooth L1 of the offsets of targets.

    Args:
        logits: (n, classes), background first.
        offsets: (n, 4 × classes), of each class apart.
        labels: Class of each region (n); 0 for background.
        wanted: Coded boxes (n, 4), read where the label is above 0.
    """
    targets = labels > 0
    own = offsets.reshape(len(labels), -1, 4)[targets, labels[targets]]
    apart = smooth_l1_loss(own, wanted[targets], beta=1.0, reduction="sum")
    return {"loss_classifier": cross_entropy(logits, labels), "loss_box_reg": apart / len(labels)}
