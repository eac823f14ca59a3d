"""Forty-eight small scenes, one for each op and each kind of source: what `test_golden.py` holds rendering to.

`python tests/golden/scenes.py` renders them anew into `scenes.png` and `scenes.json`, and prints the hash of
everything, image bytes included. Do that only where a change of pixels or labels is meant: it is a change of
every user's datasets, and needs another scene version.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import albumentations
import cv2
import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "factories"))

from synthgen.assets.cast import Cast
from synthgen.assets.splits import SplitShares
from synthgen.core.types import Sample
from synthgen.ops.blend.registry import BLENDS
from synthgen.ops.camera.registry import EFFECTS
from synthgen.ops.harmonize.registry import HARMONIZERS
from synthgen.ops.shadow.registry import SHADOWS
from synthgen.render.compositor import render_scene
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.shards.codec import ImageCodec, encode_row
from tiny_assets import tiny_library

SIZE, SEED, COLUMNS = (48, 64), 11, 8
SHEET, FACTS = Path(__file__).with_name("scenes.png"), Path(__file__).with_name("scenes.json")
LABELS = ("index", "sample_id", "split", "height", "width", "label", "background_id", "scene_id", "unlabelled",
          "unplaced", "instances", "scene")  # fmt: skip
PLAIN: dict[str, Any] = {"negatives": 0, "blend": {"modes": ["none"]}, "scale": {"min": 0.3, "max": 0.8}}
GEOMETRY = {"height_m": {"min": 3, "max": 3}, "pitch_deg": {"min": 30, "max": 30}, "hold_m": {"min": 1, "max": 1}}
LATER = ("shadow soft", "camera exposure", "camera contrast", "camera saturation", "camera grey", "plain ground",
         "light", "occluder hand")  # fmt: skip


def recipes() -> dict[str, dict[str, Any]]:
    """Return forty-eight recipes by name, the oldest first: a scene's number is part of what it shows."""
    turn = albumentations.Compose([albumentations.Rotate(limit=(20, 20), p=1.0)])
    known = {
        **{f"blend {name}": {"blend": {"modes": [name]}} for name in BLENDS},
        **{f"harmonize {name}": {"harmonize": {"modes": [name]}} for name in HARMONIZERS},
        **{f"shadow {name}": {"shadow": {"modes": [name]}} for name in SHADOWS},
        **{f"camera {name}": {"camera": {name: {}}} for name in EFFECTS},
        "augment": {"augment": json.loads(json.dumps(turn.to_dict()))},
        "decoys": {"decoys": {"count": {"min": 2, "max": 2}}},
        **{f"occluder {kind}": {"occluders": {"probability": 1, "kinds": [kind]}} for kind in ("cutout", "bar", "arm")},
        "scale camera": {
            "scale": {"unit": "camera", "min": 1, "max": 2, "camera": GEOMETRY},
            "linear_light": False,
            "distractors": {"min": 2, "max": 2},
        },
        "plain ground": {"background": {"plain": {"share": 1, "shadow": {"probability": 1}}}},
        "light": {"light": {"probability": 1}},
        "occluder hand": {"occluders": {"probability": 1, "kinds": ["hand"]}},
    }
    return {name: known[name] for name in sorted(known, key=LATER.__contains__)}


def samples() -> Iterator[tuple[str, Sample]]:
    """Render the scenes, each as sample 0, 1, … of the split train."""
    with tempfile.TemporaryDirectory() as folder:
        catalog, library = tiny_library(Path(folder))
        for index, (name, changes) in enumerate(recipes().items()):
            recipe = Recipe.model_validate(PLAIN | changes)
            cast = Cast.of(catalog, "train", SplitShares())
            yield name, render_scene(plan_scene(recipe, cast, size=SIZE, seed=SEED, index=index), library)


def labels_hash(sample: Sample) -> str:
    """Return the SHA-256 of everything in a sample's row that is no image byte: labels, mask pixels, scene."""
    row = encode_row(sample, ImageCodec(codec="png"))
    text = json.dumps({name: row[name] for name in LABELS}, sort_keys=True, default=bytes.hex)
    return hashlib.sha256(text.encode() + sample.mask.tobytes()).hexdigest()


def sheet(images: list[np.ndarray]) -> np.ndarray:
    """Return the images in rows of eight."""
    rows = [np.concatenate(images[first : first + COLUMNS], axis=1) for first in range(0, len(images), COLUMNS)]
    return np.concatenate(rows)


if __name__ == "__main__":
    made = dict(samples())
    cv2.imwrite(str(SHEET), cv2.cvtColor(sheet([sample.image for sample in made.values()]), cv2.COLOR_RGB2BGR))
    FACTS.write_text(json.dumps({name: labels_hash(sample) for name, sample in made.items()}, indent=1) + "\n")
    everything = hashlib.sha256()
    for sample in made.values():
        everything.update(labels_hash(sample).encode() + sample.image.tobytes())
    print(everything.hexdigest())
