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
from jaxtyping import Float32, Int, Int64

from synthgen.core.config import Model
from synthgen.core.errors import TrainingError
from synthgen.core.geometry import encode_rle
from synthgen.core.letterbox import Letterbox
from synthgen.core.picture import Boxes
from synthgen.core.types import RGB, Coverage, Size
from trainers.config.classes import ClassesConfig
from trainers.config.operating_point import OperatingPoint
from trainers.predict.onnx import INPUT, Told, open_session, told_of
from trainers.predict.selection import Selection, select

__all__ = [
    "FILES",
    "LABELS",
    "MAPS",
    "MASKS",
    "PROPOSALS",
    "REGIONS",
    "STAGES",
    "Found",
    "OnnxStages",
    "Stages",
    "found_of",
    "load_stages",
    "pasted",
]

FILES = {"trunk": "trunk.onnx", "head": "head.onnx", "masks": "masks.onnx"}
PROPOSALS = "proposals"  # float32 (batch, n, 5): x0, y0, x1, y1 in pixels of the input, score
MAPS = ("map_8", "map_16", "map_32")  # float32 (batch, channels, h, w), by their strides
REGIONS = "regions"  # float32 (m, 5): number of the picture, x0, y0, x1, y1
LABELS = "labels"  # int64 (m), from 1
MASKS = "masks"  # float32 (m, 28, 28), of the pixels in each region
STAGES = "stages"  # key of the trunk's metadata
BATCH = 8
BORDER = 1  # cells around a mask that is pasted


class Stages(Model):
    """What counts between the stages.

    Attributes:
        levels: How many proposals each level of the pyramid makes; together they are all of a picture.
        proposals: Which are looked at by the head; those of two levels do not suppress each other.
        boxes: Which are told at last; those of two classes do not suppress each other.
    """

    levels: tuple[int, ...]
    proposals: Selection
    boxes: Selection

    def regions(self, proposals: Float32[np.ndarray, "b n 5"]) -> Float32[np.ndarray, "m 5"]:
        """Return the proposals that the head looks at: number of the picture, x0, y0, x1, y1."""
        levels = np.repeat(np.arange(len(self.levels)), self.levels)
        kept = [own[select(own[:, :4], own[:, 4], levels, self.proposals), :4] for own in proposals]
        return _numbered(kept)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Boxes of some pictures.

    Attributes:
        regions: Number of the picture, x0, y0, x1, y1 in pixels of the input (d, 5).
        labels: Class of each box, from 1 (d).
        scores: Of each box, 0–1 (d).
    """

    regions: Float32[np.ndarray, "d 5"]
    labels: Int64[np.ndarray, " d"]
    scores: Float32[np.ndarray, " d"]


def found_of(
    boxes: Float32[np.ndarray, "m classes 5"], pictures: Int[np.ndarray, " m"], count: int, selection: Selection
) -> Found:
    """Return what is told of `count` pictures, surest first in each.

    Args:
        boxes: What the head says of each region.
        pictures: The number of the picture of each region.
        count: Of the pictures.
        selection: What counts.
    """
    regions, labels, scores = [], [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    for number in range(count):
        own = boxes[pictures == number]
        classes = np.tile(np.arange(1, own.shape[1] + 1), len(own))
        every = own.reshape(-1, 5)
        places = select(every[:, :4], every[:, 4], classes, selection)
        regions.append(every[places, :4])
        labels.append(classes[places])
        scores.append(every[places, 4])
    return Found(_numbered(regions), np.concatenate(labels), np.concatenate(scores))


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

    def boxes(self, images: Sequence[RGB]) -> list[Boxes]:
        """Return the boxes of each picture, surest first, in its own pixels, with masks where the model finds them."""
        found: list[Boxes] = []
        for first in range(0, len(images), BATCH):
            found += self._boxes(images[first : first + BATCH])
        return found

    def _boxes(self, images: Sequence[RGB]) -> list[Boxes]:
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
    wanted = {"trunk": ([INPUT], [PROPOSALS, *MAPS]), "head": ([REGIONS, *MAPS], ["boxes"])}
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


def _numbered(kept: Sequence[Float32[np.ndarray, "_m 4"]]) -> Float32[np.ndarray, "m 5"]:
    """Put boxes of pictures below each other, each after the number of its picture."""
    numbered = [np.insert(boxes, 0, number, axis=1) for number, boxes in enumerate(kept)]
    return np.concatenate([np.zeros((0, 5), np.float32), *numbered]).astype(np.float32)
