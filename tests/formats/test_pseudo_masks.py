"""Photographs and the table of their pseudo-labels: what is known of each, and that the two belong together."""

import shutil
from dataclasses import replace

import pytest

from pseudo_labels import labelled_photographs
from samples_suite import SamplesSuite
from synthgen.core.errors import DatasetError
from synthgen.formats.pseudo_masks import read_pseudo_masks
from synthgen.formats.pseudo_table import write_pseudo_table

REFUSED = {"valid": False, "reason": "nothing found"}
ROWS = {
    "found.png": {},
    "missed.png": REFUSED,
    "missed-but-labelled.png": REFUSED | {"label": 1},
    "labelled.png": {"label": 1},
    "negative.png": {"label": 0},
}


@pytest.fixture
def folder(tmp_path):
    write_pseudo_table(tmp_path / "t", labelled_photographs(tmp_path / "images", ROWS.items()))
    return tmp_path


def opened(folder):
    return read_pseudo_masks(folder / "images", folder / "t")


class TestSamples(SamplesSuite):
    @pytest.fixture
    def samples(self, folder):
        return opened(folder)


def test_a_valid_row_gives_its_mask_another_one_the_label_that_was_said_or_nothing(folder):
    found = {picture.name: picture.truth for picture in opened(folder)}
    assert list(found) == ["found", "missed-but-labelled", "labelled", "negative"]  # of `missed` nothing is known
    assert {name: truth.label for name, truth in found.items()} == {
        "found": 1,
        "missed-but-labelled": 1,
        "labelled": 1,
        "negative": 0,
    }
    assert found["missed-but-labelled"].mask is None
    assert [found[name].mask.sum() for name in ("found", "labelled", "negative")] == [48, 48, 0]
    assert found["found"].mask[3, 4] == 1 and found["found"].mask[2, 4] == 0


def test_labels_are_known_without_reading_a_photograph(folder):
    samples = opened(folder)
    shutil.rmtree(folder / "images")
    assert [samples.label(index) for index in range(len(samples))] == [1, 1, 1, 0]


def test_a_photograph_that_changed_since_is_refused(folder):
    shutil.copy(folder / "images/labelled.png", folder / "images/found.png")
    with pytest.raises(DatasetError, match=r"t: is of other pictures: .*found\.png is not the file that was labelled"):
        opened(folder)


def test_a_table_of_another_folder_is_refused(folder):
    (folder / "images/found.png").unlink()
    with pytest.raises(DatasetError, match=r"is of other pictures: .*images holds no file 'found\.png'"):
        opened(folder)


def test_a_photograph_of_which_nothing_is_known_may_be_gone(folder):
    (folder / "images/missed.png").unlink()
    assert len(opened(folder)) == 4


@pytest.mark.parametrize("file", ["../images/found.png", "/etc/passwd"])
def test_a_file_outside_of_the_folder_is_refused(folder, file):
    rows = labelled_photographs(folder / "images", ROWS.items())
    write_pseudo_table(folder / "t", [replace(rows[0], file=file)])
    with pytest.raises(DatasetError, match="is of other pictures"):
        opened(folder)


def test_two_rows_of_one_photograph_are_refused(folder):
    rows = labelled_photographs(folder / "images", ROWS.items())
    write_pseudo_table(folder / "t", [*rows, rows[0]])
    with pytest.raises(DatasetError, match="1 and 5 are both called 'found'"):
        opened(folder)


def test_a_table_without_anything_to_learn_from_is_refused(folder):
    write_pseudo_table(folder / "t", labelled_photographs(folder / "images", [("a.png", REFUSED)]))
    with pytest.raises(DatasetError, match="none of 1 pseudo-labels is valid"):
        opened(folder)


def test_a_row_can_be_refused_by_hand(folder):
    """As docs/pseudo-labels.md shows it."""
    rows = labelled_photographs(folder / "images", ROWS.items())
    write_pseudo_table(
        folder / "t",
        [replace(row, valid=False, reason="by hand") if row.image_id == "found" else row for row in rows],
    )
    assert [picture.name for picture in opened(folder)] == ["missed-but-labelled", "labelled", "negative"]
