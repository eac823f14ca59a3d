"""Names that become folders are one safe word."""

import pytest
from pydantic import ValidationError

from trainers.config.segmentation import SegmentationConfig


@pytest.mark.parametrize("name", ["", "unet-mobilenet_v2", "équipe", "a.b+c=1", "7"])
def test_a_word_is_a_name(name):
    assert SegmentationConfig(name=name).name == name


@pytest.mark.parametrize("name", ["../../x", "a/b", "..", ".hidden", "-x", "a b", "x" * 151, "a\nb", "a\0b"])
def test_what_would_leave_the_folder_is_no_name(name):
    with pytest.raises(ValidationError, match="cannot be the name of a folder"):
        SegmentationConfig(name=name)


def test_an_encoder_with_a_slash_needs_a_name():
    with pytest.raises(ValidationError, match="cannot be the name of a folder"):
        SegmentationConfig(encoder="../../x")
    assert SegmentationConfig(encoder="hub/x", name="x").title == "x"
