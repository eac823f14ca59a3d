"""What a dataset is made of: options at their defaults are no part of it, so new ones leave older datasets alone."""

import json
from pathlib import Path

import pytest

from synthgen.core.errors import DatasetError
from synthgen.engine.identity import fingerprint, identity, respelled
from synthgen.engine.settings import GenerationConfig
from synthgen.ops.camera.registry import EFFECTS, CameraRecipe
from synthgen.scene.presets import PRESETS
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import SCENE_VERSION
from synthgen.shards.resume import claim

DEFAULTS = Path(__file__).parents[1] / "golden/recipe-defaults.json"
OLD_RUN = Path(__file__).parents[1] / "golden/version-2/dataset/run.json"


class AnyCatalog:
    digest = "a"


def parts_of(recipe=None, **changes):
    values = {
        "assets": {"foregrounds": "f", "backgrounds": "b"},
        "size": (64, 64),
        "samples": {"train": 1},
        "recipe": recipe or {},
        "output": {"path": "unused"},
        **changes,
    }
    return identity(GenerationConfig.model_validate(values), AnyCatalog())


@pytest.mark.parametrize(
    "recipe",
    [
        {"negatives": 0.25},
        {"instances": {"min": 1, "max": 3}, "categories": {}},
        {"camera": {"preset": "clean", "defocus": None}},
        {"decoys": {"silhouettes": 0.5}},
        json.loads(Recipe().model_dump_json()),
    ],
)
def test_a_default_that_is_spelled_out_is_still_the_default(recipe):
    assert parts_of(recipe) == parts_of()
    assert parts_of(recipe)["recipe"] == "{}"


def test_a_preset_counts_by_its_values_and_not_by_its_name(monkeypatch):
    before = parts_of({"preset": "paper"})
    assert parts_of(PRESETS["paper"]) == before
    monkeypatch.setitem(PRESETS, "paper", PRESETS["paper"] | {"negatives": 0.1})
    assert parts_of({"preset": "paper"}) != before


def test_other_counts_places_and_workers_are_the_same_dataset():
    other = {"samples": {"train": 9}, "output": {"path": "there", "shard_rows": 7}, "engine": {"workers": 5}}
    assert parts_of(**other) == parts_of()


@pytest.mark.parametrize(
    "recipe",
    [
        {"negatives": 0.2},
        {"camera": {"defocus": {}}},
        {"camera": {"preset": "webcam"}},
        {"camera": {"preset": "webcam", "defocus": None}},
        {"camera": {"preset": "webcam", "noise": {}}},
    ],
)
def test_another_recipe_is_another_dataset(recipe):
    others = [parts_of(), parts_of({"camera": {"preset": "webcam"}})]
    assert sum(fingerprint(parts_of(recipe)) == fingerprint(other) for other in others) == (
        recipe == {"camera": {"preset": "webcam"}}
    )


@pytest.mark.parametrize("recipe", [{}, {"camera": {"preset": "webcam", "defocus": None}}, {"negatives": 0.5}])
def test_an_older_run_is_respelled_as_it_would_be_spelled_today(recipe):
    today = parts_of(recipe)
    full = json.loads(Recipe.model_validate(recipe).model_dump_json())
    del full["decoys"]  # an option that the older synthgen did not have
    old = {**today, "recipe": json.dumps(full), "splits": '{"train":0.7,"val":0.15,"test":0.15}'}
    old["image"] = '{"codec":"jpeg","quality":90}'
    assert respelled(old) == today


def test_an_older_run_with_an_option_that_is_gone_is_another_run():
    assert respelled({"recipe": '{"gone": 1}'}) == {"recipe": '{"gone": 1}'}


def old_run(folder, recipe):
    """Write run.json as it was before, all options of the recipe spelled out."""
    full = Recipe.model_validate(recipe).model_dump_json()
    parts = {**parts_of(), "recipe": full, "splits": '{"train":0.7,"val":0.15,"test":0.15}'}
    parts["image"] = '{"codec":"jpeg","quality":90}'
    run = {"version": 2, "fingerprint": fingerprint(parts), "shard_rows": 100, "parts": parts}
    (folder / "run.json").write_text(json.dumps(run))


def test_an_older_run_continues_and_its_note_is_written_anew(tmp_path):
    old_run(tmp_path, {"negatives": 0.5})
    today = parts_of({"negatives": 0.5})
    claim(tmp_path, fingerprint(today), 100, today, respell=respelled)
    written = json.loads((tmp_path / "run.json").read_text())
    assert (written["fingerprint"], written["parts"]["recipe"]) == (fingerprint(today), '{"negatives": 0.5}')
    claim(tmp_path, fingerprint(today), 100, today)  # from now on without migration


def test_an_older_run_of_another_recipe_is_refused_and_stays_as_it_is(tmp_path):
    old_run(tmp_path, {"negatives": 0.5})
    before = (tmp_path / "run.json").read_bytes()
    today = parts_of({"negatives": 0.4})
    with pytest.raises(DatasetError, match=r"another run: recipe\.negatives was 0\.5, is 0\.4 now; go back"):
        claim(tmp_path, fingerprint(today), 100, today, respell=respelled)
    assert (tmp_path / "run.json").read_bytes() == before


def test_a_run_json_that_was_really_written_before_is_understood():
    parts = respelled(json.loads(OLD_RUN.read_text())["parts"])
    assert json.loads(parts["recipe"]) == {"min_visibility": 0.75, "occluders": {"probability": 0.9}}


def test_a_default_changes_only_with_the_scene_version():
    """A changed default means other pixels under the same text: raise SCENE_VERSION, and write the file anew.

    python -c "from tests.engine.test_identity import write_defaults; write_defaults()"
    """
    known = json.loads(DEFAULTS.read_text())
    assert known["scene version"] == SCENE_VERSION, "write the defaults anew"
    today = defaults()
    changed = {key: (value, today.get(key)) for key, value in known["defaults"].items() if today.get(key) != value}
    assert changed == {}


def defaults() -> dict[str, object]:
    """Every option of the recipe by its dotted key, also of what is off by default, and every preset."""
    recipe = Recipe(camera=CameraRecipe.model_validate({name: {} for name in EFFECTS}))
    found = dict(_flat("recipe", recipe.model_dump(mode="json")))
    for name in ("webcam", "cctv-day", "cctv-night"):
        found |= _flat(f"preset {name}", CameraRecipe(preset=name).model_dump(mode="json"))
    return found


def _flat(key, value):
    if isinstance(value, dict) and value:
        return {k: v for name, inner in value.items() for k, v in _flat(f"{key}.{name}", inner).items()}
    return {key: value}


def write_defaults():
    text = json.dumps({"scene version": SCENE_VERSION, "defaults": defaults()}, indent=1, sort_keys=True)
    DEFAULTS.write_text(text + "\n")
