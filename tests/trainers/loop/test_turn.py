"""A recipe turned by the slices of a model's rows, knob by knob."""

import pytest

from synthgen.core.config import Model
from synthgen.core.errors import ConfigError
from synthgen.scene.recipe import Recipe
from trainers.loop.turn import KNOBS, check_knobs, turned
from trainers.score.slices import Slice

CATEGORIES = ("handgun", "rifle")
BOUNDS = (0.05, 0.9)


def recipe(**changes):
    """All values of the preset, with some occluders, as plain JSON."""
    values = {"preset": "photographs", "occluders": {"probability": 0.2}, **changes}
    found: Model = Recipe.model_validate(values)
    return found.model_dump(mode="json")


def part(trait, score, low=None, high=None, label="", decisive=50):
    return Slice(trait, label, low, high, decisive, decisive, score, None, {})


def turn(slices, *knobs, values=None, gain=1.0):
    return turned(values or recipe(), slices, knobs, categories=CATEGORIES, gain=gain, bounds=BOUNDS)


def test_small_targets_that_are_missed_come_more_often():
    slices = [part("size", 0.2, None, 0.35), part("size", 0.8, 0.35, 0.9), part("size", 0.8, 0.9, None)]
    found, log = turn(slices, "scale")
    # errors .8, .2, .2 at weights .4, .35, .25: mean .44
    after = [0.4 * 0.8, 0.35 * 0.2, 0.25 * 0.2]
    expected = [each / sum(after) for each in after]
    assert [stratum["weight"] for stratum in found["scale"]["strata"]] == pytest.approx(expected)
    assert [(each.knob, each.option, each.error, each.before) for each in log] == [
        ("scale", "0.1–0.35", pytest.approx(0.8), pytest.approx(0.4)),
        ("scale", "0.35–0.9", pytest.approx(0.2), pytest.approx(0.35)),
        ("scale", "0.9–1.7", pytest.approx(0.2), pytest.approx(0.25)),
    ]


def test_strata_without_weights_come_equally_often():
    values = recipe(scale={"min": 0.1, "max": 0.8, "strata": [{"min": 0.1, "max": 0.4}, {"min": 0.4, "max": 0.8}]})
    found, log = turn([part("size", 0.4, None, 0.4), part("size", 0.8, 0.4, None)], "scale", values=values)
    assert [each.before for each in log] == [0.5, 0.5]
    assert [stratum["weight"] for stratum in found["scale"]["strata"]] == pytest.approx([0.75, 0.25])


def test_a_slice_counts_where_it_overlaps_by_how_many_pictures_it_has():
    # the stratum .35–.9 has half of .2–.5 (weight 10 · .5) and all of .5–.9 (weight 15)
    slices = [part("size", 0.6, 0.2, 0.5, decisive=10), part("size", 0.2, 0.5, 0.9, decisive=15)]
    _, log = turn(slices, "scale")
    assert log[1].error == pytest.approx((5 * 0.4 + 15 * 0.8) / 20)
    assert log[2].error is None


def test_angles_count_either_way():
    slices = [part("rotation", 0.9, None, 35), part("rotation", 0.3, 35, 180)]
    found, log = turn(slices, "rotation")
    assert log[0].error == pytest.approx(0.1) and log[1].error > 0.1
    assert found["rotation"]["strata"][1]["weight"] > 0.2


def test_grounds_occluders_and_categories_turn_by_name_and_by_range():
    slices = [
        part("ground", 0.9, label="plain"),
        part("ground", 0.3, label="scene"),
        part("occlusion", 0.9, None, 0.05),
        part("occlusion", 0.3, 0.05, 0.4),
        part("occlusion", 0.3, 0.4, None),
        part("category", 0.9, label="handgun"),
        part("category", 0.3, label="rifle"),
    ]
    found, log = turn(slices, "ground", "occluders", "categories")
    assert found["background"]["plain"]["share"] < 0.4 and found["occluders"]["probability"] > 0.2
    assert found["categories"]["rifle"] == pytest.approx(0.7 / 0.8) and sum(found["categories"].values()) == 1
    assert len(log) == 6


def test_a_category_that_was_harvested_joins_with_the_mean_weight():
    weighed = {**recipe(), "categories": {"handgun": 0.5, "rifle": 0.25}}
    *_, rifle, firearm = KNOBS["categories"].options(weighed, ("handgun", "rifle", "firearm"))
    assert (rifle.weight, firearm.weight) == (pytest.approx(0.25 / 1.125), pytest.approx(0.375 / 1.125))


@pytest.mark.parametrize("knob", KNOBS)
def test_a_turned_recipe_is_a_recipe_and_nothing_else_changed(knob):
    before = recipe()
    found, _ = turn([], knob)
    same, _ = turn([part("size", 0.5), part("rotation", 0.5), part("occlusion", 0.5)], knob, gain=0)
    for values in (found, same):
        Recipe.model_validate(values)
        first = KNOBS[knob].field.split(".")[0]
        assert {key: value for key, value in values.items() if key != first} == {
            key: value for key, value in before.items() if key != first
        }


@pytest.mark.parametrize(
    ("values", "knob", "bounds", "complaint"),
    [
        ({"scale": {"min": 0.1, "max": 0.5}}, "scale", BOUNDS, "recipe.scale.strata leaves no choice"),
        ({"occluders": {"probability": 0}}, "occluders", BOUNDS, "gives hidden a weight of 0, outside of the bounds"),
        ({"background": {"plain": {"share": 0.98}}}, "ground", BOUNDS, "gives plain a weight of 0.98, outside"),
        ({}, "scale", (0.4, 0.9), "3 weights within 0.4–0.9 cannot make 1"),
    ],
    ids=str,
)
def test_a_knob_that_cannot_be_turned_is_refused(values, knob, bounds, complaint):
    with pytest.raises(ConfigError) as error:
        check_knobs(recipe(**values), [knob], bounds=bounds)
    assert complaint in str(error.value) and "\n" not in str(error.value)


def test_knobs_that_can_be_turned_pass():
    check_knobs(recipe(), list(KNOBS), bounds=BOUNDS)
