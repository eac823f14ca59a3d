"""ImageNet's localization layout: pictures, and XML of the same stems with boxes and synsets."""

import numpy as np
import pytest

from synthgen.core.errors import DatasetError
from synthgen.formats.voc_xml import read_voc
from trios import rectangle, voc_xml, write_voc


def test_boxes_are_of_first_and_last_pixels_and_a_picture_is_of_its_first_class(tmp_path):
    write_voc(tmp_path, 3)
    found = read_voc(tmp_path / "Data", tmp_path / "Annotations")
    assert found.classes == ("n04086270", "n04086270", "n04086271")
    boxes = found[0].truth.boxes
    down, across = np.nonzero(rectangle(0)[1])
    assert boxes.xyxy[0].tolist() == [across.min(), down.min(), across.max() + 1, down.max() + 1]  # half-open
    assert boxes.xyxy[1].tolist() == [0, 0, 5, 6] and len(boxes) == 2  # the third is of another class
    assert boxes.categories == ("n04086270", "n04086270")
    assert found[0].name == "n04086270-n04086270_0" and found[0].truth.mask is None


def test_what_lacks_its_partner_is_left_out_and_told(tmp_path):
    write_voc(tmp_path, 4)
    (tmp_path / "Data/n04086270/n04086270_0.JPEG").unlink()
    (tmp_path / "Annotations/n04086271/n04086271_1.xml").unlink()
    (tmp_path / "Annotations/n04086270/n04086270_2.xml").write_text(voc_xml([]))
    found = read_voc(tmp_path / "Data", tmp_path / "Annotations")
    assert len(found) == 1
    assert found.left_out == (
        "n04086271/n04086271_1.JPEG: no annotations",
        "n04086270/n04086270_0.xml: no picture",
        "n04086270/n04086270_2.xml: no object",
    )


@pytest.mark.parametrize(
    ("xml", "complaint"),
    [
        ("<annotation>", "not XML"),
        (voc_xml([("n", 5, 5, 4, 9)]), "the box 5, 5, 4, 9 has no area"),
        (voc_xml([("n", "x", 5, 4, 9)]), "could not convert"),
        (voc_xml([("", 1, 1, 4, 9)]), "<object> has no name"),
        ("<a><object><name>n</name></object></a>", "an object has no bndbox"),
    ],
)
def test_annotations_that_are_none_are_refused(tmp_path, xml, complaint):
    write_voc(tmp_path, 1)
    (tmp_path / "Annotations/n04086270/n04086270_0.xml").write_text(xml)
    with pytest.raises(DatasetError, match=complaint):
        read_voc(tmp_path / "Data", tmp_path / "Annotations")


def test_annotations_of_another_size_are_refused(tmp_path):
    write_voc(tmp_path, 1)
    (tmp_path / "Annotations/n04086270/n04086270_0.xml").write_text(voc_xml([("n", 1, 1, 4, 9)], size=(10, 20)))
    with pytest.raises(DatasetError, match="is 48×64, its annotations say 10×20"):
        _ = read_voc(tmp_path / "Data", tmp_path / "Annotations")[0].truth


def test_folders_that_share_no_stem_are_refused(tmp_path):
    write_voc(tmp_path, 1)
    with pytest.raises(DatasetError, match="no picture has annotations of its stem with an object"):
        read_voc(tmp_path / "Data", tmp_path / "Data")
