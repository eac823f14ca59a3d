"""Six turns move an image and all of its truth together."""

import numpy as np

from synthgen.core.picture import Boxes, DecodedPicture, Truth
from synthgen.formats.turns import six_fold

IMAGE = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
NAMES = [f"gun-{degrees}-{flip}" for degrees in (0, 90) for flip in ("none", "lr", "ud")]


def test_image_mask_and_ignored_region_move_together():
    truth = Truth(mask=(IMAGE[:, :, 0] > 5).astype(np.uint8), ignore=IMAGE[:, :, 0] < 3, label=1)
    turns = list(six_fold(DecodedPicture("gun", "guns", IMAGE, truth)))
    assert [turn.name for turn in turns] == NAMES
    assert {turn.group for turn in turns} == {"guns"}
    assert len({turn.image.tobytes() + bytes(turn.image.shape) for turn in turns}) == 6
    for turn in turns:
        np.testing.assert_array_equal(turn.truth.mask, turn.image[:, :, 0] > 5)
        np.testing.assert_array_equal(turn.truth.ignore, turn.image[:, :, 0] < 3)
        assert turn.truth.label == 1 and turn.truth.boxes is None
    np.testing.assert_array_equal(turns[0].image, IMAGE)
    np.testing.assert_array_equal(turns[3].image[0, 0], IMAGE[0, 2])  # counter-clockwise: the right end comes on top


def test_boxes_move_with_the_pixels_that_they_hold():
    mask = np.zeros((20, 30), np.uint8)
    mask[2:7, 11:25] = 1
    boxes = Boxes.of([(11, 2, 25, 7)], ["gun"], crowd=[True])
    picture = DecodedPicture("gun", "gun", np.zeros((20, 30, 3), np.uint8), Truth(mask=mask, boxes=boxes))
    for turn in six_fold(picture):
        ys, xs = np.nonzero(turn.truth.mask)
        assert turn.truth.boxes.xyxy.tolist() == [[xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]]
        assert turn.truth.boxes.crowd.tolist() == [True] and turn.truth.boxes.categories == ("gun",)


def test_a_picture_without_truth_turns_too():
    assert all(turn.truth.mask is None for turn in six_fold(DecodedPicture("a", "a", IMAGE)))
