"""Ranges: bounded wherever a recipe has one, so that no draw overflows."""

import numpy as np
import pytest
from pydantic import ValidationError

from synthgen.core.config import Model
from synthgen.core.ranges import CountRange, FloatRange, Mixture, RatioRange
from synthgen.scene.recipe import Recipe


def ranges_of(model, place=()):
    """Dotted key of every float range within a section and the sections it holds, those left out by default as well."""
    for name, field in model.model_fields.items():
        for inner in {field.annotation, *getattr(field.annotation, "__args__", ())}:
            if isinstance(inner, type) and issubclass(inner, FloatRange):
                yield (*place, name)
            if isinstance(inner, type) and issubclass(inner, Model):
                yield from ranges_of(inner, (*place, name))


RANGES = sorted(set(ranges_of(Recipe)))


def test_the_walk_finds_them():
    assert len(RANGES) > 30
    assert {("rotation",), ("scale",), ("scale", "camera", "hold_m"), ("shadow", "cast", "lean")} <= set(RANGES)


@pytest.mark.parametrize("place", RANGES, ids=".".join)
@pytest.mark.parametrize("ends", [(-1e308, 1e308), (1e308, 1e308), (-1e308, 0)])
def test_no_range_of_a_recipe_reaches_to_where_draws_overflow(place, ends):
    section = dict(zip(("min", "max"), ends, strict=True))
    for name in reversed(place):
        section = {name: [section] if name == "strata" else section}
    with pytest.raises(ValidationError, match=r"give a smaller number|greater than 0|less than or equal|is not within"):
        Recipe.model_validate(section)


@pytest.mark.parametrize("weight", [1e308, -1, float("nan")])
def test_weights_of_categories_are_bounded(weight):
    with pytest.raises(ValidationError, match=r"must not be negative or above 1,000,000|finite"):
        Recipe.model_validate({"categories": {"a": weight, "b": 1e308}})


def test_the_message_says_what_is_allowed():
    with pytest.raises(ValidationError, match=r"max 1e\+308 is not within ±1,000,000; give a smaller number"):
        FloatRange(min=0, max=1e308)


def test_the_widest_range_is_drawn_from():
    values = [FloatRange(min=-1e6, max=1e6).draw(np.random.default_rng(seed)) for seed in range(100)]
    assert all(-1e6 <= value <= 1e6 for value in values) and min(values) < 0 < max(values)


def test_both_ends_of_a_count_are_drawn():
    rng = np.random.default_rng(0)
    assert {CountRange(min=1, max=3).draw(rng) for _ in range(50)} == {1, 2, 3}


def mixture(*weights):
    """Strata 0–0, 1–1, … with these weights."""
    strata = [{"min": place, "max": place, "weight": weight} for place, weight in enumerate(weights)]
    return Mixture.model_validate({"min": 7, "max": 7, "strata": strata})


@pytest.mark.parametrize("weights", [(0.2, 0.5, 0.3), (None, None, None), (0.333333, 0.333333, 0.333334), (0, 1, 0)])
def test_strata_come_as_often_as_they_weigh(weights):
    rng, drawn = np.random.default_rng(0), mixture(*weights)
    counts = np.bincount([int(drawn.draw(rng)) for _ in range(3000)], minlength=3)
    assert counts / 3000 == pytest.approx([1 / 3 if weight is None else weight for weight in weights], abs=0.04)


def test_a_mixture_without_strata_is_its_range():
    assert mixture().draw(np.random.default_rng(0)) == 7


@pytest.mark.parametrize(
    ("weights", "complaint"),
    [((0.5, 0.6), "the weights add up to 1.1"), ((0.4, 0.4), "add up to 0.8"), ((1, None), "1 of 2 strata have a")],
)
def test_weights_are_those_of_all_strata_and_add_up_to_one(weights, complaint):
    with pytest.raises(ValidationError, match=complaint):
        mixture(*weights)


def test_a_ratio_is_as_often_above_the_geometric_mean_as_below():
    rng = np.random.default_rng(0)
    drawn = np.array([RatioRange(min=0.25, max=4).draw(rng) for _ in range(2000)])
    assert drawn.min() >= 0.25 and drawn.max() <= 4
    assert np.histogram(np.log2(drawn), bins=4)[0] / 2000 == pytest.approx([0.25] * 4, abs=0.04)


@pytest.mark.parametrize("kind", [FloatRange, CountRange])
def test_an_inverted_range_is_refused(kind):
    with pytest.raises(ValidationError, match=r"min 3.* is above max 2.*; swap them"):
        kind(min=3, max=2)
