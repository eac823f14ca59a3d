"""Priors: a recipe written from real boxes draws boxes that are distributed alike."""

import numpy as np
import pytest
import yaml
from scipy import stats

from real_boxes import framed, write_boxes
from synthgen.core.errors import DatasetError
from synthgen.priors.fit import LONGER
from synthgen.priors.prior import find_prior
from synthgen.priors.survey import survey
from synthgen.scene.recipe import Recipe


@pytest.fixture(scope="module")
def prior(tmp_path_factory):
    """Of 600 boxes: small, middling and large objects, of which many are cut."""
    boxes = framed(np.random.default_rng(1), 600, lengths=np.linspace(0.1, 1.3, 50), reach=0.35)
    return find_prior(write_boxes(tmp_path_factory.mktemp("boxes") / "real.json", boxes, size=(400, 400), empty=200))


def values(prior):
    return yaml.safe_load(prior.text)["recipe"]


def test_what_is_written_is_a_recipe(prior):
    recipe = Recipe.model_validate(values(prior))
    assert sum(stratum.weight for stratum in recipe.scale.strata) == pytest.approx(1, abs=1e-9)
    assert recipe.position.kind == "anywhere"


def test_drawn_boxes_are_as_long_as_the_measured_ones(prior):
    real, drawn = prior.found.boxes.lengths, prior.drawn.lengths
    assert stats.ks_2samp(real, drawn).statistic < 0.1
    assert np.quantile(drawn, (0.25, 0.5, 0.75)) == pytest.approx(np.quantile(real, (0.25, 0.5, 0.75)), rel=0.12)


def test_drawn_boxes_lie_where_the_measured_ones_lie(prior):
    real, drawn = prior.found.boxes, prior.drawn
    assert drawn.centres.mean(axis=0) == pytest.approx(real.centres.mean(axis=0), abs=0.02)
    assert drawn.centres.std(axis=0) == pytest.approx(real.centres.std(axis=0), rel=0.12)
    assert drawn.cut.mean() == pytest.approx(real.cut.mean(), abs=0.06)


def test_what_an_edge_cuts_was_larger_than_is_seen(prior):
    longest = max(stratum.high for stratum in prior.fitted.strata)
    assert 1.05 < longest <= LONGER * prior.found.boxes.lengths.max() + 0.01
    share = sum(stratum.weight for stratum in prior.fitted.strata if stratum.low >= 0.9)
    assert share == pytest.approx(0.33, abs=0.12), "a third of the objects were longer than .9"


def test_negatives_and_counts_are_shares_of_pictures(prior):
    assert values(prior)["negatives"] == 0.25
    assert values(prior)["instances"] == {"min": 1, "max": 1}
    assert prior.drawn.negatives == pytest.approx(0.25, abs=0.03)


def test_the_file_says_what_was_measured(prior):
    assert "# Measured on 600 boxes (handgun) in 600 of 800 pictures of real.json." in prior.text


def test_where_nothing_is_cut_nothing_is_longer_than_what_is_seen(tmp_path):
    boxes = framed(np.random.default_rng(1), 200, lengths=np.linspace(0.05, 0.2, 20), reach=0.3)
    prior = find_prior(write_boxes(tmp_path / "real.json", boxes, size=(400, 400)))
    assert max(stratum.high for stratum in prior.fitted.strata) <= 0.2
    assert "are cut" not in prior.text
    assert values(prior)["truncation"] == {"probability": 0.0}


def test_lengths_are_those_before_squeezing_and_the_stretch_says_how_much(tmp_path):
    """A box of 200×100 pixels in a picture of 800×400 is a square of a quarter in a square frame."""
    path = write_boxes(tmp_path / "real.json", [(300, 150, 200, 100)] * 12, size=(400, 800))
    prior = find_prior(path)
    assert values(prior)["stretch"] == {"min": 2.0, "max": 2.0}
    assert prior.found.boxes.lengths == pytest.approx(0.25)
    assert prior.drawn.sides == pytest.approx(0.25, abs=0.01)


def test_frames_of_the_pictures_own_shape_need_no_stretch(tmp_path):
    prior = find_prior(write_boxes(tmp_path / "real.json", [(300, 150, 200, 100)] * 12, size=(400, 800)), aspect=2.0)
    assert values(prior)["stretch"] == {"min": 1.0, "max": 1.0}
    assert prior.drawn.lengths == pytest.approx(0.5, abs=0.01)


def test_one_box_is_enough(tmp_path):
    prior = find_prior(write_boxes(tmp_path / "real.json", [(20, 20, 60, 30)]))
    assert Recipe.model_validate(values(prior)).scale.strata[0].weight == 1


@pytest.mark.parametrize(("inset", "touched"), [(0, True), (1, True), (2, True), (4, False)])
def test_a_box_that_ends_near_an_edge_touches_it(tmp_path, inset, touched):
    found = survey(write_boxes(tmp_path / "real.json", [(inset, 100, 80, 40)], size=(400, 400)))
    assert found.boxes.touches.tolist() == [[touched, False, False, False]]


def test_boxes_are_cut_at_the_edge_of_the_picture(tmp_path):
    found = survey(write_boxes(tmp_path / "real.json", [(-20, 40, 60, 40)], size=(100, 100)))
    assert found.boxes.xyxy.tolist() == [[0, 0.4, 0.4, 0.8]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"real\.json: no COCO annotations: unexpected end of data"),
        ('{"images": [], "annotations": [], "categories": []}', r"no COCO annotations: images is empty"),
        ('{"annotations": []}', r"no COCO annotations: images is missing or no list"),
    ],
)
def test_what_is_no_coco_file_is_refused(tmp_path, text, message):
    (tmp_path / "real.json").write_text(text)
    with pytest.raises(DatasetError, match=message):
        find_prior(tmp_path / "real.json")


@pytest.mark.parametrize("boxes", [{"boxes": [], "empty": 3}, {"boxes": [(1, 2, 3, 4)] * 3, "crowd": True}])
def test_a_file_without_boxes_is_refused(tmp_path, boxes):
    with pytest.raises(DatasetError, match=r"real\.json: no boxes in 3 images, crowds apart; give a file that has"):
        find_prior(write_boxes(tmp_path / "real.json", **boxes))


@pytest.mark.parametrize("box", [(10, 10, 0, 5), (10, 10, 5, 0), (-5, 10, 5, 5)])
def test_a_box_that_covers_nothing_is_named(tmp_path, box):
    with pytest.raises(DatasetError, match=r"real\.json: annotation 1 of 1\.jpg: its box covers nothing"):
        find_prior(write_boxes(tmp_path / "real.json", [(10, 10, 5, 5), box]))
