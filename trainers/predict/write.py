"""Predictions on frames, one entry a frame in instances.json, and pictures of what was found.

Predictors of pixels leave a mask, an overlay and a map of probabilities; those of boxes leave an overlay.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthgen.core.files import make_directory, write_atomic
from synthgen.core.letterbox import FITS, Fit
from synthgen.core.picture import Boxes
from synthgen.core.pictures import write_picture
from synthgen.core.types import RGB, Coverage
from synthgen.draw import outline, overlay
from synthgen.draw.palette import FALSE_ALARM, WHITE
from trainers.config.operating_point import OperatingPoint
from trainers.predict.box_picture import box_picture, pixels_of
from trainers.predict.frames import Frame
from trainers.predict.protocols import BoxPredictor, Kind, PixelPredictor, Predictor, kind_of
from trainers.predict.tiles import heatmap, tiled_heatmap

__all__ = ["INSTANCES_FILE", "predict_frames"]

INSTANCES_FILE = "instances.json"
FOLDERS: dict[Kind, tuple[str, ...]] = {
    "pixels": ("masks", "overlays", "probabilities"),
    "boxes": ("overlays",),
    "labels": (),
}
Entry = dict[str, Any]


def predict_frames(
    model: Predictor,
    frames: Iterable[Frame],
    output: Path,
    *,
    point: OperatingPoint,
    tiled: bool = False,
    fit: Fit = "letterbox",
) -> Iterator[Entry]:
    """Predict frame by frame; yield each one's entry in instances.json, which is written when they end or break off.

    An entry has name, source, seconds (of videos), height, width, and what was found. Predictors of pixels: the share
    of foreground pixels, and instances, the parts at the operating point, each with bbox (x0, y0, x1, y1, half-open),
    area and score. Predictors of boxes: instances with bbox, category and score, and of those that find masks also
    area and segmentation, COCO's run lengths. Predictors of labels: the probability of each label.

    Raises:
        DatasetError: A frame cannot be read.
        OutputError: A picture cannot be written.
    """
    for folder in ("", *FOLDERS[kind_of(model)]):
        make_directory(output / folder)
    entries: list[Entry] = []
    try:
        for frame in frames:
            entries.append(_place(frame) | _found(model, frame, output, _Settings(point, tiled, fit)))
            yield entries[-1]
    finally:
        write_atomic(output / INSTANCES_FILE, (json.dumps(entries, indent=1) + "\n").encode())


@dataclass(frozen=True, slots=True)
class _Settings:
    point: OperatingPoint
    tiled: bool
    fit: Fit


def _place(frame: Frame) -> Entry:
    height, width = frame.image.shape[:2]
    return {
        "name": frame.name,
        "source": frame.source,
        "seconds": frame.seconds,
        "height": height,
        "width": width,
    }


def _found(model: Predictor, frame: Frame, output: Path, settings: _Settings) -> Entry:
    if isinstance(model, PixelPredictor):
        return _pixels(model, frame, output, settings)
    if isinstance(model, BoxPredictor):
        return _boxes(model, frame, output, settings)
    fitted = FITS[settings.fit]((frame.image.shape[0], frame.image.shape[1]), model.size)
    values = model.labels(fitted.put(frame.image)[None])[0]
    return {"labels": [round(float(value), 4) for value in values]}


def _pixels(model: PixelPredictor, frame: Frame, output: Path, settings: _Settings) -> Entry:
    seen = (tiled_heatmap if settings.tiled else heatmap)(model, frame.image, settings.fit)
    highest = seen.full().max(axis=0)
    mask = highest > settings.point.threshold
    write_picture(output / "masks" / f"{frame.name}.png", mask.astype(np.uint8) * 255)
    write_picture(output / "overlays" / f"{frame.name}.png", _tinted(frame.image, mask))
    write_picture(output / "probabilities" / f"{frame.name}.png", np.rint(highest * 255).astype(np.uint8))
    parts = seen.parts(settings.point)
    entries = [entry | {"area": area} for entry, area in zip(_instances(parts.boxes), parts.areas, strict=True)]
    return {"foreground": float(mask.mean()), "instances": entries}


def _boxes(model: BoxPredictor, frame: Frame, output: Path, settings: _Settings) -> Entry:
    found = model.boxes([frame.image])[0]
    boxes = found if found.scores is None else found.select(found.scores > settings.point.threshold)
    write_picture(output / "overlays" / f"{frame.name}.png", box_picture(frame.image, boxes))
    shown = [{}] * len(boxes) if boxes.masks is None else [pixels_of(mask, frame.image) for mask in boxes.masks]
    return {"instances": [entry | more for entry, more in zip(_instances(boxes), shown, strict=True)]}


def _instances(boxes: Boxes) -> list[Entry]:
    scores = np.ones(len(boxes)) if boxes.scores is None else boxes.scores
    return [
        {"bbox": [_short(value) for value in corners], "category": category, "score": round(float(score), 4)}
        for corners, category, score in zip(boxes.xyxy.tolist(), boxes.categories, scores, strict=True)
    ]


def _short(value: float) -> int | float:
    return int(value) if value.is_integer() else round(value, 2)


def _tinted(image: RGB, mask: Coverage) -> RGB:
    return outline(overlay(image, mask, FALSE_ALARM), mask, WHITE, halo=None)
