"""Selective search (Uijlings et al. 2013): regions merged by likeness; the box of every region is a proposal.

The first regions are those of Felzenszwalb and Huttenlocher (2004), as scikit-image finds them. How alike two
neighbours are is the sum of four numbers: of colour, of texture, of size, and of how well they fill each other's
gaps (equations 1 to 4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32, Float64, Int16, Int64
from scipy.ndimage import find_objects
from skimage.segmentation import felzenszwalb

from synthgen.core.types import RGB
from trainers.compiled.grouping import merged_boxes

__all__ = ["SelectiveSearch"]

COLOUR_BINS, TEXTURE_BINS, DIRECTIONS = 25, 10, 8
TEXTURE_SIGMA = 1.0  # pixels


@dataclass(frozen=True, slots=True)
class SelectiveSearch:
    """The published single strategy: one first segmentation, all four similarities.

    Attributes:
        scale: k of Felzenszwalb and Huttenlocher, for values of 0–255: larger ones make larger first regions.
        sigma: Of the blur before it, pixels.
        least: Pixels of the smallest first region.
        most: Number of proposals to keep.
    """

    scale: float = 150.0
    sigma: float = 0.8
    least: int = 100
    most: int = 2000

    def __call__(self, image: RGB) -> Int16[np.ndarray, "n 4"]:
        """Return distinct boxes (x0, y0, x1, y1), half-open, in pixels of the picture.

        Their order is the paper's: a region's place in the hierarchy times a random number, here of a fixed generator,
        so that the same picture always gives the same boxes.
        """
        regions = self.regions(image)
        boxes = _grouped(image, regions)
        rank = np.arange(len(boxes), 0, -1) * np.random.default_rng(0).random(len(boxes))
        ordered = boxes[np.argsort(rank, kind="stable")]
        _, places = np.unique(ordered, axis=0, return_index=True)
        return ordered[np.sort(places)[: self.most]].astype(np.int16)

    def regions(self, image: RGB) -> Int64[np.ndarray, "h w"]:
        """Return the first regions, numbered from 0."""
        found: np.ndarray = felzenszwalb(image, scale=self.scale, sigma=self.sigma, min_size=self.least)
        return found


def _grouped(image: RGB, regions: Int64[np.ndarray, "h w"]) -> Int64[np.ndarray, "m 4"]:
    """Return the boxes of the first regions and of all merged ones."""
    count, numbers = int(regions.max()) + 1, regions.ravel()
    return merged_boxes(
        _neighbours(regions, count),
        np.bincount(numbers, minlength=count).astype(np.float64),
        _boxes(regions),
        _histograms(_hsv(image), numbers, count, COLOUR_BINS),
        _histograms(_gradients(image), numbers, count, TEXTURE_BINS),
        numbers.size,
    )


def _neighbours(regions: Int64[np.ndarray, "h w"], count: int) -> Int64[np.ndarray, "p 2"]:
    """Return each pair of regions that share an edge of a pixel."""
    beside = (regions[:, :-1].ravel(), regions[:, 1:].ravel())
    below = (regions[:-1].ravel(), regions[1:].ravel())
    one, two = (np.concatenate(parts) for parts in zip(beside, below, strict=True))
    keys = np.unique(np.minimum(one, two) * count + np.maximum(one, two))
    pairs = np.stack(np.divmod(keys, count), axis=1)
    distinct: np.ndarray = pairs[pairs[:, 0] != pairs[:, 1]]
    return distinct


def _boxes(regions: Int64[np.ndarray, "h w"]) -> Int64[np.ndarray, "n 4"]:
    windows = find_objects(regions + 1)
    return np.array([(across.start, down.start, across.stop, down.stop) for down, across in windows], np.int64)


def _hsv(image: RGB) -> Float32[np.ndarray, "h w 3"]:
    """Return hue, saturation and value, each from 0 to below 1."""
    hsv = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    shares: np.ndarray = hsv / np.array([360, 1, 1], np.float32)
    return shares


def _gradients(image: RGB) -> Float32[np.ndarray, "h w channels"]:
    """Return Gaussian derivatives of each channel in eight directions, as shares of the largest in the picture."""
    smooth = cv2.GaussianBlur(image.astype(np.float32), (0, 0), TEXTURE_SIGMA)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=1), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=1)
    turns = [2 * math.pi * number / DIRECTIONS for number in range(DIRECTIONS)]
    found = np.concatenate([across * math.cos(turn) + down * math.sin(turn) for turn in turns], axis=2)
    shares: np.ndarray = np.maximum(found, 0) / max(float(found.max()), 1e-6)
    return shares


def _histograms(
    values: Float32[np.ndarray, "h w channels"], numbers: Int64[np.ndarray, " pixels"], count: int, bins: int
) -> Float64[np.ndarray, "n channels_by_bins"]:
    """Return of each region a histogram of each channel, all of them together adding up to 1."""
    channels = values.shape[2]
    found = np.empty((count, channels, bins))
    for channel in range(channels):
        places = np.minimum((values[..., channel].ravel() * bins).astype(np.int64), bins - 1)
        found[:, channel] = np.bincount(numbers * bins + places, minlength=count * bins).reshape(count, bins)
    flat = found.reshape(count, -1)
    shares: np.ndarray = flat / flat.sum(axis=1, keepdims=True)
    return shares
