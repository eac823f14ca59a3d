"""An op is registered in one place; recipes, drawing, rendering and replay know it from then on."""

import subprocess
import sys
from pathlib import Path

import pytest

from synthgen.ops.blend.hard import Hard, HardRecipe
from synthgen.ops.blend.registry import BLENDS, BlendRecipe
from synthgen.ops.camera.registry import EFFECTS, CameraRecipe
from synthgen.ops.harmonize.registry import HARMONIZERS, HarmonizeRecipe
from synthgen.ops.registry import OpRegistry
from synthgen.ops.shadow.registry import SHADOWS, ShadowRecipe
from synthgen.scene.recipe import Recipe

SECTIONS = [(BLENDS, BlendRecipe), (HARMONIZERS, HarmonizeRecipe), (SHADOWS, ShadowRecipe), (EFFECTS, CameraRecipe)]
every_section = pytest.mark.parametrize(
    ("registry", "section"), SECTIONS, ids=["blend", "harmonize", "shadow", "camera"]
)

THIRD_PARTY = """
import pickle, sys, tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError

from synthgen.assets.cast import Cast
from synthgen.assets.splits import SplitShares
from synthgen.core.config import Model
from synthgen.ops.blend.registry import BLENDS
from synthgen.render.compositor import render_scene
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Scene

sys.path.append("FACTORIES")
from tiny_assets import tiny_library

GHOSTLY = {"negatives": 0, "min_visibility": 0, "blend": {"modes": ["ghost"], "ghost": {"share": 0.25}}}
try:
    Recipe.model_validate(GHOSTLY)
except ValidationError as error:
    assert "unknown blend 'ghost'" in str(error) and "blend.ghost" in str(error), error
else:
    raise AssertionError("nobody has registered it yet")


@dataclass(frozen=True, slots=True)
class Ghost:
    '''Coverage times `share`.'''

    share: float
    reach = 0

    def apply(self, layer, mask, below):
        return (layer * self.share).astype(layer.dtype)


class GhostRecipe(Model):
    share: float = Field(default=0.5, gt=0, le=1)

    def draw(self, rng):
        return Ghost(self.share)


BLENDS.register("ghost", Ghost, GhostRecipe)
recipe = pickle.loads(pickle.dumps(Recipe.model_validate(GHOSTLY)))
assert recipe.model_dump()["blend"]["ghost"] == {"share": 0.25}
catalog, library = tiny_library(Path(tempfile.mkdtemp()))
scene = plan_scene(recipe, Cast.of(catalog, "train", SplitShares()), size=(48, 64), seed=1, index=0)
assert {placement.blend for placement in scene.placements} == {Ghost(0.25)}
again = Scene.from_json(scene.to_json())
assert again == scene and (render_scene(again, library).image == render_scene(scene, library).image).all()
try:
    Recipe.model_validate({"blend": {"ghost": {"share": 2, "colour": 1}}})
except ValidationError as error:
    assert [".".join(problem["loc"]) for problem in error.errors()] == ["blend.ghost.share", "blend.ghost.colour"]
else:
    raise AssertionError("a share above 1")
"""


@every_section
def test_a_section_has_one_field_for_each_op_in_the_order_of_registration(registry, section):
    fields = [name for name in section.model_fields if name in registry]
    assert fields == list(registry)
    assert all(section.model_fields[name].description for name in fields)


def test_a_blend_of_another_package_can_be_used_in_recipes():
    """In a process of its own, so that the blend is gone afterwards."""
    code = THIRD_PARTY.replace("FACTORIES", str(Path(__file__).parents[1] / "factories"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("none", "blend 'none' is registered already; choose another name"),
        ("paired", "blend 'paired' would hide a setting of BlendRecipe; choose another name"),
        ("draw", "blend 'draw' would hide a setting of BlendRecipe; choose another name"),
    ],
)
def test_a_name_that_means_something_else_is_refused(name, complaint):
    before = dict(BLENDS)
    with pytest.raises(ValueError, match=complaint):
        BLENDS.register(name, Hard, HardRecipe)
    assert dict(BLENDS) == before


def test_ops_may_be_registered_before_there_is_a_section():
    registry = OpRegistry("op")
    registry.register("one", Hard, HardRecipe)
    assert registry["one"] is Hard and registry.name_of(Hard) == "one"


def test_the_ranges_of_every_op_are_described_in_the_recipes_schema():
    schema = Recipe.model_json_schema()["$defs"]
    assert schema["BlendRecipe"]["properties"]["gaussian"]["description"].startswith("Coverage blurred by a Gaussian")
    assert set(BLENDS) < set(schema["BlendRecipe"]["properties"])
