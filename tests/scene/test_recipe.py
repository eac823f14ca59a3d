"""The recipe: every number has limits, so that no recipe asks for endless memory or for infinity."""

import typing

import pytest
from pydantic import ValidationError

from synthgen.core.config import Model
from synthgen.core.ranges import FloatRange
from synthgen.scene.recipe import Recipe

HUGE = 1e308
UNITS = {"camera": {"unit": "camera"}, "pixels_per_metre": {"unit": "metres"}}  # of scale: what a setting goes with


def ranges(model, path=()):
    """Yield the path of every range of floats below `model`."""
    for name, field in model.model_fields.items():
        for kind in (field.annotation, *typing.get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, Model):
                if issubclass(kind, FloatRange):
                    yield (*path, name)
                yield from ranges(kind, (*path, name))


def nested(path, values):
    for name in reversed(path):
        values = (values,) if name == "strata" else values
        values = {name: values | (UNITS.get(next(iter(values)), {}) if name == "scale" else {})}
    return values


PATHS = list(ranges(Recipe))


def test_the_recipe_has_ranges_in_many_sections():
    assert {path[0] for path in PATHS} >= {"scale", "rotation", "background", "occluders", "blend", "shadow", "camera"}
    assert len(PATHS) > 40


@pytest.mark.parametrize("path", PATHS, ids=".".join)
@pytest.mark.parametrize("values", [{"min": 1, "max": HUGE}, {"min": -HUGE, "max": 1}], ids=["above", "below"])
def test_every_range_has_limits(path, values):
    with pytest.raises(ValidationError, match=r"not within|greater than|less than|not above 0"):
        Recipe.model_validate(nested(path, values))


@pytest.mark.parametrize("weights", [{"a": HUGE, "b": HUGE}, {"a": -1}, {"a": 0}])
def test_weights_of_categories_can_be_added_up(weights):
    with pytest.raises(ValidationError, match="weights"):
        Recipe.model_validate({"categories": weights})
