"""How pictures of one size become those of another that the network sees: fitted in whole, or random resized crops.

A picture that is made smaller is averaged, one that is made larger is interpolated; instance numbers are neither.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import cv2
import numpy as np
from jaxtyping import UInt8

from synthgen.core.errors import TrainingError
from synthgen.core.letterbox import FITS, Fit
from synthgen.core.picture import Boxes, Truth
from synthgen.core.types import RGB, Size
from trainers.config.crop import Crop

__all__ = ["Fitted", "RandomCrop", "View", "view_of"]

Shown = UInt8[np.ndarray, "height width 3"]
Window = tuple[int, int, int, int]  # top, left, height, width


@runtime_checkable
class View(Protocol):
    """Turns a picture and its truth into those that the network sees."""

    @property
    def size(self) -> Size:
        """(height, width) of what it gives."""
        ...

    def __call__(self, image: RGB, truth: Truth, epoch: int, row: int) -> tuple[Shown, Truth]:
        """Return picture and truth, both of `size`; called from several threads."""
        ...


def view_of(source: Size, size: Size | None, crop: Crop | None, seed: int) -> View | None:
    """Return the view of pictures of `source` at `size`, their own by default; None where they stay as they are."""
    if crop is not None:
        return RandomCrop(size or source, crop, seed)
    return None if size in (None, source) else Fitted(size or source)


class Fitted:
    """The whole picture, scaled to fit and centred on black, or stretched, as it is when a network predicts."""

    def __init__(self, size: Size, fit: Fit = "letterbox") -> None:
        """Fit into `size`."""
        self.size, self._fit = size, FITS[fit]

    def __call__(self, image: RGB, truth: Truth, epoch: int, row: int) -> tuple[Shown, Truth]:
        """Return both, fitted in; the black beside them shows no target."""
        box = self._fit((image.shape[0], image.shape[1]), self.size)
        return _Part((0, 0, *box.frame), (*box.corner, *box.inner), self.size).of(image, truth)


class RandomCrop:
    """A part of the picture, as `Crop` describes it; draws from (seed, epoch, row)."""

    def __init__(self, size: Size, crop: Crop, seed: int, fit: Fit = "letterbox") -> None:
        """Give pictures of `size`; those that are not cropped are fitted in."""
        self.size = size
        self._crop, self._seed, self._whole = crop, seed, Fitted(size, fit)

    def __call__(self, image: RGB, truth: Truth, epoch: int, row: int) -> tuple[Shown, Truth]:
        """Return a part of both, or both fitted in. Boxes are cut with the picture, and those outside are left out.

        Raises:
            TrainingError: The truth has a label, which a part of the picture may belie.
        """
        if truth.label is not None:
            raise TrainingError("crop may leave out what a label tells of, and this task learns from labels; set none")
        rng = np.random.default_rng(np.random.SeedSequence((self._seed, epoch, row), spawn_key=(1,)))
        if rng.random() >= self._crop.probability:
            return self._whole(image, truth, epoch, row)
        window = self._window((image.shape[0], image.shape[1]), rng)
        return _Part(window, (0, 0, *self.size), self.size).of(image, truth)

    def _window(self, frame: Size, rng: np.random.Generator) -> Window:
        low, high = math.log(self._crop.ratio.min), math.log(self._crop.ratio.max)
        aspect = math.exp(rng.uniform(low, high)) * self.size[1] / self.size[0]
        height = math.sqrt(self._crop.scale.draw(rng) * frame[0] * frame[1] / aspect)
        fits = min(1.0, frame[0] / height, frame[1] / (height * aspect))
        rows, columns = max(1, round(height * fits)), max(1, round(height * aspect * fits))
        top, left = (int(rng.integers(most + 1)) for most in (frame[0] - rows, frame[1] - columns))
        return top, left, rows, columns


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a picture, and where it lies within `size`."""

    source: Window
    target: Window
    size: Size

    def of(self, image: RGB, truth: Truth) -> tuple[Shown, Truth]:
        smaller = self.target[2] * self.target[3] < self.source[2] * self.source[3]
        moved = replace(
            truth,
            mask=None if truth.mask is None else self._moved(truth.mask, cv2.INTER_NEAREST_EXACT),
            ignore=None
            if truth.ignore is None
            else self._moved(truth.ignore.astype(np.uint8), cv2.INTER_NEAREST_EXACT) > 0,
            boxes=None if truth.boxes is None else self._boxes(truth.boxes),
        )
        return self._moved(image, cv2.INTER_AREA if smaller else cv2.INTER_LINEAR), moved

    def _moved(self, pixels: np.ndarray, interpolation: int) -> np.ndarray:
        part = pixels[_slices(self.source)]
        canvas = np.zeros((*self.size, *pixels.shape[2:]), np.uint8)
        canvas[_slices(self.target)] = cv2.resize(part, self.target[:1:-1], interpolation=interpolation)
        return canvas

    def _boxes(self, boxes: Boxes) -> Boxes:
        (top, left, height, width), (onto, beside, rows, columns) = self.source, self.target
        scale = np.array([columns / width, rows / height] * 2, np.float32)
        moved = (boxes.xyxy - np.array([left, top] * 2, np.float32)) * scale
        cut = np.clip(moved, 0, np.array([columns, rows] * 2)) + np.array([beside, onto] * 2)
        within = (cut[:, 2] - cut[:, 0] >= 1) & (cut[:, 3] - cut[:, 1] >= 1)
        return replace(boxes, xyxy=cut.astype(np.float32)).select(within)


def _slices(window: Window) -> tuple[slice, slice]:
    top, left, height, width = window
    return slice(top, top + height), slice(left, left + width)
