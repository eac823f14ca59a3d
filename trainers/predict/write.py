"""Predictions on frames, one line a frame in instances.jsonl, and pictures of what was found.

Predictors of pixels leave a mask, an overlay and a map of probabilities; those of boxes leave an overlay. Of several
classes the mask has the number of each pixel's class, from 1, and the overlay a colour for each, with a legend. Those
of labels that say where they look leave a map, and an overlay that has it as colours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthgen.core.errors import OutputError
from synthgen.core.files import atomic_path, make_directory
from synthgen.core.letterbox import FITS, Fit
from synthgen.core.picture import Boxes
from synthgen.core.pictures import write_picture
from synthgen.core.types import RGB, AnyRGB, Coverage, InstanceMask
from synthgen.draw import class_colour, explained, heat, outline, overlay
from synthgen.draw.palette import FALSE_ALARM, WHITE
from trainers.config.operating_point import OperatingPoint
from trainers.predict.box_picture import box_picture, pixels_of
from trainers.predict.foreground import foreground, surest_classes
from trainers.predict.frames import Frame
from trainers.predict.heatmap import Heatmap
from trainers.predict.protocols import (
    BoxPredictor,
    ComparesPrompts,
    Kind,
    LabelPredictor,
    PixelPredictor,
    Predictor,
    ShowsWhere,
    classes_of,
    kind_of,
)
from trainers.predict.tiles import heatmap, tiled_heatmap

__all__ = ["INSTANCES_FILE", "LINES_FILE", "instance_entries", "predict_frames", "write_list"]

LINES_FILE = "instances.jsonl"  # an entry a line, as frames come
INSTANCES_FILE = "instances.json"  # the same as one list, when they have ended
FOLDERS: dict[Kind, tuple[str, ...]] = {
    "pixels": ("masks", "overlays", "probabilities"),
    "boxes": ("overlays",),
    "labels": (),
}
MAPS = ("overlays", "probabilities")  # of predictors that say where they look
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
    """Predict frame by frame; yield each one's entry, which is a line of instances.jsonl as soon as it is known.

    When frames end or break off, the entries are written once more, as one list, as instances.json.

    An entry has name, source, seconds (of videos), height, width, and what was found. Predictors of pixels: the share
    of foreground pixels, that of each class where classes are told apart, and instances, the parts at the operating
    point, each with bbox (x0, y0, x1, y1, half-open), category, area and score. Predictors of boxes: instances with
    bbox, category and score, and of those that find masks also area and segmentation, COCO's run lengths. Predictors
    of labels: the probability of each label; those that compare prompts also that of each prompt.

    Raises:
        DatasetError: A frame cannot be read.
        OutputError: A picture or a line cannot be written.
    """
    for folder in ("", *(MAPS if isinstance(model, ShowsWhere) else FOLDERS[kind_of(model)])):
        make_directory(output / folder)
    (output / INSTANCES_FILE).unlink(missing_ok=True)  # of another run, which these lines are none of
    lines = output / LINES_FILE
    lines.write_text("")
    try:
        for frame in frames:
            entry = _place(frame) | _found(model, frame, output, _Settings(point, tiled, fit))
            _append(lines, entry)
            yield entry
    finally:
        write_list(lines, output / INSTANCES_FILE)


def _append(lines: Path, entry: Entry) -> None:
    """Write a line; whoever reads along sees it at once."""
    try:
        with lines.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
    except OSError as error:
        raise OutputError(f"{lines}: cannot be written: {error.strerror or error}; free some space") from error


def write_list(lines: Path, path: Path) -> None:
    """Write lines of JSON as a JSON list, one at a time, as a stream may have left many.

    Raises:
        OutputError: It cannot be written.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as file, lines.open("rb") as entries:
        for number, entry in enumerate(entries):
            file.write((b"[\n" if number == 0 else b",\n") + entry.rstrip())
        file.write(b"\n]\n" if lines.stat().st_size else b"[]\n")


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
    return _labels(model, frame, output, settings)


def _pixels(model: PixelPredictor, frame: Frame, output: Path, settings: _Settings) -> Entry:
    seen = (tiled_heatmap if settings.tiled else heatmap)(model, frame.image, settings.fit)
    names, maps = classes_of(model).names, seen.full()
    found = surest_classes(maps, settings.point.threshold)
    mask = found if len(names) > 1 else (found > 0).astype(np.uint8) * 255
    shown = _coloured(frame.image, found, names) if len(names) > 1 else _tinted(frame.image, found > 0)
    write_picture(output / "masks" / f"{frame.name}.png", mask)
    write_picture(output / "overlays" / f"{frame.name}.png", shown)
    write_picture(output / "probabilities" / f"{frame.name}.png", np.rint(foreground(maps) * 255).astype(np.uint8))
    parts = seen.parts(settings.point, names or None)
    entries = [entry | {"area": area} for entry, area in zip(instance_entries(parts.boxes), parts.areas, strict=True)]
    shares = {name: float((found == number).mean()) for number, name in enumerate(names, 1)}
    return {"foreground": float((found > 0).mean()), **({"classes": shares} if names else {}), "instances": entries}


def _boxes(model: BoxPredictor, frame: Frame, output: Path, settings: _Settings) -> Entry:
    found = model.boxes([frame.image])[0]
    boxes = found if found.scores is None else found.select(found.scores > settings.point.threshold)
    write_picture(output / "overlays" / f"{frame.name}.png", box_picture(frame.image, boxes))
    shown = [{}] * len(boxes) if boxes.masks is None else [pixels_of(mask, frame.image) for mask in boxes.masks]
    return {"instances": [entry | more for entry, more in zip(instance_entries(boxes), shown, strict=True)]}


def _labels(model: LabelPredictor, frame: Frame, output: Path, settings: _Settings) -> Entry:
    fitted = FITS[settings.fit]((frame.image.shape[0], frame.image.shape[1]), model.size)
    shown = fitted.put(frame.image)[None]
    if isinstance(model, ShowsWhere):
        values, maps = model.labels_and_maps(shown)
        seen = Heatmap(fitted.cut(maps), fitted.frame, fitted.inner).full()[0]
        write_picture(output / "overlays" / f"{frame.name}.png", heat(frame.image, seen))
        write_picture(output / "probabilities" / f"{frame.name}.png", np.rint(seen * 255).astype(np.uint8))
        return {"labels": _probabilities(values[0])}
    if isinstance(model, ComparesPrompts):
        found = _probabilities(model.by_prompt(shown)[0])
        return {"labels": [max(found)], "prompts": dict(zip(model.prompts, found, strict=True))}
    return {"labels": _probabilities(model.labels(shown)[0])}


def _probabilities(values: np.ndarray) -> list[float]:
    return [round(float(value), 4) for value in values]


def instance_entries(boxes: Boxes) -> list[Entry]:
    """Return boxes as they stand in an entry: bbox (x0, y0, x1, y1, half-open), category and score."""
    scores = np.ones(len(boxes)) if boxes.scores is None else boxes.scores
    return [
        {"bbox": [_short(value) for value in corners], "category": category, "score": round(float(score), 4)}
        for corners, category, score in zip(boxes.xyxy.tolist(), boxes.categories, scores, strict=True)
    ]


def _short(value: float) -> int | float:
    return int(value) if value.is_integer() else round(value, 2)


def _tinted(image: RGB, mask: Coverage) -> RGB:
    return outline(overlay(image, mask, FALSE_ALARM), mask, WHITE, halo=None)


def _coloured(image: RGB, found: InstanceMask, names: Sequence[str]) -> AnyRGB:
    """Tint each class in its colour, above a legend of those that there are."""
    shown = {number: name for number, name in enumerate(names, 1) if (found == number).any()}
    for number in shown:
        own = found == number
        image = outline(overlay(image, own, class_colour(number)), own, WHITE, halo=None)
    return explained(image, [(class_colour(number), name) for number, name in shown.items()]) if shown else image
