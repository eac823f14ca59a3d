"""Scores of boxes on the validation split, of all ranks together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torchmetrics.detection import MeanAveragePrecision

from trainers.models.detectors.detector import Target

__all__ = ["BoxScores"]


class BoxScores:
    """Collects what was found and what is true, batch by batch."""

    def __init__(self) -> None:
        """Start from zero."""
        self._precision = MeanAveragePrecision(iou_thresholds=[0.5], backend="pycocotools")
        self._precision.warn_on_many_detections = False

    def update(self, found: Sequence[Mapping[str, Tensor]], targets: Sequence[Target], classes: int) -> None:
        """Count a batch; a found box mostly within an ignored one is neither right nor wrong."""
        kept = [{name: each[name].float() if name != "labels" else each[name] for name in FOUND} for each in found]
        self._precision.to(targets[0]["boxes"].device).update(kept, [_with_crowds(own, classes) for own in targets])

    def compute(self) -> dict[str, float]:
        """Return ap50, 0–1: COCO's average precision at IoU ≥ .5, the mean over classes; 0 where nothing is true."""
        return {"ap50": max(0.0, float(self._precision.compute()["map_50"]))}


FOUND = ("boxes", "scores", "labels")


def _with_crowds(target: Target, classes: int) -> dict[str, Tensor]:
    """Return a target as COCO has it: what is to be ignored is a crowd of each class."""
    ignored, labels = target["ignored"], target["labels"]
    every = torch.arange(1, classes + 1, device=labels.device).repeat(len(ignored))
    return {
        "boxes": torch.cat([target["boxes"], ignored.repeat_interleave(classes, dim=0)]),
        "labels": torch.cat([labels, every]),
        "iscrowd": torch.cat([torch.zeros_like(labels), torch.ones_like(every)]),
    }
