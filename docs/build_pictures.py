"""Draw the pictures of README and docs from the starter pack: `python docs/build_pictures.py`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from synthgen.config import load_pipeline
from synthgen.core.pictures import write_picture
from synthgen.core.types import RGB, Sample, Size
from synthgen.draw import beside, captioned, colour_mask, colour_of, draw_boxes, grid, overlay, stacked
from synthgen.ops.blend.registry import BLENDS, BlendRecipe
from synthgen.ops.camera.presets import PRESETS
from synthgen.ops.camera.registry import EFFECTS, CameraRecipe, expose
from synthgen.ops.harmonize.registry import HARMONIZERS, HarmonizeRecipe
from synthgen.ops.light import LightRecipe
from synthgen.ops.shadow.registry import SHADOWS, ShadowRecipe
from synthgen.scene import presets as recipes
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Scene
from synthgen.studio import Studio

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs/images"
SAMPLES, LARGE = (4, 13), (240, 320)  # shown in the README
SIZE = (180, 240)
SHOWN = 13  # shown under every op
PLAIN = Recipe(blend=BlendRecipe(modes=("none",)))
ONE = PLAIN.model_validate(
    {
        **PLAIN.model_dump(),
        "instances": {"min": 1, "max": 1},
        "distractors": {"min": 0, "max": 0},
        "negatives": 0,
        "scale": {"min": 0.6, "max": 0.8},
        "rotation": {"min": -35, "max": 35},
        "truncation": {"probability": 0},
    }
)
GROUNDS = {"background": {"plain": {"share": 1}}}
HANDS = {"occluders": {"probability": 1, "kinds": ["hand", "arm"]}, "scale": {"min": 0.5, "max": 0.6}}
# Strong enough to be seen on a small picture.
STRONG = {
    "defocus": {"radius": {"min": 2.5, "max": 2.5}},
    "distortion": {"k": {"min": 0.35, "max": 0.35}},
    "rolling_shutter": {"skew": {"min": 0.15, "max": 0.15}},
    "chromatic_aberration": {"shift": {"min": 4, "max": 4}},
    "vignette": {"strength": {"min": 0.7, "max": 0.7}},
    "motion_blur": {"length": {"min": 9, "max": 9}, "angle": {"min": 20, "max": 20}},
    "low_light": {"exposure": {"min": 0.15, "max": 0.15}},
    "noise": {"gain": {"min": 0.01, "max": 0.01}, "read": {"min": 0.01, "max": 0.01}},
    "hot_pixels": {"count": {"min": 60, "max": 60}},
    "white_balance": {"red": {"min": 1.4, "max": 1.4}, "blue": {"min": 0.7, "max": 0.7}},
    "gamma": {"exponent": {"min": 0.55, "max": 0.55}},
    "contrast": {"factor": {"min": 0.4, "max": 0.4}},
    "saturation": {"factor": {"min": 0.3, "max": 0.3}},
    "denoise": {"strength": {"min": 80, "max": 80}},
    "sharpen": {"amount": {"min": 2.5, "max": 2.5}},
    "rescale": {"factor": {"min": 0.25, "max": 0.25}},
    "interlace": {"strength": {"min": 1, "max": 1}},
    "compression": {"quality": {"min": 8, "max": 8}},
    "timestamp": {"height": {"min": 0.05, "max": 0.05}},
}


def main() -> None:
    """Write docs/images/*.png."""
    config = load_pipeline(ROOT / "pipeline.yaml")
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio.open(config, Path(folder))
        readme = under(studio, PLAIN, LARGE)
        write_picture(IMAGES / "samples.png", stacked([triptych(readme.sample("train", index)) for index in SAMPLES]))
        write_picture(IMAGES / "recipes.png", sheet(under_presets(studio), columns=5))
        write_picture(IMAGES / "grounds.png", under_changes(studio, GROUNDS))
        write_picture(IMAGES / "hands.png", under_changes(studio, HANDS))
        studio = under(studio, ONE, SIZE)
        scene = studio.scene("train", SHOWN)
        write_picture(IMAGES / "blends.png", sheet(dressed(scene, studio, "blend", BlendRecipe, BLENDS)))
        write_picture(IMAGES / "light.png", lights(scene, studio))
        dark = darkest(studio)
        lit = dressed(dark, studio, "harmonize", HarmonizeRecipe, HARMONIZERS)
        write_picture(IMAGES / "harmonizers.png", sheet(lit, columns=len(lit)))
        shaded = dressed(scene, studio, "shadow", ShadowRecipe, SHADOWS)
        write_picture(IMAGES / "shadows.png", sheet(shaded, columns=len(shaded)))
        clean = studio.render(scene).image
        write_picture(IMAGES / "camera-effects.png", sheet(effects(clean), columns=5))
        write_picture(IMAGES / "camera-presets.png", sheet(presets(clean)))


def under(studio: Studio, recipe: Recipe, size: Size) -> Studio:
    """Return the studio with another recipe and size of its samples."""
    return replace(studio, config=studio.config.model_copy(update={"recipe": recipe, "size": size}))


def under_presets(studio: Studio) -> list[tuple[str, RGB]]:
    """Return five samples of every recipe that has a name."""
    shown = []
    for name in recipes.PRESETS:
        named = under(studio, Recipe.model_validate({"preset": name}), SIZE)
        shown += [(name, named.sample("train", index).image) for index in range(1, 6)]
    return shown


def under_changes(studio: Studio, changes: dict[str, Any]) -> RGB:
    """Return eight samples with one object, and what `changes` adds to it."""
    changed = under(studio, Recipe.model_validate({**ONE.model_dump(), **changes}), SIZE)
    return grid([changed.sample("train", index).image for index in range(8)], 4)


def lights(scene: Scene, studio: Studio) -> RGB:
    """Render one scene without a light of the object's own, and with seven."""
    drawn = [None, *(LightRecipe(probability=1).draw(np.random.default_rng(seed)) for seed in range(1, 8))]
    return grid([studio.render(with_each(scene, light=light)).image for light in drawn], 4)


def with_each(scene: Scene, **changes: Any) -> Scene:
    """Return the scene with the same change of everything placed."""
    return replace(scene, placements=tuple(replace(each, **changes) for each in scene.placements))


def triptych(sample: Sample) -> RGB:
    """Return scene, mask and overlay side by side."""
    shown = sample.image
    for instance in sample.instances:
        colour = colour_of(instance.number)
        shown = overlay(shown, sample.mask == instance.number, colour, strength=0.55)
        shown = draw_boxes(shown, [instance.bbox], colour)
    return beside([sample.image, colour_mask(sample.mask), shown])


def darkest(studio: Studio) -> Scene:
    """Return the darkest of some scenes, where harmonising shows best."""
    candidates = [studio.scene("train", index) for index in range(24)]
    return min(candidates, key=lambda scene: studio.render(replace(scene, placements=())).image.mean())


def dressed(scene: Scene, studio: Studio, part: str, section: type, names: Iterable[str]) -> list[tuple[str, RGB]]:
    """Render one scene under every op of a section, nearly at full strength where there is one."""
    shown = []
    for name in names:
        settings = {"strength": {"min": 0.9, "max": 0.9}} if part != "blend" and name != "none" else {}
        recipe = section.model_validate({"modes": [name], name: settings} if settings else {"modes": [name]})
        op = recipe.draw(np.random.default_rng(1))
        shown.append((name, studio.render(with_each(scene, **{part: op})).image))
    return shown


def effects(clean: RGB) -> list[tuple[str, RGB]]:
    """Send one picture through every camera effect."""
    shown = [("before", clean)]
    for name in EFFECTS:
        chain = CameraRecipe.model_validate({name: STRONG.get(name, {})}).draw(np.random.default_rng(1))
        shown.append((name, expose(clean, chain)))
    return shown


def presets(clean: RGB) -> list[tuple[str, RGB]]:
    """Send one picture through every preset, three times."""
    shown = []
    for name in PRESETS:
        for seed in (1, 2, 3):
            chain = CameraRecipe(preset=name).draw(np.random.default_rng(seed))
            shown.append((name, expose(clean, chain)))
    return [shown[3 * row + column] for column in range(3) for row in range(len(PRESETS))]


def sheet(tiles: list[tuple[str, RGB]], columns: int = 4) -> RGB:
    """Return tiles under their names, in rows."""
    return grid([captioned(picture, name) for name, picture in tiles], columns)


if __name__ == "__main__":
    main()
