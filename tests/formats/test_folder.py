"""Folders of photographs, with and without masks; what is wrong with them is named."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from photographs import scene
from samples_suite import SamplesSuite
from synthgen.core.errors import DatasetError
from synthgen.formats import FORMATS
from synthgen.formats.folder import find_photographs, read_folder

TURNED = 6  # EXIF: to be turned a quarter clockwise


@pytest.fixture
def folder(tmp_path):
    """A PNG, a JPEG, a JPEG that lies on its side, a grey PNG, a cutout; and their masks."""
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    picture = Image.fromarray(scene(1))
    picture.save(tmp_path / "images/a.png")
    picture.save(tmp_path / "images/b.jpg", quality=90)
    exif = Image.Exif()
    exif[0x0112] = TURNED
    picture.save(tmp_path / "images/c.jpeg", exif=exif)
    picture.convert("L").save(tmp_path / "images/d.png")
    picture.convert("RGBA").save(tmp_path / "images/e.png")
    for name in "abcde":
        size = (160, 120) if name == "c" else (120, 160)
        mask = np.zeros(size, np.uint8)
        mask[10:20, 30:60] = 200
        cv2.imwrite(str(tmp_path / f"masks/{name}.png"), mask)
    return tmp_path


class TestFolderSamples(SamplesSuite):
    @pytest.fixture
    def samples(self, folder):
        return read_folder(folder / "images", folder / "masks")


class TestFolderWithoutMasks(SamplesSuite):
    @pytest.fixture
    def samples(self, folder):
        return read_folder(folder / "images")


def test_masks_are_foreground_where_they_are_above_zero(folder):
    picture = read_folder(folder / "images", folder / "masks")[0]
    expected = np.zeros((120, 160), np.uint8)
    expected[10:20, 30:60] = 1
    np.testing.assert_array_equal(picture.truth.mask, expected)
    assert picture.truth.label == 1 and picture.truth.ignore is None


def test_without_masks_nothing_is_known(folder):
    truth = read_folder(folder / "images")[0].truth
    assert (truth.mask, truth.boxes, truth.label, truth.ignore) == (None, None, None, None)


def test_pictures_are_upright(folder):
    picture = read_folder(folder / "images")[2]
    assert picture.size == (160, 120) and picture.image.shape == (160, 120, 3)
    straight = np.rot90(scene(1), -1).astype(int)
    assert np.abs(straight - picture.image).mean() < 12


def test_a_png_that_lies_on_its_side_is_turned_too(folder):
    exif = Image.Exif()
    exif[0x0112] = TURNED
    Image.fromarray(scene(1)).save(folder / "images/a.png", exif=exif)
    picture = read_folder(folder / "images")[0]
    assert picture.size == (160, 120) and picture.data is None
    np.testing.assert_array_equal(picture.image, np.rot90(scene(1), -1))


def test_bytes_are_offered_only_where_they_are_the_picture(folder):
    offered = {picture.name: picture.data is not None for picture in read_folder(folder / "images")}
    assert offered == {"a": True, "b": True, "c": False, "d": False, "e": False}


def test_no_picture_is_decoded_before_it_is_asked_for(folder):
    file = folder / "images/a.png"
    file.write_bytes(file.read_bytes()[:200])
    samples = read_folder(folder / "images", folder / "masks")
    assert len(samples) == 5 and samples[0].size == (120, 160)
    with pytest.raises(DatasetError, match=r"images/a\.png: damaged or truncated"):
        _ = samples[0].image


def test_names_that_clash_are_refused(folder):
    (folder / "images/b.png").write_bytes((folder / "images/a.png").read_bytes())
    with pytest.raises(DatasetError, match=r"b\.jpg and b\.png are both called 'b'; rename one"):
        read_folder(folder / "images", folder / "masks")


def test_files_that_begin_with_a_dot_are_passed_over(folder):
    (folder / "images/._a.png").write_bytes(b"no picture")
    assert find_photographs(folder / "images")[0].name == "a.png"


def test_what_is_wrong_with_a_mask_is_named(folder):
    cv2.imwrite(str(folder / "masks/a.png"), np.zeros((60, 160), np.uint8))
    (folder / "masks/b.png").write_bytes(b"no picture")
    samples = read_folder(folder / "images", folder / "masks")
    with pytest.raises(DatasetError, match=r"masks/a\.png: mask is \(60, 160\), its photograph \(120, 160\)"):
        _ = samples[0].truth
    with pytest.raises(DatasetError, match=r"masks/b\.png: not an image"):
        _ = samples[1].truth
    (folder / "masks/b.png").unlink()
    with pytest.raises(DatasetError, match=r"masks/b\.png: no mask for b\.jpg"):
        read_folder(folder / "images", folder / "masks")


def test_an_empty_folder_and_special_files_are_refused(tmp_path):
    with pytest.raises(DatasetError, match="no images found"):
        read_folder(tmp_path)
    for special in (Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(DatasetError, match="no images found"):
            read_folder(special)
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(DatasetError, match=r"a\.jpg: cannot be read: not an ordinary file"):
        read_folder(tmp_path)[0]
    (tmp_path / "a.jpg").unlink()
    (tmp_path / "a.jpg").symlink_to("/dev/zero")
    with pytest.raises(DatasetError, match=r"a\.jpg: cannot be read: not an ordinary file"):
        read_folder(tmp_path)[0]


def test_one_image_is_a_folder_of_one(folder):
    (picture,) = read_folder(folder / "images/b.jpg", folder / "masks")
    assert picture.name == "b" and picture.truth.label == 1


def test_formats_are_named_in_one_place(folder):
    assert set(FORMATS) == {"coco", "folder", "tints"}
    assert len(FORMATS["folder"](folder / "images", folder / "masks")) == 5
