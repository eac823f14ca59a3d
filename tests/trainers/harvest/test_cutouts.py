"""Cutouts from boxes: what is cut is the object, what is doubtful is refused, and intake takes the folder."""

import csv

import cv2
import numpy as np
import pytest

from synthgen.assets.catalog import AssetsConfig
from synthgen.assets.intake import load_catalog
from synthgen.core.errors import ConfigError, DatasetError
from synthgen.core.picture import Boxes, DecodedPicture, Truth
from synthgen.core.pictures import write_picture
from trainers.commands.cutouts import cutouts
from trainers.config.operating_point import OperatingPoint
from trainers.harvest.cut import Cutout, Refusal, cut_out
from trainers.harvest.cutouts import false_alarms, harvest_cutouts, true_boxes

NETWORK, FRAME = (96, 96), (240, 320)
BOX = (100, 80, 220, 160)


class BlueObjects:
    """Takes for foreground what is blue, as surely as it is told, wherever it looks."""

    title, size = "blue", NETWORK

    def __init__(self, sure=0.97):
        self.sure = sure

    def probabilities(self, images):
        blue = (images[..., 2] > 150) & (images[..., 0] < 100)
        return np.where(blue, self.sure, 0.02).astype(np.float32)[:, None]


def ellipse(box, frame=FRAME):
    """Pixels of the ellipse that fills a box."""
    x0, y0, x1, y1 = box
    y, x = np.mgrid[: frame[0], : frame[1]] + 0.5
    return ((x - (x0 + x1) / 2) / ((x1 - x0) / 2)) ** 2 + ((y - (y0 + y1) / 2) / ((y1 - y0) / 2)) ** 2 <= 1


def photograph(*boxes):
    """Blue ellipses on a noisy brown ground."""
    rng = np.random.default_rng(0)
    image = np.array([150, 110, 60]) + rng.integers(-15, 16, (*FRAME, 3))
    for box in boxes:
        image[ellipse(box)] = np.array([40, 60, 210]) + rng.integers(-15, 16, 3)
    return image.astype(np.uint8)


def picture(name="a", *, boxes=(BOX,), objects=(BOX,), crowd=None):
    truth = Truth(boxes=Boxes.of(boxes, ["handgun"] * len(boxes), crowd=crowd))
    return DecodedPicture(name, name, photograph(*objects), truth)


def rows_of(folder):
    return list(csv.DictReader((folder / "catalog.csv").read_text().splitlines()))


def test_what_is_cut_is_the_object_without_its_ground():
    found = cut_out(BlueObjects(), photograph(BOX), BOX)
    assert isinstance(found, Cutout) and found.score == pytest.approx(0.97, abs=0.02)
    np.testing.assert_allclose(found.box, BOX, atol=2)
    x0, y0, x1, y1 = found.box
    assert found.picture.shape == (y1 - y0, x1 - x0, 4)
    alpha, truth = found.picture[..., 3] > 127, ellipse(BOX)[y0:y1, x0:x1]
    assert (alpha & truth).sum() / (alpha | truth).sum() > 0.95
    solid = found.picture[found.picture[..., 3] > 200]
    assert (solid[:, 2] > 150).all()  # no brown comes along


def test_it_is_the_same_each_time():
    first, again = (cut_out(BlueObjects(), photograph(BOX), BOX) for _ in range(2))
    np.testing.assert_array_equal(first.picture, again.picture)


@pytest.mark.parametrize(
    ("box", "objects", "sure", "reason"),
    [
        ((0, 80, 120, 160), ((0, 80, 120, 160),), 0.97, "cut by the frame"),
        ((100, 80, 150, 110), ((100, 80, 150, 110),), 0.97, "smaller than 64 pixels"),
        (BOX, (), 0.97, "nothing is surely seen there"),
        (BOX, (BOX,), 0.6, "nothing is surely seen there"),
        (BOX, ((100, 80, 160, 160),), 0.97, "does not reach its box"),
    ],
    ids=str,
)
def test_what_is_doubtful_is_refused(box, objects, sure, reason):
    found = cut_out(BlueObjects(sure), photograph(*objects), box)
    assert isinstance(found, Refusal) and reason in found.reason


def test_a_box_that_is_filled_shows_no_outline():
    image = photograph()
    image[80:160, 100:220] = (40, 60, 210)
    found = cut_out(BlueObjects(), image, BOX)
    assert isinstance(found, Refusal) and "fills too little or too much" in found.reason


def test_a_folder_of_cutouts_passes_intake_and_groups_follow_names(tmp_path):
    samples = [picture("gun7.copy1"), picture("gun7.copy2"), picture("gun8.copy1", boxes=[BOX, (0, 0, 90, 70)])]
    found = harvest_cutouts(
        BlueObjects(),
        samples,
        tmp_path / "cut",
        boxes_of=true_boxes,
        role="target",
        origin="street",
        group=r"^\w+",
    )
    assert found.kept == 3 and found.refused == {"cut by the frame": 1}
    (tmp_path / "scenes").mkdir()
    write_picture(tmp_path / "scenes/a.png", photograph())
    catalog = load_catalog(AssetsConfig(foregrounds=tmp_path / "cut", backgrounds=tmp_path / "scenes"))
    assert [(asset.category, asset.role, asset.source) for asset in catalog.foregrounds] == [
        ("handgun", "target", "street")
    ] * 3
    assert not [finding for finding in catalog.findings if finding.action == "quarantined"]
    groups = {row["id"]: row["group"] for row in rows_of(tmp_path / "cut")}
    assert groups == {"gun7.copy1-0": "gun7", "gun7.copy2-0": "gun7", "gun8.copy1-0": "gun8"}
    assert cv2.imread(str(tmp_path / "cut-cutouts.png")) is not None


def test_false_alarms_become_distractors(tmp_path):
    predictor = BlueObjects()
    boxes_of = false_alarms(predictor, OperatingPoint())
    found = harvest_cutouts(
        predictor, [picture("a"), picture("b", objects=())], tmp_path, boxes_of=boxes_of, role="distractor", origin="x"
    )
    assert found.kept == 1
    (row,) = rows_of(tmp_path)
    assert (row["role"], row["group"]) == ("distractor", "a")


def test_crowds_are_passed_over_and_a_photograph_without_boxes_is_refused():
    assert len(true_boxes(picture(boxes=[BOX, BOX], crowd=[True, False]))) == 1
    with pytest.raises(DatasetError, match="a: has no boxes to cut by; annotate it"):
        true_boxes(DecodedPicture("a", "a", photograph(), Truth()))


def test_what_is_wrong_is_told_before_the_model_is_opened(tmp_path):
    with pytest.raises(ConfigError, match=r"--group: '\(' is no regular expression: .*; correct it"):
        cutouts(tmp_path / "no.pt", tmp_path, tmp_path / "out", group="(")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/kept.txt").touch()
    with pytest.raises(ConfigError, match="holds files already; give a new folder"):
        cutouts(tmp_path / "no.pt", tmp_path, tmp_path / "out")
