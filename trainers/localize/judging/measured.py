"""What is measured on one map of one picture, wherever jobs run. No torch in here: workers start without it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, Float32, UInt32

from synthgen.core.picture import Picture
from synthgen.core.types import AnyCoverage
from trainers.config.localizer import PostProcessing
from trainers.localize.heat import heat_map, mask_of
from trainers.localize.judging.bench import Bench, Kind, target_of, true_boxes
from trainers.localize.judging.grid import box_measures, grid_measures
from trainers.localize.judging.overlap import MEASURES, measures_of
from trainers.localize.judging.wsol import (
    DELTAS,
    best_overlaps,
    box_of,
    grey_levels,
    inclusive_iou,
    pixel_histogram,
    pointing,
)

__all__ = ["MapJob", "OfMap", "map_job", "of_map", "of_mask"]

RIGHT = DELTAS[1]  # IoU from which a box is right, for MaxBoxAcc and GT-known

Coarse = Float32[np.ndarray, "_down _across"]
Table = Float32[np.ndarray, "measures settings thresholds"]


@dataclass(frozen=True, slots=True, eq=False)
class MapJob:
    """One map of one picture.

    Attributes:
        place: Among all jobs.
        row: Of the map, among the answers of all localizers to all sentences.
        number: The picture's, in the bench.
        positive: Whether what is below 0 counts as nothing.
        scored: Whether the picture is scored, and does not only choose.
    """

    place: int
    row: int
    number: int
    positive: bool
    scored: bool


@dataclass(frozen=True, slots=True, eq=False)
class OfMap:
    """What is measured on a map, whatever makes a mask of it. It is enlarged bilinearly.

    Attributes:
        pointing: The pointing game, 0–1.
        histogram: Of its pixels, for PxAP; None where no mask is known.
        right: Whether its largest contour's box is right at each threshold, then whether any contour's is for each of
            `DELTAS`.
    """

    pointing: float
    histogram: UInt32[np.ndarray, "2 levels"] | None
    right: Bool[np.ndarray, "4 thresholds"]


def map_job(job: MapJob, bench: Bench, maps: tuple[tuple[Coarse, ...], ...]) -> tuple[Table, OfMap | None]:
    """Run the whole grid on a map; where its picture is scored, measure also what needs no choice."""
    cv2.setNumThreads(1)  # one process a core: cv2's own threads would fight the other workers
    picture, relevance = bench.picture(job.number), maps[job.row][job.number]
    truth = picture.truth
    if bench.kind == "boxes":
        table = box_measures(relevance, true_boxes(truth), picture.size, positive=job.positive)
    else:
        target = target_of(truth, bench.kind, picture.size)
        table = grid_measures(relevance, target, truth.ignore, positive=job.positive)
    return table, of_map(relevance, picture, bench.kind, positive=job.positive) if job.scored else None


def of_map(relevance: Coarse, picture: Picture, kind: Kind, *, positive: bool) -> OfMap:
    """Measure what needs no choice.

    Args:
        relevance: The coarse map.
        picture: With its truth.
        kind: What of the truth is compared.
        positive: Whether what is below 0 counts as nothing.
    """
    truth, target = picture.truth, target_of(picture.truth, kind, picture.size)
    heat = heat_map(relevance, picture.size, "bilinear", positive=positive)
    largest, every = best_overlaps(heat, true_boxes(truth))
    levels = grey_levels(heat)
    right = np.stack([largest[levels] >= RIGHT, *(every[levels] >= delta for delta in DELTAS)])
    histogram = pixel_histogram(heat, target, truth.ignore).astype(np.uint32) if kind == "masks" else None
    return OfMap(pointing(heat, target, truth.ignore), histogram, right)


def of_mask(
    relevance: Coarse, picture: Picture, kind: Kind, post: PostProcessing, *, positive: bool
) -> dict[str, float]:
    """Measure the mask that `post` makes of a map.

    Of masks these are `trainers.localize.judging.overlap.MEASURES`, and how many connected parts there are before and
    after morphology; of boxes the IoU of the largest contour's box. Of both gt_known, whether that box is right.

    Args:
        relevance: The coarse map.
        picture: With its truth.
        kind: What of the truth is compared.
        post: What makes a mask of it.
        positive: Whether what is below 0 counts as nothing.
    """
    truth, size = picture.truth, picture.size
    heat = heat_map(relevance, size, post.interpolation, positive=positive)
    mask = mask_of(heat, post)
    box_iou = float(inclusive_iou(box_of(mask), true_boxes(truth)).max())
    known = {"gt_known": float(box_iou >= RIGHT)}
    if kind == "boxes":
        return {"iou": box_iou, **known}
    parts = {"parts_before": _parts(heat >= post.threshold), "parts_after": _parts(mask)}
    return {**_mask_figures(mask, target_of(truth, kind, size), truth.ignore), **known, **parts}


def _mask_figures(found: AnyCoverage, target: AnyCoverage, ignore: AnyCoverage | None) -> dict[str, float]:
    kept, wanted = (each if ignore is None else each & ~ignore for each in (found, target))
    tp = np.count_nonzero(kept & wanted)
    values = measures_of(np.array([tp]), np.array([np.count_nonzero(kept) - tp]), int(np.count_nonzero(wanted)))
    return dict(zip(MEASURES, values[:, 0].tolist(), strict=True))


def _parts(mask: AnyCoverage) -> float:
    return float(cv2.connectedComponents(mask.astype(np.uint8))[0] - 1)
