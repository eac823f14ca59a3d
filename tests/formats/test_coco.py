"""COCO annotations: boxes, masks and crowds; every wrong file is refused in one line, at once."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from photographs import scene
from samples_suite import SamplesSuite
from synthgen.core.errors import DatasetError
from synthgen.formats.coco import read_coco

GUN = [[10, 10, 30, 10, 30, 20, 10, 20]]
BAG = [[40, 5, 50, 5, 50, 15, 40, 15]]


def annotation(number, category, bbox, segmentation, **more):
    return {
        "id": number,
        "image_id": 7,
        "category_id": category,
        "bbox": bbox,
        "segmentation": segmentation,
        "area": bbox[2] * bbox[3],
        "iscrowd": 0,
        **more,
    }


@pytest.fixture
def values():
    """One photograph with a gun and a bag, and one with nothing on it."""
    return {
        "images": [
            {"id": 7, "file_name": "one.png", "height": 40, "width": 60},
            {"id": 8, "file_name": "night/two.jpg", "height": 120, "width": 160},
        ],
        "categories": [{"id": 1, "name": "gun"}, {"id": 2, "name": "bag"}],
        "annotations": [annotation(1, 1, [10, 10, 20, 10], GUN), annotation(2, 2, [40, 5, 10, 10], BAG)],
    }


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "night").mkdir(parents=True)
    cv2.imwrite(str(folder / "one.png"), np.full((40, 60, 3), 90, np.uint8))
    Image.fromarray(scene(1)).save(folder / "night/two.jpg")
    return folder


@pytest.fixture
def opened(photos, values):
    """Open `values`, changed by then or not."""

    def read(*categories):
        (photos.parent / "all.json").write_text(json.dumps(values))
        return read_coco(photos, photos.parent / "all.json", categories)

    return read


class TestCocoSamples(SamplesSuite):
    @pytest.fixture
    def samples(self, opened, values):
        values["annotations"].append(annotation(3, 1, [-4, 30, 30.5, 20], None, iscrowd=1))
        return opened()


def test_boxes_and_masks_of_all_categories(opened, capfd):
    truth = opened()[0].truth
    assert truth.boxes.xyxy.tolist() == [[10, 10, 30, 20], [40, 5, 50, 15]]
    assert truth.boxes.categories == ("gun", "bag")
    assert np.bincount(truth.mask.ravel()).tolist() == [2400 - 300, 200, 100]
    assert truth.boxes.numbers.tolist() == [1, 2]
    assert truth.label == 1 and truth.ignore is None
    assert capfd.readouterr().out == ""


def test_the_categories_asked_for_alone(opened):
    truth = opened("gun")[0].truth
    expected = np.zeros((40, 60), bool)
    expected[10:20, 10:30] = True
    np.testing.assert_array_equal(truth.mask > 0, expected)
    assert truth.boxes.categories == ("gun",)
    with pytest.raises(DatasetError, match="no category 'knife'; there are: gun, bag"):
        opened("knife")


def test_a_photograph_without_annotations_shows_nothing(opened):
    picture = opened()[1]
    assert picture.name == "night-two"
    assert len(picture.truth.boxes) == 0 and picture.truth.label == 0 and not picture.truth.mask.any()


def test_crowds_are_no_objects_and_their_region_is_ignored(opened, values):
    crowd = np.zeros((40, 60), np.uint8)
    crowd[15:25, 25:45] = 1
    counts = np.diff([0, *(np.flatnonzero(np.diff(crowd.T.ravel())) + 1), crowd.size]).tolist()
    values["annotations"] += [
        annotation(3, 1, [25, 15, 20, 10], {"size": [40, 60], "counts": counts}, iscrowd=1),
        annotation(4, 1, [50, 30, 5, 5], [], iscrowd=1),
    ]
    truth = opened()[0].truth
    assert truth.boxes.crowd.tolist() == [False, False, True, True]
    assert truth.boxes.numbers.tolist() == [1, 2, 0, 0]
    assert set(np.unique(truth.mask)) == {0, 1, 2}, "a crowd has no number"
    expected = crowd > 0
    expected[30:35, 50:55] = True
    np.testing.assert_array_equal(truth.ignore, expected & (truth.mask == 0))


def test_boxes_without_segmentation_give_no_mask(opened, values):
    values["annotations"][0]["segmentation"] = []
    del values["annotations"][1]["segmentation"]
    truth = opened()[0].truth
    assert truth.mask is None and len(truth.boxes) == 2 and truth.label == 1
    assert truth.boxes.numbers is None


def test_boxes_are_cut_at_the_edge_of_the_picture(opened, values):
    values["annotations"][0]["bbox"] = [-3.5, 30, 20, 10.25]
    assert opened()[0].truth.boxes.xyxy[0].tolist() == [0, 30, 16.5, 40]


def test_more_objects_than_a_mask_can_number(opened, values):
    values["annotations"] = [annotation(number, 1, [10, 10, 20, 10], GUN) for number in range(300)]
    truth = opened()[0].truth
    assert len(truth.boxes) == 300 and truth.mask.max() == 255
    assert truth.boxes.numbers is None


def removed(key, *path):
    def change(values):
        for step in path:
            values = values[step]
        del values[key]

    return change


def changed(value, *path):
    def change(values):
        for step in path[:-1]:
            values = values[step]
        values[path[-1]] = value

    return change


WRONG = {
    "no images": (removed("images"), "images is missing or no list"),
    "images is empty": (changed([], "images"), "images is empty"),
    "images is an object": (changed({}, "images"), "images is missing or no list"),
    "no annotations": (removed("annotations"), "annotations is missing or no list"),
    "no categories": (removed("categories"), "categories is missing or no list"),
    "an image is text": (changed(["one.png"], "images"), "images, number 0: a JSON str, expected an object"),
    "no width": (removed("width", "images", 0), "image 7: width is missing"),
    "no height": (removed("height", "images", 0), "image 7: height is missing"),
    "height as text": (changed("40", "images", 0, "height"), "image 7: height is '40', expected pixels"),
    "negative width": (changed(-60, "images", 0, "width"), "image 7: width is -60, expected pixels"),
    "no file name": (removed("file_name", "images", 0), "image 7: file_name is missing"),
    "file name is a list": (changed([], "images", 0, "file_name"), r"image 7: file_name is \[\]"),
    "file name is a folder": (changed("./", "images", 0, "file_name"), r"image 7: file_name is './'"),
    "image without id": (removed("id", "images", 0), "image at place 0: id is missing"),
    "two images of one id": (changed(7, "images", 1, "id"), "two images have one id"),
    "no bbox": (removed("bbox", "annotations", 0), "annotation 1: bbox is missing"),
    "short bbox": (changed([1, 2, 3], "annotations", 0, "bbox"), r"annotation 1: bbox is \[1, 2, 3\]"),
    "bbox of text": (changed(["1", 2, 3, 4], "annotations", 0, "bbox"), "annotation 1: bbox is"),
    "negative width of a box": (changed([1, 2, -3, 4], "annotations", 0, "bbox"), "annotation 1: bbox is"),
    "infinite box": (changed([1, 2, 3, 1e300], "annotations", 0, "bbox"), "annotation 1: bbox is"),
    "not a number": (changed([1, 2, 3, float("nan")], "annotations", 0, "bbox"), "no COCO annotations"),
    "box beside the picture": (changed([60, 2, 3, 4], "annotations", 0, "bbox"), r"lies outside of one\.png, 60×40"),
    "no category": (removed("category_id", "annotations", 0), "annotation 1: category_id is missing"),
    "unknown category": (changed(9, "annotations", 0, "category_id"), "category_id 9 is not the id of a category"),
    "category is a list": (changed([1], "annotations", 0, "category_id"), r"annotation 1: category_id is \[1\]"),
    "category without name": (removed("name", "categories", 0), "category 1: name is missing"),
    "unknown image": (changed(99, "annotations", 0, "image_id"), "image_id 99 is not the id of an image"),
    "odd crowd": (changed("yes", "annotations", 0, "iscrowd"), "annotation 1: iscrowd is 'yes'"),
    "absolute file": (changed("/etc/hostname", "images", 0, "file_name"), "file_name '/etc/hostname' leads out of"),
    "absolute file within": (None, "leads out of"),
    "file above": (changed("../secret.png", "images", 0, "file_name"), r"file_name '\.\./secret\.png' leads out of"),
    "file above and back": (changed("a/../../secret.png", "images", 0, "file_name"), "leads out of"),
    "link out": (changed("link.png", "images", 0, "file_name"), r"file_name 'link\.png' leads out of"),
    "endless link": (changed("loop.png", "images", 0, "file_name"), r"loop\.png"),
    "zero byte": (changed("a\0.png", "images", 0, "file_name"), "leads out of"),
    "endless name": (changed("a" * 10**6, "images", 0, "file_name"), "leads out of|missing|cannot be read"),
    "missing file": (
        changed("none.png", "images", 0, "file_name"),
        r"none\.png: named in the annotations, but missing",
    ),
    "two of one name": (changed("night-two.png", "images", 0, "file_name"), "are both called 'night-two'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_in_one_line(photos, values, opened, case):
    change, reason = WRONG[case]
    Image.fromarray(scene(2)).save(photos.parent / "secret.png")
    (photos / "link.png").symlink_to(photos.parent / "secret.png")
    (photos / "loop.png").symlink_to(photos / "loop.png")
    (photos / "night-two.png").write_bytes((photos / "one.png").read_bytes())
    if change is None:
        change = changed(str(photos / "one.png"), "images", 0, "file_name")
    change(values)
    with pytest.raises(DatasetError, match=reason) as error:
        opened()
    assert "\n" not in str(error.value) and len(str(error.value)) < 600


def test_a_picture_of_another_size_is_named(opened, values):
    values["images"][0]["height"] = 41
    with pytest.raises(DatasetError, match=r"one\.png is 41×60 there, the file is 40×60; annotate it at its own size"):
        opened()[0]


def test_a_wrong_segmentation_is_named_with_its_annotation(opened, values):
    values["annotations"][0]["segmentation"] = {"size": [40, 60], "counts": [1, 2, 3]}
    picture = opened()[0]
    with pytest.raises(DatasetError, match="annotation 1: run lengths cover 6 pixels, the picture has 2400"):
        _ = picture.truth


def test_pycocotools_is_not_imported_before_a_polygon_is_decoded():
    code = "import sys, synthgen.formats.coco; sys.exit('pycocotools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


HOSTILE = {
    "no JSON": b"{",
    "a list": b"[]",
    "text": b"\xff\xfe\x00",
    "nothing": b"",
    "nested a million times": b"[" * 10**6,
    "closed a million times": b'{"images":' * 10**6 + b"1" + b"}" * 10**6,
    "a long number": b'{"images": ' + b"9" * 10**6 + b"}",
    "a long text": b'{"images": "' + b"x" * 10**7 + b'"}',
    "more lists than fit into memory": b'{"images": [' + b"[]," * 11_000_000 + b"1]}",
    "many entries": b'{"images": [' + b"1," * 10**6 + b"1]}",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_files_that_are_no_coco_are_refused_at_once(tmp_path, case):
    (tmp_path / "all.json").write_bytes(HOSTILE[case])
    assert_refused_at_once(tmp_path, tmp_path / "all.json", "no COCO annotations")


def test_special_and_endless_files_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    with (tmp_path / "endless.json").open("wb") as file:
        file.truncate(10**12)
    for file in (tmp_path / "pipe.json", Path("/dev/zero"), tmp_path, tmp_path / "none.json"):
        assert_refused_at_once(tmp_path, file, "cannot be read")
    assert_refused_at_once(tmp_path, tmp_path / "endless.json", "larger than 536,870,912 bytes")


def assert_refused_at_once(images, file, reason):
    start = time.monotonic()
    with pytest.raises(DatasetError, match=reason) as error:
        read_coco(images, file)
    assert time.monotonic() - start < 2
    assert "\n" not in str(error.value) and len(str(error.value)) < 400
