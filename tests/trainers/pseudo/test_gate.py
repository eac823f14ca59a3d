"""The gate, and what boxes with masks say of a picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from synthgen.core.geometry import encode_rle
from synthgen.core.picture import Boxes
from trainers.config.pseudo_label import Gate
from trainers.pseudo.annotator import seen_in_boxes
from trainers.pseudo.gate import refusal

SIZE = (40, 50)  # 2,000 pixels


def seen(*found, size=SIZE):
    """What boxes give of which each covers the first so many pixels: (pixels, score)."""
    masks = [(np.arange(size[0] * size[1]) < pixels).reshape(size) for pixels, _ in found]
    scores = [score for _, score in found]
    corners = [[0, 0, 1, 1]] * len(found)
    return seen_in_boxes(
        Boxes.of(corners, ["weapon"] * len(found), scores, masks=[encode_rle(mask) for mask in masks]), size
    )


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (((2, 0.3),), ""),  # both at the edge: 0.1 % of 2,000 pixels
        (((1200, 1.0),), ""),
        ((), "nothing found"),
        (((0, 0.9),), "nothing found"),
        (((100, 0.29),), "score below 0.3"),
        (((1, 0.9),), "area below 0.1 %"),
        (((1201, 0.9),), "area above 60 %"),
        (((100, 0.1), (50, 0.8)), ""),  # the surest box is the picture's score
    ],
    ids=str,
)
def test_the_gate_of_the_specification(found, reason):
    """Score from .3, area of .1 to 60 %."""
    assert refusal(seen(*found), Gate()) == reason


@given(
    pixels=st.integers(0, 2000),
    score=st.floats(0, 1, width=32),
    least=st.floats(0, 1),
    low=st.floats(0, 0.5),
    high=st.floats(0.5, 1),
)
def test_a_mask_passes_exactly_within_the_limits(pixels, score, least, low, high):
    passes = pixels > 0 and score >= least and low <= pixels / 2000 <= high
    gate = Gate(least_score=least, least_area=low, most_area=high)
    assert (refusal(seen((pixels, score)), gate) == "") == passes


def test_a_gate_that_lets_nothing_through_is_refused():
    with pytest.raises(ValidationError, match=r"least_area 0\.5 is above most_area 0\.2; nothing would pass"):
        Gate(least_area=0.5, most_area=0.2)


def test_masks_are_joined_and_a_pixel_is_as_sure_as_its_surest_box():
    found = seen((10, 0.5), (4, 0.25), (2, 0.75))
    assert found.mask.sum() == 10 and found.score == 0.75
    np.testing.assert_array_equal(found.heatmap[0, :11], [191, 191, *[128] * 8, 0])


def test_the_heat_map_of_a_large_picture_is_small():
    found = seen((300 * 1000, 1.0), size=(600, 1000))
    assert found.heatmap.shape == (154, 256) and found.mask.shape == (600, 1000)
    assert found.heatmap[:76].min() == 255 and found.heatmap[78:].max() == 0


def test_where_nothing_is_found_all_is_empty():
    found = seen()
    assert not found.mask.any() and not found.heatmap.any() and found.score == 0 and len(found.boxes) == 0
