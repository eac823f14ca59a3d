"""Masks as PNG: standard files, exact, small, and refused when damaged."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from synthgen.core.errors import DatasetError
from synthgen.shards.codec import decode_mask
from synthgen.shards.grey_png import read_grey_png, write_grey_png

MASKS = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40))


@given(mask=MASKS)
def test_every_mask_comes_back_from_our_reader_and_from_others(mask):
    data = write_grey_png(mask)
    np.testing.assert_array_equal(read_grey_png(data), mask)
    np.testing.assert_array_equal(read_grey_png(memoryview(data)), mask)
    np.testing.assert_array_equal(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED), mask)
    picture = Image.open(io.BytesIO(data))
    assert picture.mode == "L"
    np.testing.assert_array_equal(np.asarray(picture), mask)


@given(mask=MASKS, level=st.integers(0, 9))
def test_files_of_other_writers_are_read_too(mask, level):
    _, data = cv2.imencode(".png", mask, (cv2.IMWRITE_PNG_COMPRESSION, level))
    np.testing.assert_array_equal(decode_mask(data.tobytes()), mask)


@given(cut=st.integers(8, 60), value=st.integers(0, 255))
def test_damage_is_an_error_or_changes_nothing(cut, value):
    mask = np.arange(64, dtype=np.uint8).reshape(8, 8) // 9
    data = bytearray(write_grey_png(mask))
    for broken in (bytes(data[:cut]), bytes(data[:cut] + bytes([value]) + data[cut + 1 :])):
        try:
            found = decode_mask(broken)
        except DatasetError as error:
            assert "does not decode" in str(error)
        else:
            np.testing.assert_array_equal(found, mask)


def test_colour_and_sixteen_bits_are_refused():
    for pixels in (np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint16)):
        with pytest.raises(DatasetError, match="expected 8-bit grey"):
            decode_mask(cv2.imencode(".png", pixels)[1].tobytes())
