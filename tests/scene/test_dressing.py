"""What each object is dressed with: widths that fit it, and a light that shifts no other draw."""

from dataclasses import replace

import numpy as np
import pytest

from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe

NARROW = 96  # pixels: the tiny cutouts are 96×128


def placements(cast, index, **recipe):
    recipe = Recipe.model_validate({"negatives": 0, **recipe})
    return plan_scene(recipe, cast, size=(96, 128), seed=6, index=index).placements


@pytest.mark.parametrize("paired", [1, 2])
def test_a_feather_in_shares_is_stored_in_pixels_of_each_object(cast, paired):
    feather = {"unit": "width", "min": 0.01, "max": 0.03}
    blend = {"modes": ["feather", "none"], "feather": feather, "paired": paired}
    dressed = [placement for index in range(20) for placement in placements(cast, index, blend=blend)]
    shares = [each.blend.radius / (NARROW * each.pose.scale) for each in dressed if hasattr(each.blend, "radius")]
    assert len(shares) > 10 and 0.0099 < min(shares) < 0.015 and 0.025 < max(shares) < 0.0301


def test_light_is_drawn_for_its_share_of_the_objects_and_shifts_nothing_else(cast):
    lit = [placements(cast, index, light={"probability": 0.5}) for index in range(60)]
    plain = [placements(cast, index) for index in range(60)]
    assert all(placement.light is None for scene in plain for placement in scene)
    assert [tuple(replace(placement, light=None) for placement in scene) for scene in lit] == plain
    assert np.mean([each.light is not None for scene in lit for each in scene]) == pytest.approx(0.5, abs=0.15)
