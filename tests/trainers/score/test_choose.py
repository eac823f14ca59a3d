"""The operating point is the best of a grid on pictures of which the best is known."""

import numpy as np
import pytest

from predictors import BrightLabels
from synthgen.core.errors import DatasetError, TrainingError
from synthgen.core.picture import Boxes, DecodedPicture, Truth
from trainers.config.operating_point import OperatingPoint
from trainers.score.benchmark import Benchmark
from trainers.score.choose import CLOSINGS, LEAST_AREAS, LEAST_SCORES, THRESHOLDS, choose

SIZE = (100, 100)
GUN = (10, 40, 70, 60)


class Grey:
    """Takes grey values for probabilities."""

    title, size = "grey", SIZE

    def probabilities(self, images):
        return images[:, None, :, :, 0].astype(np.float32) / 255


def picture(*, boxes=True, mask=True, ignore=None):
    """A gun in two pieces of 65 %, a halo of 35 % around it, a speck of 65 % and 6 × 6 pixels far off."""
    image = np.zeros((*SIZE, 3), np.uint8)
    image[30:70, 5:80] = round(0.35 * 255)
    image[40:60, 10:38] = image[40:60, 42:70] = image[5:11, 90:96] = round(0.65 * 255)
    truth = np.zeros(SIZE, np.uint8)
    truth[40:60, 10:70] = 1
    found = Boxes.of([GUN], ["gun"]) if boxes else None
    return DecodedPicture("one", "", image, Truth(truth if mask else None, found, ignore=ignore))


def benchmark(kind, *pictures):
    return Benchmark("val", "val", pictures, kind)


@pytest.mark.parametrize("kind", ["pixels", "boxes"])
@pytest.mark.parametrize("fit", ["letterbox", "stretch"])
def test_the_best_point_joins_the_pieces_and_leaves_out_halo_and_speck(kind, fit):
    choice = choose(Grey(), benchmark(kind, picture()), fit=fit)
    best = choice.best
    assert (best.recall, best.precision, best.f1) == (1, 1, 1)
    assert best.point == OperatingPoint(least_score=0.6)  # the nearest of equals to the default
    assert len(choice.trials) == len(THRESHOLDS) * len(CLOSINGS) * len(LEAST_AREAS) * len(LEAST_SCORES)
    pieces = OperatingPoint(closing=0, least_area=0.001, least_score=0)
    apart = next(trial for trial in choice.trials if trial.point == pieces)
    assert (apart.recall, apart.precision) == (0, 0)  # each piece is less than half of the gun
    assert (best.foreground_iou is None) == (kind == "boxes")


def test_masks_choose_the_threshold_by_foreground_iou():
    choice = choose(Grey(), benchmark("pixels", picture()))
    at = {trial.point.threshold: trial.foreground_iou for trial in choice.trials}
    gun, halo, gap, speck = 1200, 40 * 75, 80, 36
    assert at[0.5] == pytest.approx((gun - gap) / (gun + speck)) and at[0.3] == pytest.approx(gun / (halo + speck))
    assert at[0.9] == 0


def test_what_is_seen_less_surely_is_left_out_by_its_score_where_no_threshold_could():
    image = np.zeros((*SIZE, 3), np.uint8)
    image[40:60, 10:70] = image[70:90, 30:90] = round(0.55 * 255)  # a firearm's rim, and something else
    image[45:55, 20:60] = 255
    choice = choose(Grey(), benchmark("boxes", DecodedPicture("one", "", image, picture(mask=False).truth)))
    assert choice.best.f1 == 1 and choice.best.point.least_score == 0.6
    assert max(trial.f1 for trial in choice.trials if trial.point.least_score == 0) == pytest.approx(2 / 3)


def test_where_no_boxes_are_given_those_around_the_masks_parts_count():
    assert choose(Grey(), benchmark("pixels", picture(boxes=False))).best.f1 == 1


def test_what_lies_in_an_ignored_region_is_no_false_alarm():
    ignore = np.zeros(SIZE, bool)
    ignore[:20, 80:] = True
    choice = choose(Grey(), benchmark("pixels", picture(ignore=ignore)))
    kept = [trial for trial in choice.trials if trial.point == OperatingPoint(least_area=0.001, least_score=0.6)]
    assert [trial.precision for trial in kept] == [1]


def test_what_cannot_be_chosen_by_is_one_clear_line():
    black = DecodedPicture("one", "", np.zeros((*SIZE, 3), np.uint8), Truth(boxes=Boxes.of([GUN], ["gun"])))
    for predictor, pictures, kind, problem, complaint in (
        (BrightLabels(), [picture()], "pixels", TrainingError, "bright labels: predicts no pixels, so it has no parts"),
        (Grey(), [], "boxes", DatasetError, "val: holds no picture to choose by"),
        (Grey(), [black], "boxes", TrainingError, "grey: finds no box of val at any of 1620 points"),
        (Grey(), [picture(mask=False)], "pixels", DatasetError, "one: has no mask to choose the threshold by"),
        (Grey(), [picture(mask=False, boxes=False)], "boxes", DatasetError, "one: has neither mask nor boxes"),
    ):
        with pytest.raises(problem, match=complaint) as error:
            choose(predictor, benchmark(kind, *pictures))
        assert "\n" not in str(error.value)
