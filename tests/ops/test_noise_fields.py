"""Noise that scenes name by integers."""

import numpy as np
import pytest

from synthgen.ops.noise_fields import FIELD_SIDE, noise_window


def test_the_noise_field_repeats_and_is_standard_normal():
    assert np.array_equal(noise_window((8, 8), 3, FIELD_SIDE - 2)[2:], noise_window((6, 8), 3, 0))
    field = noise_window((FIELD_SIDE, FIELD_SIDE), 0, 0)
    assert abs(field.mean()) < 0.005 and field.std() == pytest.approx(1, abs=0.005)
