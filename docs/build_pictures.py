"""Draw the pictures of README and docs from the starter pack: `python docs/build_pictures.py`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import numpy as np

from synthgen.assets.library import Library, build_library
from synthgen.assets.intake import load_catalog
from synthgen.config import load_pipeline
from synthgen.core.pictures import write_picture
from synthgen.core.types import RGB, Sample
from synthgen.render.compositor import render_scene
from synthgen.report.contact_sheet import COLOURS
from synthgen.scene.plan import Cast, plan_scene

ROOT = Path(__file__).resolve().parent.parent
SIZE = (240, 320)
SAMPLES = (12, 6)
GAP = 6


def main() -> None:
    """Write docs/images/*.png."""
    config = load_pipeline(ROOT / "pipeline.yaml")
    catalog = load_catalog(config.assets)
    cast = Cast.of(catalog, "train", config.assets.splits)
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(build_library(catalog, Path(folder)))
        scenes = [plan_scene(config.recipe, cast, size=SIZE, seed=config.seed, index=index) for index in SAMPLES]
        rows = [triptych(render_scene(scene, library)) for scene in scenes]
    write_picture(ROOT / "docs/images/samples.png", stacked(rows))


def triptych(sample: Sample) -> RGB:
    """Return scene, mask and overlay side by side."""
    colours = np.array([(24, 26, 30), *COLOURS], dtype=np.uint8)
    mask = colours[sample.mask]
    shown = sample.image.copy()
    inside = sample.mask > 0
    shown[inside] = (0.45 * shown[inside] + 0.55 * mask[inside]).astype(np.uint8)
    for instance in sample.instances:
        color = tuple(int(value) for value in colours[instance.number])
        x0, y0, x1, y1 = instance.bbox
        cv2.rectangle(shown, (x0, y0), (x1 - 1, y1 - 1), color, 1)
    gap = np.full((sample.image.shape[0], GAP, 3), 255, dtype=np.uint8)
    return np.concatenate([sample.image, gap, mask, gap, shown], axis=1)


def stacked(rows: list[RGB]) -> RGB:
    """Return the rows one below the other."""
    gap = np.full((GAP, rows[0].shape[1], 3), 255, dtype=np.uint8)
    return np.concatenate([part for row in rows for part in (row, gap)][:-1])


if __name__ == "__main__":
    main()
