"""What a row knows of its picture: told by its instances and its scene."""

import json
import math

import pytest

from sample_factory import make_samples, write_dataset
from synthgen.assets.cast import Cast
from synthgen.assets.splits import SplitShares
from synthgen.ops.camera.registry import CameraRecipe
from synthgen.scene.backdrop import PlainGround
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.shards import ShardDataset, ShardSamples
from synthgen.shards.traits import row_traits
from tiny_assets import tiny_library


def row(scene, *instances):
    hidden = [{"occlusion": occlusion, "truncation": truncation} for occlusion, truncation in instances]
    return {"scene": json.dumps(scene), "instances": hidden}


def test_the_most_hidden_and_the_most_cut_target_count():
    traits = row_traits(row({}, (0.1, 0.6), (0.4, 0.0)))
    assert traits == {"occlusion": 0.4, "truncation": 0.6}
    assert row_traits(row({})) == {}


@pytest.mark.parametrize(("turns", "farthest"), [([10, -50], 50), ([190], 170), ([-350, 5], 10), ([540], 180)])
def test_rotation_is_that_of_the_target_farthest_from_upright(turns, farthest):
    placements = [{"part": "target", "rotation": turn} for turn in turns]
    placements.append({"part": "distractor", "rotation": 180})
    assert row_traits(row({"placements": placements}))["rotation"] == pytest.approx(farthest)


@pytest.mark.parametrize(
    ("backdrop", "ground"), [({"kind": "plain"}, "plain"), ({"kind": "photo"}, "scene"), ({}, "scene")]
)
def test_the_ground_is_what_lies_behind(backdrop, ground):
    assert row_traits(row({"backdrop": backdrop}))["ground"] == ground


def test_blurs_of_the_camera_add_up_and_light_is_multiplied():
    camera = [
        {"kind": "defocus", "radius": 2},
        {"kind": "motion_blur", "length": 5},
        {"kind": "exposure", "gain": 0.5},
        {"kind": "low_light", "exposure": 0.4},
        {"kind": "rescale", "factor": 0.5},
        {"kind": "grey"},
    ]
    traits = row_traits(row({"camera": camera}))
    assert traits["camera_blur"] == pytest.approx(math.sqrt(1 + 2 + 0.75))
    assert traits["camera_light"] == pytest.approx(0.2)
    assert row_traits(row({"camera": []})) == {"camera_blur": 0, "camera_light": 1}


def test_a_planned_scene_tells_its_own_decisions(tmp_path):
    catalog, _ = tiny_library(tmp_path)
    recipe = Recipe.model_validate({"preset": "photographs", "negatives": 0, "camera": {"preset": "cctv-night"}})
    cast = Cast.of(catalog, "train", SplitShares())
    assert CameraRecipe(preset="cctv-night").low_light is not None
    for index in range(20):
        scene = plan_scene(recipe, cast, size=(96, 128), seed=1, index=index)
        traits = row_traits({"scene": scene.to_json(), "instances": []})
        assert traits["ground"] == ("plain" if isinstance(scene.backdrop, PlainGround) else "scene")
        turned = [abs(math.remainder(p.pose.rotation, 360)) for p in scene.placements if p.part == "target"]
        assert traits["rotation"] == pytest.approx(max(turned))
        assert 0.11 < traits["camera_light"] < 0.51 and traits["camera_blur"] > 0.5


def test_shards_give_the_traits_of_any_row(tmp_path):
    made = make_samples(9)
    files = {"train-00000.parquet": made[:5], "train-00001.parquet": made[5:]}
    samples = ShardSamples(ShardDataset.open(write_dataset(tmp_path / "d", files)), "train")
    for number, sample in enumerate(made):
        hidden = [instance.occlusion for instance in sample.instances]
        assert samples.traits(number).get("occlusion") == (pytest.approx(max(hidden)) if hidden else None)
    with pytest.raises(IndexError):
        samples.traits(9)
