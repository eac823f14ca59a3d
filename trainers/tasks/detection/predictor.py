"""A trained detector as a predictor of boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor
from torchvision.models.detection.roi_heads import paste_masks_in_image

from synthgen.core.geometry import encode_rle
from synthgen.core.letterbox import Letterbox
from synthgen.core.picture import Boxes
from synthgen.core.types import AnyRGB, Size
from trainers.config.classes import ClassesConfig
from trainers.config.detection import DetectionConfig
from trainers.tasks.detection.proposing import store_of
from trainers.tasks.trained_predictor import TrainedPredictor

__all__ = ["Finder"]

BATCH = 8
Shown = UInt8[np.ndarray, "b h w 3"]


@dataclass(frozen=True, slots=True, eq=False)
class Finder(TrainedPredictor):
    """A `trainers.predict.protocols.BoxPredictor`; its point says from which score a box counts."""

    @property
    def classes(self) -> ClassesConfig:
        """What it tells apart, in the order of its labels."""
        config = self.model.config
        assert isinstance(config, DetectionConfig)
        return config

    def boxes(self, images: Sequence[AnyRGB]) -> list[Boxes]:
        """Return the boxes of each picture, surest first, in its own pixels, with masks where the network finds them.

        All above a low score are told, so that precision and recall can be traced; who decides goes by the operating
        point.
        """
        found: list[Boxes] = []
        for first in range(0, len(images), BATCH):
            part = images[first : first + BATCH]
            fits = [Letterbox((image.shape[0], image.shape[1]), self.size) for image in part]
            shown = np.stack([fit.put(image) for fit, image in zip(fits, part, strict=True)])
            outputs = self.model.outputs(shown, **self._told(shown))
            found += [self._boxes(output, fit) for output, fit in zip(outputs, fits, strict=True)]
        return found

    def _told(self, shown: Shown) -> dict[str, list[Tensor]]:
        """Return what the network has to be told beside the pictures: the regions to look at, if it finds none."""
        config = self.model.config
        assert isinstance(config, DetectionConfig)
        if not config.needs_proposals:
            return {}
        store = store_of(config)
        return {"regions": [torch.from_numpy(store.of(image)) for image in shown]}

    def _boxes(self, output: Mapping[str, Tensor], fit: Letterbox) -> Boxes:
        parts = {name: value.float().cpu() for name, value in output.items()}
        xyxy = fit.boxes_back(parts["boxes"].numpy())
        left = np.flatnonzero((xyxy[:, 2:] > xyxy[:, :2]).all(axis=1))  # not in the bars beside the picture
        own = self.classes.names or ("",)
        names = [own[int(label) - 1] for label in parts["labels"][left]]
        masks = _masks(parts["masks"][left], xyxy[left], fit.frame) if "masks" in parts else None
        return Boxes.of(xyxy[left], names, parts["scores"][left].numpy(), masks=masks)


def _masks(found: Tensor, xyxy: np.ndarray, frame: Size) -> list[bytes]:
    """Return the run lengths over the whole picture of masks (n, 1, 28, 28) as they lie in their boxes.

    They are pasted one by one, as all of them at a picture's own size would fill the memory.
    """
    boxes = torch.from_numpy(xyxy)
    pasted = (paste_masks_in_image(mask[None], box[None], frame) for mask, box in zip(found, boxes, strict=True))
    return [encode_rle(mask[0, 0].numpy() >= 0.5) for mask in pasted]
