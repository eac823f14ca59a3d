"""The measures of weakly supervised localization: known values, and what their authors publish."""

import cv2
import numpy as np
import pytest

import wsol_oracle
from trainers.localize.judging.wsol import (
    DELTAS,
    best_overlaps,
    box_of,
    grey_levels,
    inclusive,
    inclusive_iou,
    max_box_acc,
    pixel_histogram,
    pointing,
    px_ap,
    ranked_within,
)

ONCE = np.ones((1, 4))


def smooth(seed, size=(40, 56), about=None):
    """A heat map of 0–1 with several hills, and a higher one over a box."""
    coarse = np.random.default_rng(seed).random((6, 8), np.float32) ** 2
    found = cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)
    if about is not None:
        x0, y0, x1, y1 = about.astype(int)
        found[y0:y1, x0:x1] += 0.4 * seed
    return ((found - found.min()) / (found.max() - found.min())).astype(np.float32)


@pytest.fixture(scope="module")
def pictures():
    """Four maps with one or two true boxes each, and their masks with an ignored stripe."""
    boxes = [
        np.array([[5 + 3 * n, 4, 30 + 3 * n, 29], *([[35, 20, 50, 38]] if n % 2 else [])], float) for n in range(4)
    ]
    maps = [smooth(seed, about=own[0]) for seed, own in enumerate(boxes)]
    masks = []
    for own in boxes:
        mask = np.zeros((40, 56), np.uint8)
        for x0, y0, x1, y1 in own.astype(int):
            mask[y0 : y1 + 1, x0 : x1 + 1] = 1
        mask[:, 10:13] = 255
        masks.append(mask)
    return maps, boxes, masks


def test_the_iou_of_boxes_counts_their_last_pixels():
    assert inclusive_iou(np.array([[1, 2, 5, 6]]), np.array([[3, 1, 4, 5]])) == pytest.approx(8 / 27, abs=1e-15)
    assert inclusive(np.array([[1, 2, 6, 7]])).tolist() == [[1, 2, 5, 6]]


def test_max_box_acc_is_what_its_authors_compute(pictures):
    maps, boxes, _ = pictures
    overlaps = [best_overlaps(heat, own) for heat, own in zip(maps, boxes, strict=True)]
    levels = [grey_levels(heat) for heat in maps]
    largest, every = (np.stack([own[kind][at] for own, at in zip(overlaps, levels, strict=True)]) for kind in (0, 1))
    single = max_box_acc(ONCE, largest >= 0.5)[0]
    second = np.mean([max_box_acc(ONCE, every >= delta)[0] for delta in DELTAS])
    assert 0 < single < 1  # or the test would tell nothing
    assert 100 * single == pytest.approx(wsol_oracle.max_box_acc(maps, boxes, [0.5], multi=False))
    assert 100 * second == pytest.approx(wsol_oracle.max_box_acc(maps, boxes, DELTAS, multi=True))


def test_px_ap_is_what_its_authors_compute(pictures):
    maps, _, masks = pictures
    counted = [pixel_histogram(heat, mask == 1, mask == 255) for heat, mask in zip(maps, masks, strict=True)]
    assert 100 * px_ap(np.sum(counted, axis=0)[None])[0] == pytest.approx(wsol_oracle.px_ap(maps, masks), abs=1e-9)


def test_px_ap_of_a_perfect_map_is_1_and_of_a_constant_one_the_share_of_the_target():
    truth = np.zeros((20, 30), bool)
    truth[3:9, 4:12] = True
    assert px_ap(pixel_histogram(truth.astype(np.float32), truth, None)[None])[0] == pytest.approx(1, abs=1e-15)
    for value in (0.0, 0.4, 1.0):
        constant = np.full(truth.shape, value, np.float32)
        assert px_ap(pixel_histogram(constant, truth, None)[None])[0] == pytest.approx(truth.mean(), abs=1e-15)


def test_px_ap_without_a_target_is_none():
    nothing = np.zeros((4, 4), bool)
    assert np.isnan(px_ap(pixel_histogram(smooth(0, (4, 4)), nothing, None)[None])[0])


def test_px_ap_pools_pixels_in_each_resample(pictures):
    maps, _, masks = pictures
    counted = np.stack([pixel_histogram(heat, mask == 1, None) for heat, mask in zip(maps, masks, strict=True)])
    weights = np.array([[1, 1, 1, 1], [2, 0, 1, 1]])
    found = px_ap(np.tensordot(weights, counted, axes=1))
    assert found.tolist() == px_ap(np.stack([counted.sum(axis=0), 2 * counted[0] + counted[2] + counted[3]])).tolist()


def test_the_box_of_a_mask_is_that_of_its_largest_contour_and_ends_within_the_picture():
    mask = np.zeros((10, 12), bool)
    mask[1:3, 1:3] = True
    mask[4:10, 5:12] = True
    assert box_of(mask).tolist() == [[5, 4, 11, 9]]
    mask[4:10, 5:12] = False
    assert box_of(mask).tolist() == [[1, 1, 3, 3]]  # x0 + width, as the authors have it
    assert box_of(np.zeros((10, 12), bool)).tolist() == [[0, 0, 0, 0]]


def test_a_finger_points_at_the_highest_pixel_and_at_any_of_equally_high_ones():
    target = np.zeros((4, 5), bool)
    target[1, 1:3] = True
    heat = np.zeros((4, 5), np.float32)
    heat[1, 2] = 1
    assert pointing(heat, target, None) == 1
    heat[3, 3] = 1
    assert pointing(heat, target, None) == 0.5
    ignore = np.zeros((4, 5), bool)
    ignore[3, 3] = True
    assert pointing(heat, target, ignore) == 1
    assert pointing(np.ones((4, 5), np.float32), target, None) == pytest.approx(target.mean())


def test_a_class_is_among_the_first_guesses_whatever_comes_after():
    fits = np.array([0.1, 0.9, 0.5, 0.5], np.float32)
    assert [ranked_within(fits, own, 1) for own in range(4)] == [False, True, False, False]
    assert [ranked_within(fits, own, 2) for own in range(4)] == [False, True, True, False]  # of equal ones the first
    assert ranked_within(fits, 0, 5)
