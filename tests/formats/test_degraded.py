"""Photographs through a camera: other pixels, the same truth."""

import cv2
import numpy as np
import pytest

from photographs import scene
from samples_suite import SamplesSuite
from synthgen.formats.degraded import DegradedSamples
from synthgen.formats.folder import read_folder


@pytest.fixture
def photographs(tmp_path):
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for name, seed in (("a", 1), ("b", 2)):
        cv2.imwrite(str(tmp_path / f"images/{name}.png"), scene(seed))
        mask = np.zeros((120, 160), np.uint8)
        mask[10:20, 30:60] = 255
        cv2.imwrite(str(tmp_path / f"masks/{name}.png"), mask)
    return read_folder(tmp_path / "images", tmp_path / "masks")


class TestDegradedSamples(SamplesSuite):
    @pytest.fixture
    def samples(self, photographs):
        return DegradedSamples(photographs, "cctv-night", 3)


def test_the_truth_stays_and_the_pixels_get_worse(photographs):
    for severity in (1, 5):
        for before, after in zip(photographs, DegradedSamples(photographs, "webcam", severity), strict=True):
            np.testing.assert_array_equal(after.truth.mask, before.truth.mask)
            assert (after.name, after.group, after.size, after.data) == (before.name, before.group, before.size, None)
            assert (after.image != before.image).any()


def test_a_picture_is_the_same_whatever_lies_beside_it(photographs):
    class Second:
        def __len__(self):
            return 1

        def __getitem__(self, index):
            return photographs[index + 1]

    both, alone = (DegradedSamples(samples, "cctv-day", 4) for samples in (photographs, Second()))
    np.testing.assert_array_equal(both[1].image, alone[0].image)
