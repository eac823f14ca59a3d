"""The tables of the sRGB curve."""

import numpy as np
import pytest

from synthgen.ops.srgb import decode_srgb, encode_srgb


def test_decoding_and_encoding_are_inverse():
    codes = np.arange(256, dtype=np.uint8)
    assert np.array_equal(encode_srgb(decode_srgb(codes)), codes)


def test_middle_grey_is_the_standards():
    assert decode_srgb(np.array([188], np.uint8))[0] == pytest.approx(0.5029, abs=1e-3)
