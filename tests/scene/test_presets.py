"""Presets of the recipe: each is valid, a user's values lie upon it, and what counts are the values."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from synthgen.scene.presets import PRESETS, upon_preset
from synthgen.scene.recipe import Recipe

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_recipe_in_one_line(name):
    assert Recipe.model_validate({"preset": name}) == Recipe.model_validate(PRESETS[name])


def test_without_a_preset_the_defaults_hold():
    assert upon_preset({"negatives": 0.5}) == {"negatives": 0.5}


@pytest.mark.parametrize("name", PRESETS)
def test_a_recipe_keeps_the_values_of_its_preset_and_not_its_name(name):
    recipe = Recipe.model_validate({"preset": name})
    assert "preset" not in recipe.model_dump()
    assert Recipe.model_validate(recipe.model_dump(mode="json")) == recipe


@pytest.mark.parametrize("name", ["photograph", "", None, 3, ["paper"]])
def test_a_preset_that_does_not_exist_is_refused_with_those_that_do(name):
    with pytest.raises(ValidationError, match=r"unknown preset .*; choose one of: photographs, webcam, cctv, paper"):
        Recipe.model_validate({"preset": name})


def test_mappings_merge_key_by_key_at_any_depth():
    recipe = Recipe.model_validate({"preset": "photographs", "camera": {"compression": {"quality": {"min": 50}}}})
    photographs = Recipe.model_validate({"preset": "photographs"})
    assert recipe.camera.noise == photographs.camera.noise
    assert recipe.camera.compression.quality.min == 50
    assert recipe.camera.compression.quality.max == photographs.camera.compression.quality.max
    paper = Recipe.model_validate({"preset": "paper", "scale": {"max": 0.9}, "truncation": {"probability": 0.1}})
    assert (paper.scale.min, paper.scale.max) == (0.2, 0.9)
    assert (paper.truncation.probability, paper.truncation.max) == (0.1, 0.0)


def test_lists_and_plain_values_replace():
    recipe = Recipe.model_validate({"preset": "cctv", "blend": {"modes": ["none"]}, "negatives": 0.6})
    assert recipe.blend.modes == ("none",)
    assert recipe.negatives == 0.6


def test_null_switches_an_effect_of_the_preset_off():
    assert Recipe.model_validate({"preset": "photographs", "camera": {"noise": None}}).camera.noise is None


def test_min_or_max_replaces_the_strata_of_a_preset():
    assert Recipe.model_validate({"preset": "cctv"}).scale.strata
    scale = Recipe.model_validate({"preset": "cctv", "scale": {"max": 0.5}}).scale
    assert (scale.min, scale.max, scale.strata) == (0.03, 0.5, ())


def test_another_unit_or_kind_drops_what_the_preset_says_of_its_own():
    recipe = Recipe.model_validate({"preset": "cctv", "scale": {"unit": "camera", "camera": {}}})
    assert recipe.scale.strata == ()
    recipe = Recipe.model_validate({"preset": "paper", "position": {"kind": "gaussian", "mean": [0.5, 0.6]}})
    assert recipe.position == Recipe.model_validate({"position": {"kind": "gaussian", "mean": [0.5, 0.6]}}).position
    camera = Recipe.model_validate({"preset": "photographs", "camera": {"preset": "cctv-night"}}).camera
    assert camera == Recipe.model_validate({"camera": {"preset": "cctv-night"}}).camera


def test_no_preset_is_changed_by_what_is_laid_upon_it():
    before = repr(PRESETS)
    upon_preset({"preset": "photographs", "camera": {"noise": {"probability": 1}}, "scale": {"max": 1}})
    assert repr(PRESETS) == before


def test_the_study_generates_what_the_preset_of_the_paper_says():
    study = yaml.safe_load((ROOT / "studies/pipeline.yaml").read_text())
    assert Recipe.model_validate(study["recipe"]) == Recipe.model_validate({"preset": "paper"})
