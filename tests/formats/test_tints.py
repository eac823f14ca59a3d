"""Photographs with tinted ones beside them are pictures with masks."""

import cv2
import numpy as np
import pytest

from photographs import painted, scene, truth
from samples_suite import SamplesSuite
from synthgen.core.errors import DatasetError
from synthgen.formats.folder import read_folder
from synthgen.formats.tint import mask_of_tint
from synthgen.formats.tints import read_tints, write_tint_reports
from synthgen.formats.turns import six_fold
from synthgen.formats.write_folder import write_folder


@pytest.fixture
def tinted(tmp_path):
    for folder in ("photos", "tinted"):
        (tmp_path / folder).mkdir()
    for name, seed in (("a", 4), ("b", 5)):
        photograph = scene(seed)
        cv2.imwrite(str(tmp_path / f"photos/{name}.png"), photograph[:, :, ::-1])
        cv2.imwrite(str(tmp_path / f"tinted/{name}.png"), painted(photograph, truth(), (0, 0, 255), 0.5)[:, :, ::-1])
    return tmp_path


class TestTintSamples(SamplesSuite):
    @pytest.fixture
    def samples(self, tinted):
        return read_tints(tinted / "photos", tinted / "tinted")


def test_the_mask_is_that_of_the_tint(tinted):
    picture = read_tints(tinted / "photos", tinted / "tinted")[0]
    tinted_picture = cv2.imread(str(tinted / "tinted/a.png"))[:, :, ::-1]
    np.testing.assert_array_equal(picture.truth.mask > 0, mask_of_tint(scene(4), tinted_picture))
    assert picture.truth.label == 1 and picture.truth.boxes is None


def test_tinted_photographs_become_images_and_masks(tinted):
    samples = read_tints(tinted / "photos", tinted / "tinted")
    assert write_folder((turn for picture in samples for turn in six_fold(picture)), tinted / "out") == 12
    read = {picture.name: picture for picture in read_folder(tinted / "out/images", tinted / "out/masks")}
    assert len(read) == 12
    np.testing.assert_array_equal(read["a-0-none"].truth.mask, samples[0].truth.mask)


def test_reports_count_parts_and_holes_both_ways(tinted):
    samples = read_tints(tinted / "photos", tinted / "tinted")
    reports = [samples.report(index) for index in range(2)]
    assert all((report.written.parts, report.written.holes) == (1, 1) for report in reports)
    write_tint_reports(reports, tinted / "tints.tsv")
    header, *rows = (tinted / "tints.tsv").read_text().splitlines()
    assert header.split("\t")[:2] == ["name", "thresholded_parts"] and [row[0] for row in rows] == ["a", "b"]
    assert rows[0].split("\t")[4:6] == ["1", "1"]


def test_a_tinted_picture_without_tint_is_named(tinted):
    (tinted / "tinted/a.png").write_bytes((tinted / "photos/a.png").read_bytes())
    picture = read_tints(tinted / "photos", tinted / "tinted")[0]
    with pytest.raises(DatasetError, match=r"tinted/a\.png: no tint to be found"):
        _ = picture.truth


def test_a_tinted_picture_that_is_missing_is_named(tinted):
    (tinted / "tinted/a.png").unlink()
    with pytest.raises(DatasetError, match=r"no tinted picture for a\.png"):
        read_tints(tinted / "photos", tinted / "tinted")


def test_two_tinted_pictures_of_one_stem_are_refused(tinted):
    (tinted / "tinted/a.jpg").write_bytes((tinted / "tinted/a.png").read_bytes())
    with pytest.raises(DatasetError, match=r"a\.jpg and a\.png are both called 'a'"):
        read_tints(tinted / "photos", tinted / "tinted")
