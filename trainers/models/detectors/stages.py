"""What a packaged detector is made of: names of its graphs, inputs and outputs, and what is chosen between two stages.

No torch in here: whoever runs a package needs none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int, Int64

from synthgen.core.config import Model
from trainers.models.detectors.selection import Selection, select

__all__ = [
    "BOXES",
    "FILES",
    "INPUT",
    "LABELS",
    "MAPS",
    "MASKS",
    "ONNX_FILE",
    "PROPOSALS",
    "REGIONS",
    "SELECTION",
    "STAGES",
    "Found",
    "Stages",
    "found_of",
]

ONNX_FILE = "model.onnx"  # of what is one graph
INPUT = "images"  # uint8 (batch, height, width, 3)
BOXES = "boxes"
SELECTION = "selection"  # key of the metadata of one stage
FILES = {"trunk": "trunk.onnx", "head": "head.onnx", "masks": "masks.onnx"}
PROPOSALS = "proposals"  # float32 (batch, n, 5): x0, y0, x1, y1 in pixels of the input, score
MAPS = ("map_8", "map_16", "map_32")  # float32 (batch, channels, h, w), by their strides
REGIONS = "regions"  # float32 (m, 5): number of the picture, x0, y0, x1, y1
LABELS = "labels"  # int64 (m), from 1
MASKS = "masks"  # float32 (m, 28, 28), of the pixels in each region
STAGES = "stages"  # key of the trunk's metadata


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


def _numbered(kept: Sequence[Float32[np.ndarray, "_m 4"]]) -> Float32[np.ndarray, "m 5"]:
    """Put boxes of pictures below each other, each after the number of its picture."""
    numbered = [np.insert(boxes, 0, number, axis=1) for number, boxes in enumerate(kept)]
    return np.concatenate([np.zeros((0, 5), np.float32), *numbered]).astype(np.float32)
