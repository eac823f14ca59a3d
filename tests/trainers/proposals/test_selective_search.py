"""Selective search: every region's box is a proposal, from the first ones to the whole picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainers.compiled.grouping import merged_boxes
from trainers.proposals.selective_search import SelectiveSearch, _gradients, _histograms, _neighbours


def picture():
    """A grey ground with a red square, within which lies a blue one."""
    image = np.full((96, 128, 3), 128, np.uint8)
    image[20:60, 30:80] = (200, 30, 30)
    image[30:44, 40:60] = (20, 20, 200)
    return image


def boxes_of(found):
    return {tuple(box) for box in found.tolist()}


def test_objects_their_parts_and_the_whole_picture_are_proposed():
    assert {(0, 0, 128, 96), (30, 20, 80, 60), (40, 30, 60, 44)} <= boxes_of(SelectiveSearch()(picture()))


def test_the_same_picture_always_gives_the_same_boxes_in_one_order():
    noise = np.random.default_rng(3).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    search = SelectiveSearch(scale=20, least=20)
    first, again = search(noise), search(noise.copy())
    assert np.array_equal(first, again) and len(boxes_of(first)) == len(first)
    few = SelectiveSearch(scale=20, least=20, most=5)(noise)
    assert np.array_equal(few, first[:5])


def test_a_plain_picture_is_one_proposal():
    assert SelectiveSearch()(np.zeros((32, 48, 3), np.uint8)).tolist() == [[0, 0, 48, 32]]


def test_neighbours_share_an_edge_of_a_pixel():
    regions = np.array([[0, 0, 1], [2, 3, 1]])
    assert _neighbours(regions, 4).tolist() == [[0, 1], [0, 2], [0, 3], [1, 3], [2, 3]]


def test_the_most_similar_neighbours_are_merged_first():
    """Four regions in a row: 1 and 2 have one colour; sizes and boxes are alike, so colour decides."""
    boxes = np.array([[x, 0, x + 1, 1] for x in range(4)])
    colours = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]], float)
    pairs = np.array([[0, 1], [1, 2], [2, 3]])
    found = merged_boxes(pairs, np.ones(4), boxes, colours, np.ones((4, 1)), 4)
    assert found[4].tolist() == [1, 0, 3, 1]
    assert found[-1].tolist() == [0, 0, 4, 1] and len(found) == 7


def test_the_four_similarities_by_hand():
    """A small L-shaped pair against a large flush one: 4 − sizes and gaps decide (equations 3 and 4)."""
    boxes = np.array([[0, 0, 2, 2], [2, 0, 4, 2], [2, 2, 8, 8]])
    colours = textures = np.ones((3, 1))
    found = merged_boxes(np.array([[0, 1], [1, 2]]), np.array([4.0, 4, 36]), boxes, colours, textures, 64)
    # 0 and 1: 1 − 8/64 + 1 − (8 − 8)/64 = 1.875; 1 and 2: 1 − 40/64 + 1 − (48 − 40)/64 = 1.25
    assert found[3].tolist() == [0, 0, 4, 2]


@given(st.integers(1, 4), st.integers(0, 2**16))
def test_histograms_add_up_to_one_for_each_region(count, seed):
    rng = np.random.default_rng(seed)
    numbers = np.concatenate([np.arange(count), rng.integers(0, count, 12)])
    values = rng.random((1, len(numbers), 3)).astype(np.float32)
    found = _histograms(values, numbers, count, 10)
    assert found.shape == (count, 30) and found.sum(axis=1) == pytest.approx(np.ones(count))


def test_texture_tells_directions_apart():
    upright = np.zeros((16, 16, 3), np.uint8)
    upright[:, 8:] = 255
    across, down = (_gradients(image).max(axis=(0, 1)) for image in (upright, upright.transpose(1, 0, 2)))
    assert across[:3] == pytest.approx([1, 1, 1]) and down[:3] == pytest.approx([0, 0, 0], abs=1e-6)
    assert down[6:9] == pytest.approx([1, 1, 1])  # a quarter turn on
