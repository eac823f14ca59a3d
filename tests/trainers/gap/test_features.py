"""Features: what an encoder gives for each picture in order, fitted into one size; sources out of names."""

import numpy as np
import pytest
import torch

from synthgen.core.picture import DecodedPicture
from trainers.gap.features import evenly, features_of

MEAN, STD = np.array((0.485, 0.456, 0.406)), np.array((0.229, 0.224, 0.225))


def mean_colour():
    """An encoder that gives the mean of each channel."""
    same = torch.nn.Conv2d(3, 3, 1, bias=False)
    with torch.no_grad():
        same.weight[:] = torch.eye(3)[:, :, None, None]
    return torch.nn.Sequential(same, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())


def plain(count, size=(8, 8)):
    """Pictures of one grey each: 0, 1, 2, …"""
    return [DecodedPicture(f"{n}", f"scene {n // 2}", np.full((*size, 3), n, np.uint8)) for n in range(count)]


def test_every_picture_has_its_features_in_order():
    found = features_of(plain(70), mean_colour(), size=(8, 8))
    grey = np.arange(70)[:, None] / 255
    assert found.values.dtype == np.float32 and found.values.shape == (70, 3)
    np.testing.assert_allclose(found.values, (grey - MEAN) / STD, atol=1e-5)
    assert found.groups[:3] == ("scene 0", "scene 0", "scene 1")


def test_pictures_are_fitted_into_one_size():
    wide = [DecodedPicture("wide", "wide", np.full((8, 16, 3), 200, np.uint8))]
    stretched = features_of(wide, mean_colour(), size=(8, 8), fit="stretch").values * STD + MEAN
    boxed = features_of(wide, mean_colour(), size=(8, 8)).values * STD + MEAN
    np.testing.assert_allclose(stretched, 200 / 255, atol=1e-5)
    np.testing.assert_allclose(boxed, 100 / 255, atol=1e-5)  # half of it is bars


def test_groups_may_be_named_by_the_caller_and_progress_is_told():
    told = []
    found = features_of(
        plain(40), mean_colour(), size=(8, 8), group=lambda picture: picture.name[0], report=told.append
    )
    assert set(found.groups) == set("0123456789") and sum(told) == 40


@pytest.mark.parametrize(("most", "chosen"), [(0, range(10)), (20, range(10)), (3, (0, 3, 6)), (10, range(10))])
def test_some_pictures_are_spaced_evenly(most, chosen):
    pictures = plain(10)
    found = evenly(pictures, most)
    assert [found[place] for place in range(len(found))] == [pictures[place] for place in chosen]
