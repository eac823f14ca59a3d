"""Predictions on frames: a mask, an overlay and a map of probabilities each, and the instances of all in one JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from synthgen.core.files import make_directory, write_atomic
from synthgen.core.pictures import write_picture
from trainers.predict.frames import Frame
from trainers.predict.open import Predictor
from trainers.predict.parts import find_instances
from trainers.predict.tiles import probability_map, tiled_probability_map
from trainers.show.sheets import overlay

__all__ = ["INSTANCES_FILE", "predict_frames"]

INSTANCES_FILE = "instances.json"


def predict_frames(
    model: Predictor, frames: Iterable[Frame], output: Path, *, threshold: float, min_area: float, tiled: bool
) -> Iterator[dict[str, Any]]:
    """Predict frame by frame; yield each one's entry in instances.json, which is written when they end or break off.

    An entry has name, source, seconds (of videos), height, width, the share of foreground pixels, and instances
    of at least `min_area` of the frame, each with bbox (x0, y0, x1, y1, half-open), area and score.

    Raises:
        DatasetError: A frame cannot be read.
        OutputError: A picture cannot be written.
    """
    for folder in ("masks", "overlays", "probabilities"):
        make_directory(output / folder)
    entries: list[dict[str, Any]] = []
    try:
        for frame in frames:
            probability = (tiled_probability_map if tiled else probability_map)(model, frame.image)
            mask = probability >= threshold
            write_picture(output / "masks" / f"{frame.name}.png", mask.astype(np.uint8) * 255)
            write_picture(output / "overlays" / f"{frame.name}.png", overlay(frame.image, mask))
            grey = np.rint(probability * 255).astype(np.uint8)
            write_picture(output / "probabilities" / f"{frame.name}.png", grey)
            found = find_instances(probability, threshold=threshold, min_area=min_area)
            entries.append(
                {
                    "name": frame.name,
                    "source": frame.source,
                    "seconds": frame.seconds,
                    "height": mask.shape[0],
                    "width": mask.shape[1],
                    "foreground": float(mask.mean()),
                    "instances": [part.to_json() for part in found],
                }
            )
            yield entries[-1]
    finally:
        write_atomic(output / INSTANCES_FILE, (json.dumps(entries, indent=1) + "\n").encode())
