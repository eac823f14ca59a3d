"""The grid of ways from a coarse map to a mask, and what each is worth on one picture. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import numpy as np
from jaxtyping import Float32, Float64

from synthgen.core.types import Coverage, Size
from trainers.config.localizer import Interpolation, PostProcessing
from trainers.localize.heat import cleaned, heat_map, kernel_side
from trainers.localize.judging.overlap import MEASURES, THRESHOLDS, counted, levels_of, measures_of
from trainers.localize.judging.wsol import best_overlaps

__all__ = ["BOX_AXES", "KERNELS", "MASK_AXES", "SIDE", "Axes", "box_measures", "grid_measures"]

SIDE = 256
"""Longer side of a picture for which the kernels are given."""
KERNELS = (11, 21, 31, 41, 51, 61)
"""Sides of the kernels in pixels of such a picture. One of 1 changes nothing: that is order "none", counted once."""

INTERPOLATIONS: tuple[Interpolation, ...] = ("bilinear", "nearest", "bicubic")  # of equal ones the first is chosen


def _settings(interpolation: Interpolation) -> Iterator[PostProcessing]:
    yield PostProcessing(interpolation=interpolation)
    for kernel in KERNELS:
        yield PostProcessing(interpolation=interpolation, order="dilate_erode", kernel=kernel / SIDE)
        yield PostProcessing(interpolation=interpolation, order="erode_dilate", kernel=kernel / SIDE)


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """What is tried on a map.

    Attributes:
        measures: What each try is worth; by the first it is chosen.
        settings: Interpolations and morphologies; their thresholds mean nothing.
        thresholds: Tried with each of them, rising.
    """

    measures: tuple[str, ...]
    settings: tuple[PostProcessing, ...]
    thresholds: Float64[np.ndarray, " t"]

    def at(self, setting: int, threshold: int) -> PostProcessing:
        """Return a try by its place."""
        return self.settings[setting].model_copy(update={"threshold": float(self.thresholds[threshold])})

    def setting_of(self, post: PostProcessing) -> int | None:
        """Return the place of a setting, whatever its threshold; None where it is not tried."""
        bare = [each.model_copy(update={"threshold": post.threshold}) for each in self.settings]
        return bare.index(post) if post in bare else None


MASK_AXES = Axes(MEASURES, tuple(post for name in INTERPOLATIONS for post in _settings(name)), THRESHOLDS)
"""Every interpolation with every morphology at every threshold, for masks."""
assert set(INTERPOLATIONS) == set(get_args(Interpolation))

BOX_AXES = Axes(("iou",), (PostProcessing(),), np.arange(1, 256) / 255)
"""Where boxes alone are known: the grey levels of a map × 255, without morphology."""


def grid_measures(
    relevance: Float32[np.ndarray, "_down _across"], truth: Coverage, ignore: Coverage | None, *, positive: bool
) -> Float32[np.ndarray, "measures settings thresholds"]:
    """Return the measures of one picture along `MASK_AXES`.

    Args:
        relevance: The coarse map.
        truth: Pixels of the target.
        ignore: Pixels that do not count.
        positive: Whether what is below 0 counts as nothing.
    """
    size = (truth.shape[0], truth.shape[1])
    positives = int(np.count_nonzero(truth if ignore is None else truth & ~ignore))
    found = np.empty((len(MEASURES), len(MASK_AXES.settings), len(THRESHOLDS)), np.float32)
    levels = {name: levels_of(heat_map(relevance, size, name, positive=positive)) for name in INTERPOLATIONS}
    for place, post in enumerate(MASK_AXES.settings):
        clean = cleaned(levels[post.interpolation], post.order, kernel_side(post.kernel, size))
        found[:, place] = measures_of(*counted(clean, truth, ignore), positives)
    return found


def box_measures(
    relevance: Float32[np.ndarray, "_down _across"], boxes: Float64[np.ndarray, "n 4"], size: Size, *, positive: bool
) -> Float32[np.ndarray, "measures settings thresholds"]:
    """Return the measures of one picture along `BOX_AXES`: the IoU of the largest contour's box.

    Args:
        relevance: The coarse map.
        boxes: The true ones, inclusive.
        size: (height, width) of the picture.
        positive: Whether what is below 0 counts as nothing.
    """
    (post,) = BOX_AXES.settings
    largest, _ = best_overlaps(heat_map(relevance, size, post.interpolation, positive=positive), boxes)
    return largest[None, None, :255].astype(np.float32)
