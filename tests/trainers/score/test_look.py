"""How a picture looks, measured on pictures whose look is known."""

import cv2
import numpy as np
import pytest

from trainers.score.look import blur, darkness, flatness

SIZE = (120, 160)
NONE, LEFT = np.zeros((0, 4)), np.array([[0, 0, 0.5, 1.0]])


def flat(code):
    return np.full((*SIZE, 3), code, np.uint8)


def cluttered(seed=3, size=SIZE):
    """Rectangles of any grey."""
    rng, image = np.random.default_rng(seed), np.zeros((*size, 3), np.uint8)
    for _ in range(120):
        x, y, wide, high = (int(value) for value in rng.integers(0, [size[1], size[0], 40, 40]))
        cv2.rectangle(image, (x, y), (x + wide, y + high), [int(rng.integers(40, 220))] * 3, -1)
    return image


def test_darkness_is_0_of_white_and_1_of_black():
    assert darkness(flat(255)) == 0 and darkness(flat(0)) == 1
    assert darkness(flat(51)) == pytest.approx(0.8)


def test_blur_rises_with_blur():
    blurs = [blur(cv2.GaussianBlur(cluttered(), (0, 0), sigma)) for sigma in (0.5, 1, 2, 4)]
    assert blurs == sorted(blurs) and blurs[0] < 0.3 < 0.6 < blurs[-1] < 1


def test_of_a_line_of_one_pixel_another_blur_leaves_nothing_and_of_a_ramp_all():
    """By hand: a line is spread over nine pixels, so no difference is left where it was; a ramp keeps its slope."""
    line = flat(0)
    line[:, 80] = 180
    assert blur(line) == pytest.approx(0, abs=1e-6)
    ramp = np.repeat(np.repeat(np.arange(160, dtype=np.uint8)[None, :, None], 120, 0), 3, 2)
    assert blur(ramp) > 0.97
    assert blur(flat(90)) is None


def test_neither_darkness_nor_a_plain_ground_counts_as_blur():
    sharp = cluttered()
    assert blur(sharp // 4) == pytest.approx(blur(sharp), abs=0.04)
    alone = flat(128)
    alone[30:90, 40:120] = sharp[30:90, 40:120]
    assert blur(alone) < blur(cv2.GaussianBlur(sharp, (0, 0), 1.5))


def test_blur_is_measured_at_one_size():
    large = cluttered(size=(480, 640))
    small = cv2.resize(large, (256, 192), interpolation=cv2.INTER_AREA)
    assert blur(large) == pytest.approx(blur(small))


def test_a_plain_ground_is_flat_and_a_scene_is_not():
    graded = np.clip(flat(60) + np.linspace(0, 120, 160)[None, :, None], 0, 255).astype(np.uint8)
    assert flatness(flat(200), NONE) == flatness(graded, NONE) == 1
    grainy = np.clip(graded + np.random.default_rng(0).normal(0, 4, graded.shape), 0, 255).astype(np.uint8)
    assert flatness(grainy, NONE) > 0.9 > 0.5 > flatness(cluttered(), NONE)


def test_what_lies_in_a_target_is_no_ground():
    half = flat(200)
    half[:, :78] = cluttered()[:, :78]
    assert flatness(half, LEFT) == 1 > flatness(half, NONE)
    assert flatness(half, np.array([[0, 0, 1, 1.0]])) is None
