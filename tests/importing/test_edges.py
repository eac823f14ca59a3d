"""No halo of the old background comes along, holes and thin parts survive, and a good edge is told from a bad one."""

import cv2
import numpy as np
import pytest

from synthgen.importing.edges import clean_edges, hard_edges

OBJECT, OLD, NEW = np.array([190.0, 60, 40]), np.array([60.0, 200, 70]), np.array([40.0, 40, 160])
WIDE = 2  # pixels that a mask reaches too far


def scene(shape):
    """Return a photograph of a soft-edged shape on green with some noise, its true coverage, and a mask too wide."""
    solid = cv2.resize(shape.astype(np.float32), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    alpha = cv2.GaussianBlur(solid, (0, 0), 0.6)[..., None]
    noise = np.random.default_rng(0).normal(0, 2, (*solid.shape, 3))
    image = np.clip(alpha * OBJECT + (1 - alpha) * OLD + noise, 0, 255).astype(np.uint8)
    mask = cv2.dilate((solid >= 0.5).astype(np.uint8), np.ones((2 * WIDE + 1, 2 * WIDE + 1), np.uint8)) > 0
    return image, alpha, mask


def pasted(cleaned, size):
    """Lay a cutout on the new ground."""
    ground = np.broadcast_to(NEW, (*size, 3)).copy()
    (x, y), (height, width) = cleaned.corner, cleaned.picture.shape[:2]
    part = (slice(y, y + height), slice(x, x + width))
    alpha = cleaned.picture[..., 3:] / 255
    ground[part] = alpha * cleaned.picture[..., :3] + (1 - alpha) * ground[part]
    return ground


@pytest.fixture(scope="module")
def disc():
    shape = np.zeros((640, 640), np.uint8)
    cv2.circle(shape, (320, 320), 200, 1, -1)
    return scene(shape)


def test_the_halo_of_a_mask_that_is_too_wide_is_gone(disc):
    image, alpha, mask = disc
    truth = alpha * OBJECT + (1 - alpha) * NEW
    errors = [np.abs(pasted(cut(image, mask), mask.shape) - truth).max(axis=2) for cut in (hard_edges, clean_edges)]
    before, after = ((error > 40).sum() for error in errors)
    assert before > 500 and after < before / 15


def test_colours_under_the_edge_are_those_of_the_object(disc):
    image, _, mask = disc
    picture = clean_edges(image, mask).picture
    rim = (picture[..., 3] > 60) & (picture[..., 3] < 200)
    assert np.abs(picture[rim][:, :3] - OBJECT).max(axis=1).mean() < 25


@pytest.mark.parametrize("radius", [16, 40])
def test_a_hole_survives_however_small(radius):
    shape = np.zeros((640, 640), np.uint8)
    cv2.circle(shape, (320, 320), 200, 1, -1)
    cv2.circle(shape, (320, 320), radius, 0, -1)
    image, alpha, _ = scene(shape)
    cleaned = clean_edges(image, alpha[..., 0] >= 0.5)
    x, y = cleaned.corner
    assert cleaned.picture[80 - y, 80 - x, 3] < 40
    assert cleaned.picture[80 - y, 80 - x + radius // 4 + 8, 3] > 215


def test_a_part_that_is_two_pixels_thin_survives():
    shape = np.zeros((640, 640), np.uint8)
    cv2.circle(shape, (200, 320), 120, 1, -1)
    shape[316:324, 200:600] = 1
    image, alpha, _ = scene(shape)
    cleaned = clean_edges(image, alpha[..., 0] >= 0.5)
    row = cleaned.picture[79 - cleaned.corner[1] : 82 - cleaned.corner[1], :, 3].max(axis=0)
    assert (row[90 - cleaned.corner[0] : 140 - cleaned.corner[0]] > 100).all()


def test_where_the_border_cuts_the_object_its_edge_is_opaque():
    image = np.full((80, 120, 3), 90, np.uint8)
    mask = np.zeros((80, 120), bool)
    mask[40:, 30:90] = True
    image[mask] = (200, 180, 30)
    cleaned = clean_edges(image, mask)
    assert cleaned.corner[1] + cleaned.picture.shape[0] == 80
    assert (cleaned.picture[-1, 6:-6, 3] == 255).all()


def test_quality_tells_an_edge_that_is_there_from_one_that_is_not(disc):
    image, alpha, mask = disc
    right = clean_edges(image, alpha[..., 0] >= 0.5).quality
    nowhere = clean_edges(np.random.default_rng(1).integers(0, 256, image.shape, dtype=np.uint8), mask).quality
    assert right > 0.8 > 0.6 > nowhere


def test_an_empty_mask_has_no_edge():
    with pytest.raises(ValueError, match="the mask is empty"):
        clean_edges(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), bool))
