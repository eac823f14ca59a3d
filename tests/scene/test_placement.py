"""Where objects go: anywhere, beyond the frame, in mixtures of sizes and turns, in stretched pictures."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from synthgen.core.errors import PlacementError
from synthgen.core.geometry import bounds, rotation_scale_flip
from synthgen.scene.footprint import Footprint
from synthgen.scene.plan import plan_scene
from synthgen.scene.pose import Pose
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Scene
from tiny_assets import asset_of

SIZE = (96, 128)
ONE = {
    "negatives": 0,
    "instances": {"min": 1, "max": 1},
    "distractors": {"min": 0, "max": 0},
    "truncation": {"probability": 0},
}
MIXED = [
    {"min": 0.1, "max": 0.4, "weight": 0.3},
    {"min": 0.4, "max": 1.1, "weight": 0.5},
    {"min": 1.1, "max": 2, "weight": 0.2},
]
poses = st.builds(
    Pose,
    scale=st.floats(0.05, 4),
    rotation=st.floats(-180, 180),
    flip=st.booleans(),
    center=st.tuples(st.floats(-50, 200), st.floats(-50, 200)),
    stretch=st.floats(0.25, 4),
    aspect=st.sampled_from([0.5, 1.0, 1.7]),
    shear=st.sampled_from([-0.6, 0.0, 0.3]),
)


def scenes(cast, count, **changes):
    recipe = Recipe.model_validate(ONE | changes)
    return [plan_scene(recipe, cast, size=SIZE, seed=0, index=index) for index in range(count)]


def lengths(catalog, planned):
    """Long sides in frame heights."""
    assets = [asset_of(catalog, scene.placements[0].foreground_id) for scene in planned]
    return np.array(
        [s.placements[0].pose.scale * max(a.height, a.width) / SIZE[0] for s, a in zip(planned, assets, strict=True)]
    )


def boxes(catalog, planned):
    """Boxes (x0, y0, x1, y1) around the hulls of all placements."""
    return np.array(
        [
            bounds(asset_of(catalog, p.foreground_id).outline @ p.pose.linear.T + p.pose.center)
            for scene in planned
            for p in scene.placements
        ]
    )


def test_strata_of_scale_come_as_often_as_weighed_and_uniformly_within(cast, catalog):
    drawn = lengths(catalog, scenes(cast, 600, scale={"strata": MIXED}, min_visibility=0))
    for stratum in MIXED:
        within = drawn[(drawn >= stratum["min"]) & (drawn < stratum["max"])]
        assert stats.binomtest(within.size, 600, stratum["weight"]).pvalue > 1e-3
        assert stats.kstest((within - stratum["min"]) / (stratum["max"] - stratum["min"]), "uniform").pvalue > 1e-3


def test_strata_of_rotation_come_as_often_as_weighed(cast):
    strata = [{"min": -25, "max": 25, "weight": 0.85}, {"min": 90, "max": 100, "weight": 0.15}]
    turns = np.array([s.placements[0].pose.rotation for s in scenes(cast, 400, rotation={"strata": strata})])
    steep = (turns >= 90) & (turns <= 100)
    assert (steep | (np.abs(turns) <= 25)).all()
    assert stats.binomtest(int(steep.sum()), 400, 0.15).pvalue > 1e-3


def test_rotation_is_a_range_as_before(cast):
    assert all(5 <= s.placements[0].pose.rotation <= 6 for s in scenes(cast, 20, rotation={"min": 5, "max": 6}))


def test_anywhere_draws_the_middle_of_the_box_uniformly_whatever_the_size(cast, catalog):
    position = {"kind": "anywhere", "x": {"min": 0.05, "max": 0.95}, "y": {"min": 0.2, "max": 0.6}}
    planned = scenes(cast, 500, position=position, scale={"min": 0.2, "max": 1.3}, min_visibility=0)
    x0, y0, x1, y1 = boxes(catalog, planned).T
    x, y = ((x0 + x1) / 2 / SIZE[1] - 0.05) / 0.9, ((y0 + y1) / 2 / SIZE[0] - 0.2) / 0.4
    for drawn in (x, y):
        assert stats.kstest(drawn, "uniform").pvalue > 1e-3
        assert abs(stats.spearmanr(drawn, x1 - x0).statistic) < 0.15


def test_anywhere_leaves_the_frame_over_several_edges_and_truncation_is_not_drawn(cast, catalog):
    changes = {"position": {"kind": "anywhere"}, "scale": {"min": 0.3, "max": 1.3}}
    planned = scenes(cast, 100, **changes)
    x0, y0, x1, y1 = boxes(catalog, planned).T
    crossed = (x0 < 0).astype(int) + (y0 < 0) + (x1 > SIZE[1]) + (y1 > SIZE[0])
    assert set(crossed) >= {0, 1, 2, 3}
    assert planned == scenes(cast, 100, **changes, truncation={"probability": 1, "max": 0.9})


def test_anywhere_is_drawn_again_while_too_little_lies_in_the_frame(cast, catalog):
    planned = scenes(cast, 100, position={"kind": "anywhere"}, scale={"min": 0.6, "max": 1.3}, min_visibility=0.7)
    for scene in planned:
        (placed,) = scene.placements
        outline = asset_of(catalog, placed.foreground_id).outline
        footprint = Footprint(placed.pose, outline @ placed.pose.linear.T + placed.pose.center)
        assert footprint.inside(SIZE) >= 0.7 * footprint.area


@pytest.mark.parametrize("kind", ["uniform", "gaussian", "grid"])
def test_an_object_larger_than_the_frame_spans_it(cast, catalog, kind):
    size = {"scale": {"min": 1.6, "max": 2}, "rotation": {"min": -5, "max": 5}}
    for x0, y0, x1, y1 in boxes(catalog, scenes(cast, 40, position={"kind": kind}, min_visibility=0, **size)):
        for start, end, side in ((x0, x1, SIZE[1]), (y0, y1, SIZE[0])):
            low, high = sorted((0, side - (end - start)))  # of `start`, whichever of object and frame is larger
            assert low - 1 / 64 <= start <= high + 1 / 64


def test_truncated_objects_may_be_larger_than_the_frame(cast):
    planned = scenes(cast, 100, scale={"strata": MIXED}, truncation={"probability": 0.5, "max": 0.5})
    assert all(len(scene.placements) == 1 for scene in planned)


def test_with_a_camera_an_object_taller_than_the_frame_keeps_its_row(cast, catalog):
    geometry = {"height_m": {"min": 3, "max": 3}, "pitch_deg": {"min": 30, "max": 30}, "hold_m": {"min": 1, "max": 1}}
    changes = {"rotation": {"min": 90, "max": 90}, "max_tries": 2000, "min_visibility": 0.1}
    planned = scenes(cast, 10, scale={"unit": "camera", "min": 6, "max": 6, "camera": geometry}, **changes)
    _, y0, _, y1 = boxes(catalog, planned).T
    assert ((y0 <= 1 / 64) & (y1 >= SIZE[0] - 1 / 64))[y1 - y0 > SIZE[0]].all()


def test_what_is_endless_has_no_place(cast):
    with pytest.raises(PlacementError, match=r"0 of at least 1 targets could be placed .* lower recipe.scale,"):
        scenes(cast, 1, scale={"min": 1000, "max": 1000}, min_visibility=0)


@given(pose=poses)
def test_a_stretch_squeezes_what_was_turned_and_keeps_its_area(pose):
    square = np.array([[0, 0], [3, 0], [3, 2], [0, 2.0]])
    plain, stretched = (square @ each.linear.T for each in (replace(pose, stretch=1.0), pose))
    assert np.allclose(stretched, plain * [pose.stretch**-0.5, pose.stretch**0.5])
    assert np.array_equal(
        replace(pose, stretch=1.0, aspect=1.0, shear=0.0).linear,
        rotation_scale_flip(pose.rotation, pose.scale, pose.flip),
    )
    assert Footprint(pose, stretched).area == pytest.approx(Footprint(pose, plain).area, rel=1e-3)


@given(pose=poses)
def test_the_reduction_is_the_distance_in_the_source_between_two_pixels_of_the_frame(pose):
    assert pose.reduction == pytest.approx(np.linalg.norm(np.linalg.inv(pose.linear), axis=0))


def test_a_skew_shears_and_squeezes_the_object_before_it_is_turned_and_keeps_its_area():
    skewed = Pose(2.0, 0.0, False, (0.0, 0.0), aspect=4.0, shear=0.5)
    assert np.allclose(skewed.linear, [[4, 2], [0, 1]])
    turned = replace(skewed, rotation=30.0, flip=True)
    assert np.allclose(turned.linear, rotation_scale_flip(30.0, 1.0, True) @ skewed.linear)
    assert np.linalg.det(turned.linear) == pytest.approx(-4)


def test_each_object_has_a_skew_of_its_own_that_shifts_no_other_draw(cast):
    skew = {"aspect": {"min": 0.8, "max": 1.25}, "shear": {"min": -0.2, "max": 0.2}}
    busy = {"instances": {"min": 2, "max": 2}, "negatives": 0, "position": {"kind": "anywhere"}, "min_visibility": 0}
    plain, skewed = scenes(cast, 20, **busy), scenes(cast, 20, skew=skew, **busy)
    for one, other in zip(plain, skewed, strict=True):
        assert [p.pose.rotation for p in one.placements] == [p.pose.rotation for p in other.placements]
        assert all(0.8 <= p.pose.aspect <= 1.25 and -0.2 <= p.pose.shear <= 0.2 for p in other.placements)
        assert len({p.pose.aspect for p in other.placements}) == len(other.placements)
        assert Scene.from_json(other.to_json()) == other and '"aspect"' not in one.to_json()


def test_stretch_is_log_uniform_and_one_for_a_whole_scene(cast):
    busy = {"decoys": {"count": {"min": 1, "max": 1}}, "occluders": {"probability": 1}}
    drawn = []
    for scene in scenes(cast, 400, stretch={"min": 0.5, "max": 2}, **busy):
        assert {"decoy", "target", "occluder"} <= {p.part for p in scene.placements}
        (factor,) = {p.pose.stretch for p in scene.placements}
        drawn.append(np.log2(factor))
    assert stats.kstest((np.array(drawn) + 1) / 2, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("factor", [0.25, 0.7, 1.4, 4])
def test_the_crop_of_a_stretched_picture_has_another_aspect(cast, factor):
    for scene in scenes(cast, 20, stretch={"min": factor, "max": factor}):
        x0, y0, x1, y1 = scene.backdrop.crop
        assert (x1 - x0) / (y1 - y0) == pytest.approx(factor * SIZE[1] / SIZE[0], rel=0.06)
        assert x0 >= 0 and y0 >= 0 and x1 <= 240 and y1 <= 180


def test_stretched_objects_lie_in_the_frame_all_the_same(cast, catalog):
    for x0, y0, x1, y1 in boxes(catalog, scenes(cast, 60, stretch={"min": 0.5, "max": 2})):
        assert min(x0, y0) >= -1 / 64 and x1 <= SIZE[1] + 1 / 64 and y1 <= SIZE[0] + 1 / 64


def test_a_stretch_shifts_no_other_draw(cast):
    plain, stretched = scenes(cast, 20), scenes(cast, 20, stretch={"min": 1.2, "max": 1.4})
    for one, other in zip(plain, stretched, strict=True):
        (here,), (there,) = one.placements, other.placements
        assert (here.source, here.pose.rotation, here.blend) == (there.source, there.pose.rotation, there.blend)


def test_a_stretch_is_written_into_the_scene_and_a_scene_without_one_has_none(cast):
    (stretched,), (plain,) = scenes(cast, 1, stretch={"min": 2, "max": 2}), scenes(cast, 1)
    assert Scene.from_json(stretched.to_json()) == stretched and '"stretch":2.0' in stretched.to_json()
    assert Scene.from_json(plain.to_json()).placements[0].pose.stretch == 1 and "stretch" not in plain.to_json()


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        ({"scale": {"strata": [{"min": 1, "max": 2, "weight": 0.9}]}}, "the weights add up to 0.9; change them"),
        (
            {"rotation": {"strata": [{"min": 1, "max": 2, "weight": 1}, {"min": 1, "max": 2}]}},
            "1 of 2 strata have a weight; give all of them one, or none",
        ),
        ({"rotation": {"strata": [{"min": -400, "max": 0}]}}, "-400.0–0.0 is not within -360–360"),
        ({"rotation": {"strata": [{"min": 0, "max": 1, "weight": -1}]}}, "greater than or equal to 0"),
        ({"rotation": {"min": 20, "max": 10}}, "min 20.0 is above max 10.0; swap them"),
        ({"position": {"kind": "anywhere", "x": {"min": -0.1, "max": 1}}}, "-0.1–1.0 is not within 0–1"),
        ({"position": {"kind": "anywhere", "y": {"min": 0, "max": 1.5}}}, "0.0–1.5 is not within 0–1"),
        ({"position": {"x": {"min": 0, "max": 1}}}, "x goes with kind: anywhere, and this is kind: uniform"),
        ({"position": {"kind": "grid", "y": {"min": 0, "max": 1}}}, "y goes with kind: anywhere"),
        ({"stretch": {"min": 0.1, "max": 1}}, "0.1–1.0 is not within 0.25–4"),
        ({"stretch": {"min": 0, "max": 1}}, "greater than 0"),
        ({"stretch": {"min": 1.4, "max": 0.7}}, "min 1.4 is above max 0.7; swap them"),
    ],
)
def test_bad_recipes_say_what_is_wrong_in_one_line(section, complaint):
    with pytest.raises(ValidationError, match=complaint) as raised:
        Recipe.model_validate(section)
    assert len(raised.value.errors()) == 1
