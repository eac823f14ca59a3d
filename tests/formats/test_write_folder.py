"""Pictures with masks are written as folders that give them back."""

import cv2
import numpy as np
import pytest
from PIL import Image

from photographs import scene
from synthgen.core.errors import DatasetError
from synthgen.core.picture import DecodedPicture, Truth
from synthgen.formats.folder import read_folder
from synthgen.formats.write_folder import write_folder


def pictures(*names, **truth):
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    return [DecodedPicture(name, name, image, Truth(**truth)) for name in names]


def test_what_is_written_is_read_again(tmp_path):
    mask = np.zeros((4, 6), np.uint8)
    mask[1, 2:4] = 3
    ignore = np.zeros((4, 6), bool)
    ignore[3] = True
    assert write_folder(pictures("a", "b", mask=mask, ignore=ignore), tmp_path) == 2
    first, _ = read_folder(tmp_path / "images", tmp_path / "masks")
    np.testing.assert_array_equal(first.image, pictures("a")[0].image)
    np.testing.assert_array_equal(first.truth.mask, mask > 0)
    np.testing.assert_array_equal(first.truth.ignore, ignore)
    assert (cv2.imread(str(tmp_path / "masks/a.png"), cv2.IMREAD_UNCHANGED)[1, 2]) == 255


def test_encoded_images_are_written_as_they_are(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "masks").mkdir()
    picture = Image.fromarray(scene(1))
    picture.save(tmp_path / "in/a.png")
    picture.save(tmp_path / "in/b.jpg")
    picture.convert("L").save(tmp_path / "in/c.jpg")
    for name in "abc":
        cv2.imwrite(str(tmp_path / f"masks/{name}.png"), np.zeros((120, 160), np.uint8))
    write_folder(read_folder(tmp_path / "in", tmp_path / "masks"), tmp_path / "out")
    for name in ("a.png", "b.jpg"):
        assert (tmp_path / "out/images" / name).read_bytes() == (tmp_path / "in" / name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "out/images").iterdir()) == ["a.png", "b.jpg", "c.png"]
    assert not (tmp_path / "out/ignore").exists()


def test_two_pictures_of_one_name_are_refused(tmp_path):
    with pytest.raises(DatasetError, match="two pictures are called 'X'; give one another name"):
        write_folder(pictures("x", "X", mask=np.zeros((4, 6), np.uint8)), tmp_path)


def test_a_picture_without_mask_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="x has no mask"):
        write_folder(pictures("x"), tmp_path)
