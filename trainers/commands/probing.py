"""Windows for the paste probe, rendered by a dataset's own studio with pieces of other scenes in the place of targets.

Content must give nothing away. So what is pasted are decoys, of the window's scale, wholly in the frame and upon
photographs: on a plain ground, whatever lies there was put there. Blend, harmoniser, light, shadow and camera remain
the dataset's own. What the probe is judged on shows other cutouts' outlines and other backgrounds than what it learns
from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from synthgen.core.errors import ConfigError, PlacementError
from synthgen.core.progress import Report, progress
from synthgen.core.types import RGB, AnyRGB, Split
from synthgen.engine import studio_of
from synthgen.studio import Studio
from trainers.gap.estimate import Estimate
from trainers.gap.probe import EPOCHS, WINDOW, Windows, auc, fit_probe

__all__ = ["PASTE", "probe", "probing_studio", "windows"]

LEARNT, JUDGED = 2000, 1000  # scenes, half of them with a paste
SHARES = {"train": 0.7, "test": 0.3}
PASTE: dict[str, Any] = {
    "recipe.negatives": 1.0,
    "recipe.categories": {},
    "recipe.distractors": {"min": 0, "max": 0},
    "recipe.decoys.count": {"min": 1, "max": 1},
    "recipe.scale": {"unit": "pixels", "min": 0.4 * WINDOW, "max": 0.8 * WINDOW},
    "recipe.position": {"kind": "uniform"},
    "recipe.truncation.probability": 0.0,
    "recipe.background.plain.share": 0.0,
    "recipe.blend.paired": 1,
    "recipe.augment": None,  # may move the paste out of its window
}
"""What the probe changes in pipeline.yaml."""


def probing_studio(dataset: Path, overrides: Sequence[str] = ()) -> Studio:
    """Open a dataset's studio so that it renders scenes for the probe; `overrides` say where the assets are now.

    Raises:
        DatasetError: There is no finished dataset, its assets are missing or others, or its recipe cannot be read.
        AssetError: There are too few cutouts or backgrounds for two halves.
        ConfigError: Its pictures are smaller than a window, or an override concerns something else than assets.
    """
    counts = {"train": LEARNT, "test": JUDGED}
    studio = studio_of(dataset, overrides, PASTE | {"samples": counts, "assets.splits": SHARES})
    if min(studio.config.size) < WINDOW:
        height, width = studio.config.size
        raise ConfigError(f"{dataset}: {height}×{width} pixels; the probe needs sides of {WINDOW}; leave --probe out")
    return studio


def probe(studio: Studio, name: str, console: Console) -> Estimate:
    """Train a probe on a studio's split "train", and return its AUC on "test".

    Raises:
        PlacementError: A scene cannot be planned, or no paste found a place.
    """
    with progress(console, f"probe of {name}, scenes", total=LEARNT + JUDGED, unit="scenes") as report:
        learnt, judged = windows(studio, "train", report), windows(studio, "test", report)
    with progress(console, f"probe of {name}, training", total=EPOCHS, unit="epochs") as report:
        fitted = fit_probe(learnt, report=report)
    return auc(fitted, judged)


def windows(studio: Studio, split: Split, report: Report) -> Windows:
    """Render a split's scenes, by turns with their paste and without it, and cut the window around its place.

    Raises:
        PlacementError: A scene cannot be planned, or no paste found a place.
    """
    pasted = list[AnyRGB](), list[AnyRGB]()
    for index in range(studio.config.samples.of(split)):
        scene = studio.scene(split, index)
        if scene.placements:
            shown = replace(scene, placements=()) if index % 2 else scene
            pasted[index % 2].append(_window(studio.render(shown).image, scene.placements[0].pose.center))
        report()
    if not all(pasted):
        raise PlacementError(f"no paste found a place in {index + 1} scenes; widen the zones of the backgrounds")
    images = np.stack([*pasted[0], *pasted[1]])
    return Windows(images, np.repeat([1, 0], [len(pasted[0]), len(pasted[1])]))


def _window(image: RGB, center: tuple[float, float]) -> AnyRGB:
    """Return the window around (x, y), moved inside the frame."""
    x, y = (
        min(max(round(value) - WINDOW // 2, 0), side - WINDOW)
        for value, side in zip(center, image.shape[1::-1], strict=True)
    )
    return image[y : y + WINDOW, x : x + WINDOW]
