"""Annotated photographs made into images and masks: tints without streaks, six turns, COCO."""

import json

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.core.errors import DatasetError
from synthgen.formats.coco import read_coco
from synthgen.formats.folder import Photograph, read_pairs
from synthgen.formats.photographs import from_coco, from_tints, six_fold, write_photographs, write_tint_reports
from synthgen.formats.tint import MaskShape, estimate_tint, mask_of_tint, mask_shape, thresholded_tint

SIZE = (120, 160)


def scene(seed):
    """A smooth picture with noise, in which a band has about the colour of the tint."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC).astype(np.float64)
    picture[50:60] = (230, 20, 30)
    return np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)


def truth():
    mask = np.zeros(SIZE, np.uint8)
    cv2.ellipse(mask, (80, 60), (50, 30), 20, 0, 360, 1, -1)
    cv2.circle(mask, (85, 75), 7, 0, -1)  # a trigger guard
    return mask > 0


def painted(photograph, mask, colour, strength, quality=75):
    mixed = photograph.astype(np.float64)
    mixed[mask] = (1 - strength) * mixed[mask] + strength * np.array(colour)
    _, data = cv2.imencode(".jpg", np.rint(mixed).astype(np.uint8)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1])


@settings(max_examples=20)
@given(seed=st.integers(0, 99), strength=st.floats(0.3, 0.6))
def test_a_tints_mask_has_neither_streaks_nor_specks(seed, strength):
    photograph = scene(seed)
    mask = mask_of_tint(photograph, painted(photograph, truth(), (255, 0, 0), strength))
    shape = mask_shape(mask)
    assert (shape.parts, shape.holes) == (1, 1)  # the object, and the one hole it has
    assert shape.hole_pixels == pytest.approx(mask_shape(truth()).hole_pixels, abs=25)
    assert np.count_nonzero(mask & truth()) / np.count_nonzero(mask | truth()) > 0.95


def test_the_usual_threshold_tears_the_same_mask():
    photograph = scene(1)
    shape = mask_shape(thresholded_tint(photograph, painted(photograph, truth(), (255, 0, 0), 0.3)))
    assert shape.parts > 5


def test_colour_and_strength_are_found():
    photograph = scene(2)
    tint = estimate_tint(photograph, painted(photograph, truth(), (0, 200, 40), 0.4, quality=95))
    assert tint.strength == pytest.approx(0.4, abs=0.03)
    assert tint.colour == pytest.approx((0, 200, 40), abs=12)


def test_pictures_without_tint_or_of_two_sizes_are_refused():
    photograph = scene(3)
    with pytest.raises(DatasetError, match="no tint to be found"):
        mask_of_tint(photograph, photograph)
    with pytest.raises(DatasetError, match=r"photograph is \(120, 160\), the tinted one \(60, 160\)"):
        mask_of_tint(photograph, photograph[:60])
    with pytest.raises(DatasetError, match="the pictures differ by no tint"):
        mask_of_tint(photograph, np.random.default_rng(0).permuted(photograph, axis=0))


def test_mask_shapes_by_hand():
    mask = np.ones((5, 7), bool)
    mask[2, 2], mask[0, 5] = False, False  # a hole, and a bite at the edge
    assert mask_shape(mask) == MaskShape(parts=1, holes=1, hole_pixels=1)
    assert mask_shape(np.zeros((3, 3), bool)) == MaskShape(0, 0, 0)


def test_six_turns_move_image_and_mask_together():
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    turns = list(six_fold(Photograph("gun", image, image[:, :, 0] > 5)))
    assert [turn.name for turn in turns] == [
        f"gun-{degrees}-{flip}" for degrees in (0, 90) for flip in ("none", "lr", "ud")
    ]
    assert len({turn.image.tobytes() + bytes(turn.image.shape) for turn in turns}) == 6
    for turn in turns:
        np.testing.assert_array_equal(turn.mask, turn.image[:, :, 0] > 5)
    np.testing.assert_array_equal(turns[0].image, image)
    np.testing.assert_array_equal(turns[3].image[0, 0], image[0, 2])  # counter-clockwise: the right end comes on top


@pytest.fixture
def tinted(tmp_path):
    for folder in ("photos", "tinted"):
        (tmp_path / folder).mkdir()
    for name, seed in (("a", 4), ("b", 5)):
        photograph = scene(seed)
        cv2.imwrite(str(tmp_path / f"photos/{name}.png"), photograph[:, :, ::-1])
        cv2.imwrite(str(tmp_path / f"tinted/{name}.png"), painted(photograph, truth(), (0, 0, 255), 0.5)[:, :, ::-1])
    return tmp_path


def test_tinted_photographs_become_images_and_masks(tinted):
    pairs = list(from_tints(tinted / "photos", tinted / "tinted"))
    assert write_photographs((turn for photo, _ in pairs for turn in six_fold(photo)), tinted / "out") == 12
    read = {pair.name: pair for pair in read_pairs(tinted / "out/images", tinted / "out/masks")}
    assert len(read) == 12
    np.testing.assert_array_equal(read["a-0-none"].mask, pairs[0][0].mask)
    write_tint_reports([report for _, report in pairs], tinted / "tints.tsv")
    header, *rows = (tinted / "tints.tsv").read_text().splitlines()
    assert header.split("\t")[:2] == ["name", "thresholded_parts"] and [row[0] for row in rows] == ["a", "b"]


def test_a_tinted_picture_that_is_missing_or_bare_is_named(tinted):
    (tinted / "tinted/a.png").write_bytes((tinted / "photos/a.png").read_bytes())
    with pytest.raises(DatasetError, match=r"a\.png: no tint to be found"):
        list(from_tints(tinted / "photos", tinted / "tinted"))
    (tinted / "tinted/a.png").unlink()
    with pytest.raises(DatasetError, match=r"no tinted picture for a\.png"):
        list(from_tints(tinted / "photos", tinted / "tinted"))


def test_two_photographs_of_one_name_are_refused(tmp_path):
    same = [Photograph("x", np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), bool))] * 2
    with pytest.raises(DatasetError, match="two photographs are called 'x'"):
        write_photographs(same, tmp_path)


@pytest.fixture
def coco(tmp_path):
    """One photograph with a gun (a rectangle and a triangle as polygons) and a bag."""
    cv2.imwrite(str(tmp_path / "one.png"), np.full((40, 60, 3), 90, np.uint8))
    values = {
        "images": [{"id": 7, "file_name": "one.png", "height": 40, "width": 60}],
        "categories": [{"id": 1, "name": "gun"}, {"id": 2, "name": "bag"}],
        "annotations": [
            annotation(1, 1, [10, 10, 20, 10], [[10, 10, 30, 10, 30, 20, 10, 20]]),
            annotation(2, 2, [40, 5, 10, 10], [[40, 5, 50, 5, 50, 15, 40, 15]]),
        ],
    }
    (tmp_path / "all.json").write_text(json.dumps(values))
    return tmp_path


def annotation(number, category, bbox, segmentation):
    return {
        "id": number,
        "image_id": 7,
        "category_id": category,
        "bbox": bbox,
        "segmentation": segmentation,
        "area": bbox[2] * bbox[3],
        "iscrowd": 0,
    }


def test_coco_gives_masks_and_boxes_of_the_categories_asked_for(coco, capsys):
    (photograph,) = from_coco(coco, coco / "all.json", ["gun"])
    expected = np.zeros((40, 60), bool)
    expected[10:20, 10:30] = True
    np.testing.assert_array_equal(photograph.mask, expected)
    (annotated,) = read_coco(coco, coco / "all.json")
    assert annotated.boxes == ((10, 10, 30, 20), (40, 5, 50, 15))
    assert annotated.mask.sum() == 300
    assert capsys.readouterr().out == ""


def change(coco, **changes):
    values = json.loads((coco / "all.json").read_text())
    for path, value in changes.items():
        values[path][0] |= value
    (coco / "all.json").write_text(json.dumps(values))


def test_what_is_wrong_with_coco_is_named(coco):
    with pytest.raises(DatasetError, match="no category 'knife'; there are: gun, bag"):
        list(read_coco(coco, coco / "all.json", ["knife"]))
    with pytest.raises(DatasetError, match=r"none\.json: cannot be read"):
        list(read_coco(coco, coco / "none.json"))
    (coco / "list.json").write_text("[]")
    (coco / "broken.json").write_text("{")
    for file in ("list.json", "broken.json"):
        with pytest.raises(DatasetError, match="no COCO annotations"):
            list(read_coco(coco, coco / file))
    change(coco, annotations={"segmentation": []})
    with pytest.raises(DatasetError, match="one has boxes without segmentation"):
        list(from_coco(coco, coco / "all.json", []))
    change(coco, images={"height": 41})
    with pytest.raises(DatasetError, match=r"one\.png is 41×60 there, the file is 40×60"):
        list(read_coco(coco, coco / "all.json"))
    change(coco, images={"file_name": "two.png"})
    with pytest.raises(DatasetError, match=r"two\.png: named in the annotations, but missing"):
        list(read_coco(coco, coco / "all.json"))
