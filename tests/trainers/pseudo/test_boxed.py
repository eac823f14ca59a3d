"""GrabCut inside true boxes."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.core.errors import DatasetError
from synthgen.core.picture import Boxes, DecodedPicture, Truth
from trainers.pseudo.annotator import Annotator
from trainers.pseudo.boxed import GrabCutInBoxes, object_in


def disc(size=(120, 160), centre=(80, 60), radius=30):
    """A dark disc with noise on a light ground, its pixels and its box."""
    mask = np.zeros(size, np.uint8)
    cv2.circle(mask, centre, radius, 1, -1)
    noise = np.random.default_rng(0).integers(-20, 20, (*size, 3))
    image = np.where(mask[..., None] > 0, [60, 30, 30], [200, 210, 190]) + noise
    x, y, width, height = cv2.boundingRect(mask)
    return image.astype(np.uint8), mask > 0, (x, y, x + width, y + height)


def iou(a, b):
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize("scale", [1, 8])
def test_an_object_of_one_colour_is_found_at_any_size(scale):
    image, mask, box = disc((120 * scale, 160 * scale), (80 * scale, 60 * scale), 30 * scale)
    found = object_in(image, box)
    assert iou(found, mask) > 0.97
    x0, y0, x1, y1 = box
    inside = np.zeros_like(found)
    inside[y0:y1, x0:x1] = True
    assert not (found & ~inside).any()


def test_a_box_beside_which_there_is_nothing_gives_nothing():
    image, _, _ = disc()
    assert not object_in(image, (0, 0, 160, 120)).any()


@settings(max_examples=30)
@given(
    box=st.tuples(st.integers(0, 20), st.integers(0, 15), st.integers(0, 20), st.integers(0, 15)),
    seed=st.integers(0, 9),
)
def test_any_box_gives_pixels_within_it(box, seed):
    image = np.random.default_rng(seed).integers(0, 256, (15, 20, 3), dtype=np.uint8)
    found = object_in(image, box)
    x0, y0, x1, y1 = box
    found[y0:y1, x0:x1] = False
    assert not found.any()


def test_objects_of_a_picture_are_joined_with_score_1_and_crowds_are_none():
    image, mask, box = disc()
    other = image[:, ::-1].copy()
    both = np.concatenate([image, other], axis=1)
    x0, y0, x1, y1 = box  # the middle of the picture, so that it is that of its mirror image, too
    boxes = Boxes.of([box, (x0 + 160, y0, x1 + 160, y1), (0, 0, 9, 9)], ["a", "b", "c"], crowd=[0, 0, 1])
    (seen,) = GrabCutInBoxes().annotate([DecodedPicture("p", "", both, Truth(boxes=boxes))])
    assert iou(seen.mask, np.concatenate([mask, mask[:, ::-1]], axis=1)) > 0.95
    assert seen.boxes.categories == ("a", "b") and seen.score == 1


def test_it_satisfies_the_protocol():
    assert isinstance(GrabCutInBoxes(), Annotator)


def test_a_picture_without_boxes_is_refused():
    with pytest.raises(DatasetError, match="p: has no boxes to cut by"):
        GrabCutInBoxes().annotate([DecodedPicture("p", "", disc()[0])])
