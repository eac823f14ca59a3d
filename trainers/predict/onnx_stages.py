"""A packaged detector of two stages in ONNX: a trunk, a head, and perhaps masks; numpy chooses between them.

The trunk gives proposals and maps, `select` leaves regions, the head says what lies in each, `select` leaves boxes, and
the third graph, where there is one, gives the pixels of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from jaxtyping import Float32

from synthgen.core.errors import TrainingError
from synthgen.core.geometry import encode_rle
from synthgen.core.letterbox import Letterbox
from synthgen.core.picture import Boxes
from synthgen.core.types import AnyRGB, Coverage, Size
from trainers.config.classes import ClassesConfig
from trainers.config.operating_point import OperatingPoint
from trainers.models.detectors.stages import (
    BOXES,
    FILES,
    INPUT,
    LABELS,
    MAPS,
    MASKS,
    PROPOSALS,
    REGIONS,
    STAGES,
    Found,
    Stages,
    found_of,
)
from trainers.predict.onnx import Told, open_session, told_of

__all__ = ["OnnxStages", "load_stages", "pasted"]

BATCH = 8
BORDER = 1  # cells around a mask that is pasted


@dataclass(frozen=True, slots=True, eq=False)
class OnnxStages:
    """A `trainers.predict.protocols.BoxPredictor`.

    Attributes:
        trunk: Pictures → proposals and maps.
        head: Regions and maps → boxes of each class.
        masks: Regions, labels and maps → pixels; None where the model finds none.
        stages: What counts between them.
        told: What the package says of itself.
    """

    trunk: onnxruntime.InferenceSession
    head: onnxruntime.InferenceSession
    masks: onnxruntime.InferenceSession | None
    stages: Stages
    told: Told

    @property
    def session(self) -> onnxruntime.InferenceSession:
        """The first one."""
        return self.trunk

    @property
    def title(self) -> str:
        """Name in tables."""
        return self.told.title

    @property
    def size(self) -> Size:
        """(height, width) that pictures are fitted into."""
        height, width = self.trunk.get_inputs()[0].shape[1:3]
        return height, width

    @property
    def operating_point(self) -> OperatingPoint:
        """From which score a box counts."""
        return self.told.operating_point

    @property
    def classes(self) -> ClassesConfig:
        """What it tells apart, in the order of its labels."""
        return self.told.classes

    def boxes(self, images: Sequence[AnyRGB]) -> list[Boxes]:
        """Return the boxes of each picture, surest first, in its own pixels, with masks where the model finds them."""
        found: list[Boxes] = []
        for first in range(0, len(images), BATCH):
            found += self._boxes(images[first : first + BATCH])
        return found

    def _boxes(self, images: Sequence[AnyRGB]) -> list[Boxes]:
        fits = [Letterbox((image.shape[0], image.shape[1]), self.size) for image in images]
        shown = np.stack([fit.put(image) for fit, image in zip(fits, images, strict=True)])
        proposals, *maps = self.trunk.run(None, {INPUT: shown})
        regions, named = self.stages.regions(proposals), dict(zip(MAPS, maps, strict=True))
        if not len(regions):
            return [Boxes.of([], [], [], masks=None if self.masks is None else [])] * len(images)
        (boxes,) = self.head.run(None, {REGIONS: regions, **named})
        found = found_of(boxes, regions[:, 0].astype(int), len(images), self.stages.boxes)
        masks = None
        if self.masks is not None:
            masks = np.zeros((0, 1, 1), np.float32)
            if len(found.labels):
                (masks,) = self.masks.run(None, {REGIONS: found.regions, LABELS: found.labels, **named})
        return [self._of(number, found, masks, fit) for number, fit in enumerate(fits)]

    def _of(self, number: int, found: Found, masks: Float32[np.ndarray, "d s s"] | None, fit: Letterbox) -> Boxes:
        own = np.flatnonzero(found.regions[:, 0] == number)
        xyxy = fit.boxes_back(found.regions[own, 1:])
        inside = (xyxy[:, 2:] > xyxy[:, :2]).all(axis=1)  # not in the bars beside the picture
        own, xyxy = own[inside], xyxy[inside]
        names = self.classes.names or ("",)
        categories = [names[label - 1] for label in found.labels[own]]
        shown = None
        if masks is not None:
            shown = [encode_rle(pasted(mask, box, fit.frame)) for mask, box in zip(masks[own], xyxy, strict=True)]
        return Boxes.of(xyxy, categories, found.scores[own], masks=shown)


def load_stages(folder: Path) -> OnnxStages:
    """Load the graphs that `synthgen package` wrote into a folder.

    Raises:
        TrainingError: One is missing, damaged, or not of the others.
    """
    trunk, head = (open_session(folder / FILES[name]) for name in ("trunk", "head"))
    masks = open_session(folder / FILES["masks"]) if (folder / FILES["masks"]).exists() else None
    wanted = {"trunk": ([INPUT], [PROPOSALS, *MAPS]), "head": ([REGIONS, *MAPS], [BOXES])}
    wanted["masks"] = ([REGIONS, LABELS, *MAPS], [MASKS])
    for name, session in (("trunk", trunk), ("head", head), ("masks", masks)):
        if session is not None:
            names = [value.name for value in session.get_inputs()], [value.name for value in session.get_outputs()]
            if names != wanted[name]:
                raise TrainingError(
                    f"{folder / FILES[name]}: takes {', '.join(names[0])} and gives {', '.join(names[1])}, unlike a "
                    f"{name} made by `synthgen package`; package the model again"
                )
    text = trunk.get_modelmeta().custom_metadata_map.get(STAGES, "{}")
    try:
        stages = Stages.model_validate_json(text)
    except ValueError as error:
        raise TrainingError(
            f"{folder / FILES['trunk']}: its stages {text[:80]!r} cannot be read; package it again"
        ) from error
    return OnnxStages(trunk, head, masks, stages, told_of(folder / FILES["trunk"], trunk))


def pasted(mask: Float32[np.ndarray, "s s"], box: Float32[np.ndarray, " 4"], frame: Size) -> Coverage:
    """Return where a mask (probabilities within a box) is at least ½ on the whole frame.

    It is torchvision's `paste_masks_in_image`: the mask is bordered by zeros, so that it fades at the edges of its box.
    """
    scale = (len(mask) + 2 * BORDER) / len(mask)
    middle, half = (box[2:] + box[:2]) * np.float32(0.5), (box[2:] - box[:2]) * np.float32(0.5) * np.float32(scale)
    left, top, right, bottom = (int(value) for value in (*(middle - half), *(middle + half)))
    size = max(1, right - left + 1), max(1, bottom - top + 1)
    drawn = cv2.resize(np.pad(mask, BORDER), size, interpolation=cv2.INTER_LINEAR) >= 0.5
    whole = np.zeros(frame, bool)
    rows, columns = slice(max(top, 0), min(bottom + 1, frame[0])), slice(max(left, 0), min(right + 1, frame[1]))
    within = drawn[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    whole[rows, columns] = within
    return whole
