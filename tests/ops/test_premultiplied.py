"""The over operator, in linear light and in codes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synthgen.ops.premultiplied import over, pack, straight_colour

byte = st.integers(0, 255)


def light(code):
    """Linear light of one sRGB code, IEC 61966-2-1."""
    return code / 255 / 12.92 if code <= 10.31 else ((code / 255 + 0.055) / 1.055) ** 2.4


def exact(colour, share, below, linear):
    """The over operator on one channel in float64."""
    if not linear:
        return share * colour + (1 - share) * below
    mixed = share * light(colour) + (1 - share) * light(below)
    return 255 * (12.92 * mixed if mixed <= 0.0031308 else 1.055 * mixed ** (1 / 2.4) - 0.055)


@given(colour=byte, below=byte, alpha=st.integers(16, 255), linear=st.booleans())
def test_over_is_exact_within_the_rounding_of_premultiplied_codes(colour, below, alpha, linear):
    layer = pack(np.full((1, 1, 3), colour, np.float32), np.full((1, 1), alpha, np.float32))
    image = np.full((1, 1, 3), below, np.uint8)
    over(image, layer, linear_light=linear)
    straight = min(layer[0, 0, 0] / alpha * 255, 255)  # what the layer still knows of the colour
    assert abs(int(image[0, 0, 0]) - exact(straight, alpha / 255, below, linear)) <= 1.01


@given(below=byte)
def test_uncovered_pixels_are_left_alone_and_covered_ones_copied(below):
    layer = np.zeros((1, 2, 4), np.uint8)
    layer[0, 1] = (1, 128, 255, 255)
    image = np.full((1, 2, 3), below, np.uint8)
    over(image, layer, linear_light=True)
    assert (image[0, 0] == below).all() and image[0, 1].tolist() == [1, 128, 255]


def test_half_of_white_on_black_is_brighter_in_linear_light():
    layer = pack(np.full((1, 1, 3), 255, np.float32), np.full((1, 1), 128, np.float32))
    images = [np.zeros((1, 1, 3), np.uint8) for _ in range(2)]
    for image, linear in zip(images, (False, True), strict=True):
        over(image, layer, linear_light=linear)
    assert images[0][0, 0, 0] == 128 and images[1][0, 0, 0] == 188


def test_straight_colour_undoes_premultiplication():
    layer = pack(np.full((1, 1, 3), 200, np.float32), np.full((1, 1), 100, np.float32))
    assert np.abs(straight_colour(layer).astype(int) - 200).max() <= 1.3
