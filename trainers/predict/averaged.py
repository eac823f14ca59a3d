"""Test-time augmentation: a predictor of pixels averaged over mirror images and scales. It costs time, not training."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size
from trainers.config.classes import ClassesConfig
from trainers.config.operating_point import OperatingPoint
from trainers.predict.onnx import OnnxModel
from trainers.predict.protocols import PixelPredictor, Predictor, classes_of, point_of

__all__ = ["SCALES", "Averaged", "averaged"]

SCALES = (0.75, 1.0, 1.25)
STEP = 32  # networks take sides that five halvings divide


@dataclass(frozen=True, slots=True, eq=False)
class Averaged:
    """A `trainers.predict.protocols.PixelPredictor` that asks another one several times.

    Attributes:
        model: Who is asked.
        sizes: (height, width) in which a picture is shown, as it is and mirrored.
    """

    model: PixelPredictor
    sizes: tuple[Size, ...]

    @property
    def title(self) -> str:
        """Name in tables."""
        return f"{self.model.title}, averaged"

    @property
    def size(self) -> Size:
        """(height, width) of the pictures it takes."""
        return self.model.size

    @property
    def operating_point(self) -> OperatingPoint:
        """That of the model."""
        return point_of(self.model)

    @property
    def classes(self) -> ClassesConfig:
        """Those of the model."""
        return classes_of(self.model)

    @property
    def price(self) -> float:
        """Pixels that are looked at, over those that the model alone looks at."""
        return 2 * sum(height * width for height, width in self.sizes) / (self.size[0] * self.size[1])

    def probabilities(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b k h w"]:
        """Return the mean probability of each category, 0–1, for every pixel."""
        found = [self._seen(images, size) for size in self.sizes]
        mean: np.ndarray = np.stack(found).mean(axis=0)
        return mean

    def _seen(self, images: UInt8[np.ndarray, "b h w 3"], size: Size) -> Float32[np.ndarray, "b k h w"]:
        shown = images if size == self.size else np.stack([_resized(image, size) for image in images])
        mirrored = self.model.probabilities(np.ascontiguousarray(shown[:, :, ::-1]))[..., ::-1]
        both = (self.model.probabilities(shown) + mirrored) / 2
        return both if size == self.size else np.stack([[_resized(map_, self.size) for map_ in maps] for maps in both])


def averaged(predictor: Predictor) -> Averaged:
    """Return the predictor averaged over mirror images and `SCALES`; one in ONNX, whose size is fixed, over the former.

    Sides are rounded to what networks take; scales that come to the same are shown once.

    Raises:
        TrainingError: It gives no map that could be averaged.
    """
    if not isinstance(predictor, PixelPredictor):
        raise TrainingError(f"{predictor.title}: predicts no pixels that could be averaged; leave --tta out")
    scales = (1.0,) if isinstance(predictor, OnnxModel) else SCALES
    return Averaged(predictor, tuple(dict.fromkeys(_scaled(predictor.size, scale) for scale in scales)))


def _scaled(size: Size, scale: float) -> Size:
    if scale == 1:
        return size
    height, width = (max(STEP, STEP * round(side * scale / STEP)) for side in size)
    return height, width


def _resized(pixels: np.ndarray, size: Size) -> np.ndarray:
    smaller = size[0] < pixels.shape[0]
    resized: np.ndarray = cv2.resize(
        np.ascontiguousarray(pixels), size[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    )
    return resized
