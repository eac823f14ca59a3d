"""SSD's distortion of colours: each step by hand, their order, the ranges of their draws."""

import numpy as np
import pytest
import torch

from synthgen.core.picture import Truth
from trainers.loading.augment import DeviceAugmentation, device_steps
from trainers.loading.distortion import Distortion, PhotometricDistortion, drawn_distortion

STEPS = ("brightness", "contrast", "saturation", "hue")
DRAWS = [drawn_distortion(np.random.default_rng(seed)) for seed in range(4000)]


def one(*rgb):
    """A picture of one pixel."""
    return np.array(rgb, np.uint8).reshape(1, 1, 3)


@pytest.mark.parametrize(
    ("distortion", "before", "after"),
    [
        (Distortion(), (1, 2, 3), (1, 2, 3)),
        (Distortion(brightness=20.75), (10, 100, 250), (30, 120, 255)),  # 30.75 is cut off to 30, 270.75 to 255
        (Distortion(brightness=-20.75), (10, 100, 250), (0, 79, 229)),
        (Distortion(contrast=0.5), (255, 101, 2), (127, 50, 1)),
        (Distortion(contrast=1.5), (255, 101, 2), (255, 151, 3)),
        # (200, 120, 120) has saturation 255 · 80/200 = 102 and value 200; a saturation of 51 leaves 200 · (1 − 51/255)
        (Distortion(saturation=0.5), (200, 120, 120), (200, 160, 160)),
        (Distortion(hue=10), (255, 0, 0), (255, 85, 0)),  # 10 of 180 is 20 degrees: a third of the way to yellow
        (Distortion(hue=-10), (255, 0, 0), (255, 0, 85)),  # below 0 the circle goes on at 180
        (Distortion(saturation=1.5, hue=7), (80, 80, 80), (80, 80, 80)),  # grey has no colour to change
    ],
)
def test_each_step_by_hand(distortion, before, after):
    np.testing.assert_array_equal(distortion(one(*before)), one(*after))


def test_contrast_comes_before_saturation_or_after_hue():
    # first: (180, 108, 108) · 1.5 = (255, 162, 162), whose saturation is 93; 46 of it leave 255 · (1 − 46/255) = 209
    # last: the saturation 102 · 0.5 = 51 leaves 180 · (1 − 51/255) = 144; (180, 144, 144) · 1.5 = (255, 216, 216)
    first, last = (Distortion(contrast=1.5, saturation=0.5, contrast_first=side) for side in (True, False))
    np.testing.assert_array_equal(first(one(180, 108, 108)), one(255, 209, 209))
    np.testing.assert_array_equal(last(one(180, 108, 108)), one(255, 216, 216))


def test_brightness_comes_before_all_else():
    # (30, 30, 30) + 30 = 60, · 0.5 = 30; the other way it would be 45
    for side in (True, False):
        found = Distortion(brightness=30, contrast=0.5, contrast_first=side)(one(30, 30, 30))
        np.testing.assert_array_equal(found, one(30, 30, 30))


def test_each_step_is_drawn_half_of_the_time_apart_from_the_others():
    drawn = np.array([[getattr(each, name) is not None for name in STEPS] + [each.contrast_first] for each in DRAWS])
    assert drawn.mean(axis=0) == pytest.approx(0.5, abs=0.03)
    assert np.abs(np.corrcoef(drawn.T) - np.eye(5)).max() < 0.06


@pytest.mark.parametrize(("name", "low", "high"), [("brightness", -32, 32), ("contrast", 0.5, 1.5), ("hue", -18, 18)])
def test_draws_reach_from_end_to_end(name, low, high):
    values = np.array([value for each in DRAWS if (value := getattr(each, name)) is not None])
    near = (high - low) / 100
    assert low <= values.min() < low + near and high - near < values.max() <= high
    assert values.mean() == pytest.approx((low + high) / 2, abs=3 * near)


def test_hue_is_turned_by_whole_numbers_and_all_of_them():
    assert {each.hue for each in DRAWS} == {None, *range(-18, 19)}


def test_draws_follow_from_seed_epoch_and_row_and_the_truth_stays():
    image, truth = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8), Truth(label=1)

    def run(seed, epoch, row):
        pixels = image.copy()
        assert PhotometricDistortion(seed)(pixels, truth, epoch, row) is truth
        return pixels.tobytes()

    found = [run(0, 0, row) for row in range(20)]
    assert found == [run(0, 0, row) for row in range(20)]
    assert len(set(found)) > 12
    assert found != [run(0, 1, row) for row in range(20)] and found != [run(1, 0, row) for row in range(20)]


def test_half_of_the_pictures_are_mirrored_with_their_masks():
    images = torch.rand(200, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    masks = images[:, :1] > 0.5
    new, moved = DeviceAugmentation(device_steps("ssd")).with_masks(images, masks, (0,))
    turned = [torch.equal(found, own.flip(-1)) for found, own in zip(new, images, strict=True)]
    assert 70 < sum(turned) < 130
    for image, mask, turn, changed, own in zip(images, masks, turned, new, moved, strict=True):
        assert torch.equal(changed, image.flip(-1) if turn else image)
        assert torch.equal(own, mask.flip(-1) if turn else mask)


def test_a_distortion_leaves_the_picture_that_it_was_given_alone():
    image = one(200, 100, 100)
    changed = [not np.array_equal(each(image), image) for each in DRAWS[:50]]
    assert any(changed)
    np.testing.assert_array_equal(image, one(200, 100, 100))
