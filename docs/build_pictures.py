"""Draw the pictures of README and docs from the starter pack: `python docs/build_pictures.py`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from synthgen.assets.cast import Cast
from synthgen.assets.intake import load_catalog
from synthgen.assets.library import Library, build_library
from synthgen.config import load_pipeline
from synthgen.core.pictures import write_picture
from synthgen.core.types import RGB, Sample
from synthgen.draw import beside, captioned, colour_mask, colour_of, draw_boxes, grid, overlay, stacked
from synthgen.ops.blend.registry import BLENDS, BlendRecipe
from synthgen.ops.camera.presets import PRESETS
from synthgen.ops.camera.registry import EFFECTS, CameraRecipe, expose
from synthgen.ops.harmonize.registry import HARMONIZERS, HarmonizeRecipe
from synthgen.ops.shadow.registry import SHADOWS, ShadowRecipe
from synthgen.render.compositor import render_scene
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Scene

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
    catalog = load_catalog(config.assets)
    cast = Cast.of(catalog, "train", config.assets.splits)
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(build_library(catalog, Path(folder)))
        scenes = [plan_scene(PLAIN, cast, size=LARGE, seed=config.seed, index=index) for index in SAMPLES]
        write_picture(IMAGES / "samples.png", stacked([triptych(render_scene(scene, library)) for scene in scenes]))
        scene = plan_scene(ONE, cast, size=SIZE, seed=config.seed, index=SHOWN)
        write_picture(IMAGES / "blends.png", sheet(dressed(scene, library, "blend", BlendRecipe, BLENDS)))
        dark = darkest(cast, library, config.seed)
        lit = dressed(dark, library, "harmonize", HarmonizeRecipe, HARMONIZERS)
        write_picture(IMAGES / "harmonizers.png", sheet(lit, columns=len(lit)))
        shaded = dressed(scene, library, "shadow", ShadowRecipe, SHADOWS)
        write_picture(IMAGES / "shadows.png", sheet(shaded, columns=len(shaded)))
        clean = render_scene(scene, library).image
        write_picture(IMAGES / "camera-effects.png", sheet(effects(clean), columns=5))
        write_picture(IMAGES / "camera-presets.png", sheet(presets(clean)))


def triptych(sample: Sample) -> RGB:
    """Return scene, mask and overlay side by side."""
    shown = sample.image
    for instance in sample.instances:
        colour = colour_of(instance.number)
        shown = overlay(shown, sample.mask == instance.number, colour, strength=0.55)
        shown = draw_boxes(shown, [instance.bbox], colour)
    return beside([sample.image, colour_mask(sample.mask), shown])


def darkest(cast: Cast, library: Library, seed: int) -> Scene:
    """Return the darkest of some scenes, where harmonising shows best."""
    candidates = [plan_scene(ONE, cast, size=SIZE, seed=seed, index=index) for index in range(24)]
    return min(candidates, key=lambda scene: render_scene(replace(scene, placements=()), library).image.mean())


def dressed(scene: Scene, library: Library, part: str, section: type, names: Iterable[str]) -> list[tuple[str, RGB]]:
    """Render one scene under every op of a section, nearly at full strength where there is one."""
    shown = []
    for name in names:
        settings = {"strength": {"min": 0.9, "max": 0.9}} if part != "blend" and name != "none" else {}
        recipe = section.model_validate({"modes": [name], name: settings} if settings else {"modes": [name]})
        op = recipe.draw(np.random.default_rng(1))
        changed = replace(scene, placements=tuple(replace(each, **{part: op}) for each in scene.placements))
        shown.append((name, render_scene(changed, library).image))
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
