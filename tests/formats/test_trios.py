"""CocoGlide's layout: real pictures with the masks of their objects and prompts; what lacks its partner is told."""

import json

import cv2
import numpy as np
import pytest

from synthgen.core.errors import DatasetError
from synthgen.formats.trios import read_trios
from trios import rectangle, write_trios


def test_a_trio_is_its_real_picture_with_its_mask_and_its_prompt(tmp_path):
    write_trios(tmp_path / "set", 3)
    found = read_trios(tmp_path / "set")
    assert (len(found), found.prompts, found.left_out) == (3, ("cup", "hat", "cup"), ())
    image, mask = rectangle(1)
    assert (found[1].image == image).all() and (found[1].truth.mask == (mask > 0)).all()
    assert [picture.name for picture in found] == ["real-0", "real-1", "real-2"]


def test_a_trio_without_partner_is_left_out_and_told(tmp_path):
    write_trios(tmp_path, 3)
    (tmp_path / "fake/1.png").unlink()
    (tmp_path / "mask/1.png").unlink()
    found = read_trios(tmp_path)
    assert [trio.real.name for trio in found.trios] == ["0.png", "2.png"]
    assert found.left_out == ("real/1.png: no file for fake, mask",)


def test_a_mask_of_another_size_is_refused(tmp_path):
    write_trios(tmp_path, 1)
    cv2.imwrite(str(tmp_path / "mask/0.png"), np.zeros((5, 6), np.uint8))
    with pytest.raises(DatasetError, match=r"mask is \(5, 6\), its photograph \(48, 64\)"):
        _ = read_trios(tmp_path)[0].truth


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("{", "no JSON"),
        ("{}", "expected a list of trios"),
        (
            '[{"real": "real/0.png"}]',
            "trio 1: has no fake, mask, prompt; give real, fake, mask and prompt, each as text",
        ),
        (
            '[{"real": "../0.png", "fake": "f", "mask": "m", "prompt": "p"}]',
            "trio 1: '../0.png' leads out of the folder",
        ),
        (
            '[{"real": "r", "fake": "f", "mask": "m", "prompt": "p"}]',
            "names no trio of which all three files are there",
        ),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path, table, complaint):
    (tmp_path / "table.json").write_text(table)
    with pytest.raises(DatasetError, match=complaint):
        read_trios(tmp_path)


def test_two_pictures_of_one_name_are_refused(tmp_path):
    lines = write_trios(tmp_path, 2)
    cv2.imwrite(str(tmp_path / "real/0.jpg"), rectangle(0)[0])
    (tmp_path / "table.json").write_text(json.dumps([lines[0], {**lines[1], "real": "real/0.jpg"}]))
    with pytest.raises(DatasetError, match="are both called 'real-0'"):
        read_trios(tmp_path)
