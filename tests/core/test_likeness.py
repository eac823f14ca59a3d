"""Likeness: one photograph is known again however it was turned, compressed or lit; different ones are kept apart."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photographs import scene
from synthgen.core.likeness import ALIKE, alike, fingerprint

SCENES = [scene(seed) for seed in range(12)]
PRINTS = [fingerprint(image) for image in SCENES]


def compressed(image):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 20])[1], cv2.IMREAD_COLOR)


COPIES = {
    "compressed": compressed,
    "halved": lambda image: cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "squeezed": lambda image: cv2.resize(image, (96, 96), interpolation=cv2.INTER_AREA),
    "dark": lambda image: (image * 0.6).astype(np.uint8),
    "mirrored": lambda image: np.ascontiguousarray(image[:, ::-1]),
    "upside down": lambda image: np.ascontiguousarray(image[::-1]),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_a_copy_is_found_and_nothing_else(copy):
    pairs = alike(PRINTS, [fingerprint(copy(image)) for image in SCENES])
    assert sorted((pair.first, pair.second) for pair in pairs) == [(n, n) for n in range(12)]
    assert all(ALIKE <= pair.likeness <= 1 + 1e-6 for pair in pairs)


@given(st.integers(0, 3), st.booleans(), st.integers(0, 11))
def test_all_eight_turns_are_one_picture(quarters, mirrored, number):
    image = SCENES[number][:, ::-1] if mirrored else SCENES[number]
    pairs = alike(PRINTS, [fingerprint(np.ascontiguousarray(np.rot90(image, quarters)))])
    assert [pair.first for pair in pairs] == [number]


def test_pictures_of_one_tone_are_alike_only_where_their_pixels_are_the_same():
    grey, dark = (fingerprint(np.full((20, 30, 3), tone, np.uint8)) for tone in (128, 16))
    assert alike([grey, dark], [dark]) == alike([grey, dark], [fingerprint(np.full((20, 30, 3), 16, np.uint8))])
    assert [(pair.first, pair.second, pair.likeness) for pair in alike([grey, dark], [dark])] == [(1, 0, 1.0)]


def test_the_most_alike_come_first():
    pairs = alike(PRINTS[:2], [fingerprint(compressed(SCENES[1])), PRINTS[0]])
    assert [(pair.first, pair.second) for pair in pairs] == [(0, 1), (1, 0)]


def test_nothing_is_like_no_picture():
    assert alike([], PRINTS) == alike(PRINTS, []) == []
