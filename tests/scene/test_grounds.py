"""Plain grounds: as often, of such colours and with such shadows as the recipe says."""

import json

import numpy as np
import pytest
from pydantic import ValidationError
from rich.console import Console
from scipy import stats

from synthgen.assets.cast import Cast
from synthgen.assets.splits import SplitShares
from synthgen.engine import GenerationConfig, generate, replay
from synthgen.ops.shadow.soft import SoftShadow
from synthgen.render.compositor import render_scene
from synthgen.render.ground import render_ground
from synthgen.scene.backdrop import Backdrop, PlainGround
from synthgen.scene.grounds import PlainRecipe
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Scene
from synthgen.shards.verify import verify_dataset
from tiny_assets import tiny_library, write_tiny_assets

SIZE = (48, 64)
NEVER = {"probability": 0, "depth": {"min": 0, "max": 0}}
FLAT = {"share": 1, "graded": NEVER, "clouded": NEVER, "textured": NEVER, "shadow": {"probability": 0}}


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    catalog, library = tiny_library(tmp_path_factory.mktemp("assets"))
    return Cast.of(catalog, "train", SplitShares()), library


def planned(assets, index, plain, **changes):
    recipe = Recipe.model_validate({"negatives": 0, "background": {"plain": plain}, **changes})
    return plan_scene(recipe, assets[0], size=SIZE, seed=4, index=index)


def drawn(plain, seed=0):
    return PlainRecipe.model_validate(plain).draw(SIZE, np.random.default_rng(seed))


def ground(**changes):
    numbers = dict(colour=(200.0, 150.0, 100.0), slope=(0.0, 0.0), clouds=0.0, cells=3, grain=0.0, thread=(4.0, 2.0))
    return PlainGround(**{**numbers, "angle": 20.0, "woven": False, "noise": (900, 1000), **changes})


def test_the_share_is_that_of_the_recipe_and_0_by_default(assets):
    plain = [isinstance(planned(assets, i, {"share": 0.4}).backdrop, PlainGround) for i in range(300)]
    assert stats.binomtest(sum(plain), 300, 0.4).pvalue > 1e-3
    assert Recipe().background.plain.share == 0


def test_scenes_that_keep_their_photo_stay_as_they_were(assets):
    for index in range(30):
        scene = planned(assets, index, {"share": 0.5})
        if isinstance(scene.backdrop, Backdrop):
            assert scene == planned(assets, index, {"share": 0})


def test_a_flat_ground_is_one_colour(assets):
    scene = planned(assets, 0, {**FLAT, "colours": [{"rgb": [210, 180, 140], "deviation": 0}]})
    image = render_ground(scene.backdrop, SIZE)
    assert image.shape == (*SIZE, 3) and (image == [210, 180, 140]).all()


def test_colours_come_by_weight_and_stay_in_their_range():
    white, red = {"value": {"min": 240, "max": 250}, "deviation": 0, "weight": 3}, {"rgb": [200, 0, 0], "deviation": 0}
    colours = [drawn({**FLAT, "colours": [white, red]}, seed).colour for seed in range(200)]
    whites = [colour for colour in colours if colour != (200, 0, 0)]
    assert stats.binomtest(len(whites), 200, 0.75).pvalue > 1e-3
    assert all(240 <= colour[0] <= 250 and len(set(colour)) == 1 for colour in whites)


def test_a_graded_ground_is_brightest_where_its_slope_leads():
    image = render_ground(ground(slope=(0.2, -0.1)), SIZE).astype(int)[:, :, 0]
    assert image[0, -1] == image.max() and image[-1, 0] == image.min()
    assert image[24, 32] == pytest.approx(200, abs=3)


def test_clouds_are_smooth_and_texture_is_fine():
    cloudy, grainy = (
        render_ground(ground(**change), SIZE)[:, :, 1].astype(int) for change in ({"clouds": 0.25}, {"grain": 0.1})
    )
    assert np.ptp(cloudy) > 10 and np.abs(np.diff(cloudy, axis=1)).max() <= 6
    assert 5 < grainy.std() < 16 and np.abs(np.diff(grainy, axis=1)).max() > 4


def test_threads_run_along_their_angle():
    image = render_ground(ground(grain=0.1, thread=(60.0, 1.0), angle=0.0), SIZE)[:, :, 1].astype(int)
    assert np.abs(np.diff(image, axis=1)).mean() < 0.2 * np.abs(np.diff(image, axis=0)).mean()


def test_objects_on_a_ground_share_one_shadow_which_moves_no_label(assets):
    plain = {**FLAT, "shadow": {"probability": 1}}
    for index in range(10):
        scene = planned(assets, index, plain, instances={"min": 2, "max": 2})
        shadows = {placement.shadow for placement in scene.placements}
        assert len(shadows) == 1 and isinstance(shadows.pop(), SoftShadow)
        bare = render_scene(planned(assets, index, FLAT, instances={"min": 2, "max": 2}), assets[1])
        shaded = render_scene(scene, assets[1])
        assert np.array_equal(bare.mask, shaded.mask) and (shaded.image <= bare.image).all()
        assert (shaded.image < bare.image).any()


def test_a_plain_scene_renders_the_same_from_its_json(assets):
    for index in range(20):
        scene = planned(assets, index, {"share": 1})
        again = Scene.from_json(scene.to_json())
        assert again == scene
        assert np.array_equal(render_scene(again, assets[1]).image, render_scene(scene, assets[1]).image)


def test_a_dataset_of_plain_grounds_verifies_and_replays_and_names_no_background(tmp_path):
    values = {
        "assets": write_tiny_assets(tmp_path / "assets").model_dump(),
        "size": SIZE,
        "samples": {"train": 3, "test": 3},
        "recipe": {"background": {"plain": {"share": 1}}},
        "output": {"path": "unused"},
        "engine": {"workers": 1},
    }
    generate(GenerationConfig.model_validate(values), tmp_path / "dataset", console=Console(quiet=True))
    assert verify_dataset(tmp_path / "dataset").problems == ()  # no ground is an asset that leaks between splits
    found = replay(tmp_path / "dataset", "train", 2)
    assert found.matches and found.sample.background_id == ""


def test_a_scene_of_version_3_is_read(assets):
    scene = planned(assets, 3, {"share": 0})
    value = json.loads(scene.to_json()) | {"version": 3}
    del value["backdrop"]["kind"]
    for placement in value["placements"]:
        del placement["light"]
    assert Scene.from_json(json.dumps(value)) == scene


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({"share": 0.4, "colours": []}, "plain backgrounds without colour: list one at least"),
        ({"colours": [{"weight": 2}]}, "a colour is either rgb"),
        ({"colours": [{"rgb": [1, 2, 3], "value": {"min": 0, "max": 9}}]}, "a colour is either rgb"),
        ({"colours": [{"rgb": [1, 2, 300]}]}, "less than or equal to 255"),
        ({"share": 1.5}, "less than or equal to 1"),
        (
            {"textured": {"probability": 1, "depth": {"min": 0, "max": 1}, "kinds": ["stone"]}},
            "'paper', 'cloth' or 'wood'",
        ),
    ],
)
def test_bad_grounds_are_refused(plain, said):
    with pytest.raises(ValidationError, match=said):
        Recipe.model_validate({"background": {"plain": plain}})
