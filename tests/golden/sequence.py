"""Eight frames of one small sequence: what `test_golden.py` holds sequences to.

`python tests/golden/sequence.py` renders them anew into `sequence.png` and `sequence.json`. Do that only where a change
of pixels or labels is meant: see `scenes.py`.
"""

import importlib.util
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2

sys.path.append(str(Path(__file__).parents[1] / "factories"))

from synthgen.assets.cast import Cast
from synthgen.assets.splits import SplitShares
from synthgen.core.types import Sample
from synthgen.render.compositor import render_scene
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from tiny_assets import tiny_library

SPEC = importlib.util.spec_from_file_location("golden_scenes", Path(__file__).with_name("scenes.py"))
assert SPEC is not None and SPEC.loader is not None
scenes = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(scenes)

SHEET, FACTS = Path(__file__).with_name("sequence.png"), Path(__file__).with_name("sequence.json")
FRAMES = 8
RECIPE: dict[str, Any] = {
    "negatives": 0,
    "instances": {"min": 2, "max": 2},
    "occluders": {"probability": 1, "kinds": ["bar", "hand"]},
    "decoys": {"count": {"min": 1, "max": 1}},
    "scale": {"min": 0.3, "max": 0.6},
    "shadow": {"modes": ["contact"]},
    "camera": {"noise": {}, "distortion": {}},
    "sequence": {
        "frames": FRAMES,
        "motion": {"crossing": 0.5, "shake": {"min": 0.02, "max": 0.02}, "pan": {"min": 0.2, "max": 0.2}},
    },
}


def samples() -> Iterator[tuple[str, Sample]]:
    """Render the frames of sequence 1."""
    recipe = Recipe.model_validate(RECIPE)
    with tempfile.TemporaryDirectory() as folder:
        catalog, library = tiny_library(Path(folder))
        cast = Cast.of(catalog, "train", SplitShares())
        for index in range(FRAMES, 2 * FRAMES):
            scene = plan_scene(recipe, cast, size=scenes.SIZE, seed=scenes.SEED, index=index)
            yield str(scene.frame), render_scene(scene, library)


def labels_hash(sample: Sample) -> str:
    """Return the hash of a frame's labels; its tracks are in the scene."""
    found: str = scenes.labels_hash(sample)
    return found


if __name__ == "__main__":
    made = dict(samples())
    cv2.imwrite(str(SHEET), cv2.cvtColor(scenes.sheet([each.image for each in made.values()]), cv2.COLOR_RGB2BGR))
    FACTS.write_text(json.dumps({name: labels_hash(sample) for name, sample in made.items()}, indent=1) + "\n")
