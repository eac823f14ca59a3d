"""A packaged model in ONNX, run by onnxruntime: RGB uint8 in, float tensors out, preparation in the graph."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from jaxtyping import Float32, UInt8

from synthgen.core.errors import TrainingError
from synthgen.core.letterbox import Letterbox
from synthgen.core.picture import Boxes
from synthgen.core.types import AnyRGB, Size
from trainers.config.classes import ClassesConfig
from trainers.config.operating_point import OperatingPoint
from trainers.learn.older import point_of_before
from trainers.models.detectors.selection import Selection, select
from trainers.models.detectors.stages import BOXES, INPUT, ONNX_FILE, SELECTION
from trainers.predict.protocols import Kind

__all__ = [
    "INPUT",
    "MAPS",
    "ONNX_FILE",
    "OUTPUTS",
    "OnnxBoxes",
    "OnnxLabels",
    "OnnxMaps",
    "OnnxModel",
    "OnnxPixels",
    "Told",
    "load_onnx",
    "open_session",
    "told_of",
]

OUTPUTS: dict[Kind, str] = {
    "pixels": "probabilities",  # float32 (batch, categories, height, width); without categories in older packages
    # float32 (batch, n, 5 or 6): x0, y0, x1, y1 in pixels of the input, score (0: no box), category; or, where the
    # metadata have a selection, (batch, n, 4 + classes): x0, y0, x1, y1, the score of each class
    "boxes": BOXES,
    "labels": "labels",  # float32 (batch, labels)
}
MAPS = "maps"  # float32 (batch, height, width), beside labels, of what says where it looks
RANKS: dict[str, tuple[int, ...]] = {"probabilities": (4, 3), "boxes": (3,), "labels": (2,)}


@dataclass(frozen=True, slots=True, eq=False)
class OnnxModel:
    """A graph ready to run.

    Attributes:
        session: Of onnxruntime.
        title: Name in tables.
        size: (height, width) it takes.
        categories: Names of what it tells apart; empty where the package does not say.
        operating_point: How its output becomes decisions.
        classes: What its outputs stand for; all targets as one where the package does not say.
        selection: Which of its boxes are told; None where all with a score are.
    """

    session: onnxruntime.InferenceSession
    title: str
    size: Size
    categories: tuple[str, ...] = ()
    operating_point: OperatingPoint = field(default_factory=OperatingPoint)
    classes: ClassesConfig = field(default_factory=ClassesConfig)
    selection: Selection | None = None

    def run(self, images: UInt8[np.ndarray, "b h w 3"]) -> np.ndarray:
        """Return the first output."""
        found: np.ndarray = self.session.run(None, {INPUT: np.ascontiguousarray(images)})[0]
        return found


class OnnxPixels(OnnxModel):
    """Predicts pixels."""

    __slots__ = ()

    def probabilities(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b k h w"]:
        """Return the probability of each category, 0–1, for every pixel."""
        found = self.run(images)
        return found if found.ndim == 4 else found[:, None]


class OnnxLabels(OnnxModel):
    """Predicts labels."""

    __slots__ = ()

    def labels(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b k"]:
        """Return the probability of each label, 0–1."""
        return self.run(images)


class OnnxMaps(OnnxLabels):
    """Predicts labels, and says where it looks."""

    __slots__ = ()

    def labels_and_maps(
        self, images: UInt8[np.ndarray, "b h w 3"]
    ) -> tuple[Float32[np.ndarray, "b k"], Float32[np.ndarray, "b h w"]]:
        """Return the probability of each label, and of each pixel, 0–1."""
        labels, maps = self.session.run(None, {INPUT: np.ascontiguousarray(images)})
        return labels, maps


class OnnxBoxes(OnnxModel):
    """Predicts boxes."""

    __slots__ = ()

    def boxes(self, images: Sequence[AnyRGB]) -> list[Boxes]:
        """Return the boxes of each picture with their scores, in that picture's own pixels."""
        letterboxes = [Letterbox((image.shape[0], image.shape[1]), self.size) for image in images]
        fitted = [letterbox.put(image) for letterbox, image in zip(letterboxes, images, strict=True)]
        found = self.run(np.stack(fitted)) if fitted else ()
        read = self._rows if self.selection is None else self._selected
        return [read(letterbox, rows) for letterbox, rows in zip(letterboxes, found, strict=True)]

    def _selected(self, letterbox: Letterbox, rows: Float32[np.ndarray, "n columns"]) -> Boxes:
        """Return the boxes that are told, of rows with a score for each class."""
        assert self.selection is not None, "asked of rows that need one"
        classes = rows.shape[1] - 4
        every, labels = np.repeat(rows[:, :4], classes, axis=0), np.tile(np.arange(classes), len(rows))
        scores = rows[:, 4:].reshape(-1)
        places = select(every, scores, labels, self.selection)
        names, xyxy = self.classes.names or ("",), letterbox.boxes_back(every[places])
        inside = (xyxy[:, 2:] > xyxy[:, :2]).all(axis=1)  # not in the bars beside the picture
        told = places[inside]
        return Boxes.of(xyxy[inside], [names[label] for label in labels[told]], scores[told])

    def _rows(self, letterbox: Letterbox, rows: Float32[np.ndarray, "n columns"]) -> Boxes:
        kept = rows[rows[:, 4] > 0]
        numbers = kept[:, 5].astype(int).tolist() if kept.shape[1] > 5 else [0] * len(kept)
        names = dict(enumerate(self.categories))
        categories = [names.get(number, "") for number in numbers]
        return Boxes.of(letterbox.boxes_back(kept[:, :4]), categories, kept[:, 4])


MODELS: dict[tuple[str, ...], type[OnnxPixels] | type[OnnxBoxes] | type[OnnxLabels]] = {
    (OUTPUTS["pixels"],): OnnxPixels,
    (OUTPUTS["boxes"],): OnnxBoxes,
    (OUTPUTS["labels"],): OnnxLabels,
    (OUTPUTS["labels"], MAPS): OnnxMaps,
}


def load_onnx(path: Path) -> OnnxPixels | OnnxBoxes | OnnxLabels:
    """Load what `synthgen package` wrote, onto the GPU where onnxruntime has one.

    Raises:
        TrainingError: It is missing, damaged, or was not made by `synthgen package`.
    """
    session = open_session(path)
    inputs, outputs = session.get_inputs(), session.get_outputs()
    _check(path, inputs, outputs)
    height, width = inputs[0].shape[1:3]
    told, kind = told_of(path, session), MODELS[tuple(output.name for output in outputs)]
    size = (height, width)
    return kind(session, told.title, size, told.categories, told.operating_point, told.classes, told.selection)


@dataclass(frozen=True, slots=True)
class Told:
    """What a package says of itself in the metadata of its first graph.

    Attributes:
        title: Name in tables.
        categories: Names of what it tells apart; empty where it does not say.
        operating_point: How its output becomes decisions.
        classes: What its outputs stand for.
        selection: Which of its boxes are told; None where the graph decides.
    """

    title: str
    categories: tuple[str, ...]
    operating_point: OperatingPoint
    classes: ClassesConfig
    selection: Selection | None


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """Open a graph, on the GPU where onnxruntime has one.

    Raises:
        TrainingError: It is missing or damaged.
    """
    if not path.is_file():
        raise TrainingError(f"{path}: no such file; give a model made by `synthgen package`")
    try:
        session = onnxruntime.InferenceSession(path, providers=_providers())
    except Exception as error:  # onnxruntime has a class of its own for each kind of damage
        first_line = str(error).partition("\n")[0]
        raise TrainingError(f"{path}: onnxruntime cannot load it: {first_line}; package the model again") from error
    return session


def told_of(path: Path, session: onnxruntime.InferenceSession) -> Told:
    """Return what a package says of itself.

    Raises:
        TrainingError: What it says cannot be read.
    """
    said = session.get_modelmeta().custom_metadata_map
    return Told(
        title=said.get("title", path.stem),
        categories=tuple(said["categories"].split("\n")) if said.get("categories") else (),
        operating_point=_point_of(path, said.get("operating_point", "{}")),
        classes=_classes_of(path, said.get("classes", "{}")),
        selection=_selection_of(path, said[SELECTION]) if SELECTION in said else None,
    )


def _point_of(path: Path, text: str) -> OperatingPoint:
    try:
        return OperatingPoint.model_validate(point_of_before(json.loads(text)))
    except (ValueError, TypeError) as error:
        raise TrainingError(f"{path}: its operating point {text[:80]!r} cannot be read; package it again") from error


def _classes_of(path: Path, text: str) -> ClassesConfig:
    try:
        return ClassesConfig.model_validate_json(text)
    except ValueError as error:
        raise TrainingError(f"{path}: its classes {text[:80]!r} cannot be read; package it again") from error


def _selection_of(path: Path, text: str) -> Selection:
    try:
        return Selection.model_validate_json(text)
    except ValueError as error:
        raise TrainingError(f"{path}: its selection {text[:80]!r} cannot be read; package it again") from error


def _check(path: Path, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
    found = [(value.name, value.type, len(value.shape)) for value in (*inputs, *outputs)]
    taken, mapped = (INPUT, "tensor(uint8)", 4), (MAPS, "tensor(float)", 3)
    wanted = [[taken, (name, "tensor(float)", rank)] for name, ranks in RANKS.items() for rank in ranks]
    if found not in [*wanted, [taken, (OUTPUTS["labels"], "tensor(float)", 2), mapped]]:
        raise TrainingError(
            f"{path}: takes and gives {', '.join(name for name, _, _ in found)}, of other classes or shapes than "
            f"a model made by `synthgen package`: {INPUT} uint8 (b, h, w, 3), and one of {', '.join(RANKS)} in float"
        )


def _providers() -> list[str]:
    present = onnxruntime.get_available_providers()
    return [name for name in ("CUDAExecutionProvider", "CPUExecutionProvider") if name in present]
