"""What can predict: three protocols, one for each kind of answer. No reader need know what stands behind them.

A trained network and a packaged one satisfy them, and so does a model that was never trained here: it is a predictor
without a task. All attributes are read-only, so that frozen dataclasses satisfy them, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8

from synthgen.core.picture import Boxes
from synthgen.core.types import RGB, Size
from trainers.config.classes import ClassesConfig
from trainers.config.kind import Kind
from trainers.config.operating_point import OperatingPoint

__all__ = [
    "BoxPredictor",
    "ComparesPrompts",
    "Decided",
    "Kind",
    "LabelPredictor",
    "PixelPredictor",
    "Predictor",
    "ShowsWhere",
    "TellsClasses",
    "classes_of",
    "kind_of",
    "point_of",
]


@runtime_checkable
class PixelPredictor(Protocol):
    """Says of every pixel how likely it belongs to each of k categories."""

    @property
    def title(self) -> str:
        """Name in tables."""
        ...

    @property
    def size(self) -> Size:
        """(height, width) of the pictures it takes."""
        ...

    def probabilities(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b k h w"]:
        """Return the probability of each category, 0–1, for every pixel; k = 1 is the foreground."""
        ...


@runtime_checkable
class BoxPredictor(Protocol):
    """Finds boxes in pictures of any size."""

    @property
    def title(self) -> str:
        """Name in tables."""
        ...

    def boxes(self, images: Sequence[RGB]) -> list[Boxes]:
        """Return the boxes of each picture with their scores, in that picture's own pixels."""
        ...


@runtime_checkable
class LabelPredictor(Protocol):
    """Says of a whole picture how likely it has each label."""

    @property
    def title(self) -> str:
        """Name in tables."""
        ...

    @property
    def size(self) -> Size:
        """(height, width) of the pictures it takes."""
        ...

    def labels(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b k"]:
        """Return probabilities, 0–1: of label 1 where k = 1, else of the labels 0 … k - 1."""
        ...


@runtime_checkable
class ShowsWhere(Protocol):
    """A predictor of labels that says where in a picture it looks, too."""

    def labels_and_maps(
        self, images: UInt8[np.ndarray, "b h w 3"]
    ) -> tuple[Float32[np.ndarray, "b k"], Float32[np.ndarray, "b h w"]]:
        """Return what `LabelPredictor.labels` does, and how much each pixel speaks for label 1, 0–1."""
        ...


@runtime_checkable
class ComparesPrompts(Protocol):
    """A predictor of labels that looks for several things, and knows how likely each one is."""

    @property
    def prompts(self) -> tuple[str, ...]:
        """What it looks for."""
        ...

    def by_prompt(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b p"]:
        """Return the probability of each, 0–1; the highest one is that of label 1."""
        ...


Predictor: TypeAlias = PixelPredictor | BoxPredictor | LabelPredictor


@runtime_checkable
class Decided(Protocol):
    """A predictor that says how its probabilities become decisions. One that was never trained here need not."""

    @property
    def operating_point(self) -> OperatingPoint:
        """How its probabilities become parts and labels."""
        ...


@runtime_checkable
class TellsClasses(Protocol):
    """A predictor that says what its outputs are called, and which categories they stand for."""

    @property
    def classes(self) -> ClassesConfig:
        """What it tells apart, in the order of its outputs."""
        ...


def classes_of(predictor: Predictor) -> ClassesConfig:
    """Return what a predictor tells apart; where it does not say, all targets are one."""
    return predictor.classes if isinstance(predictor, TellsClasses) else ClassesConfig()


def point_of(predictor: Predictor) -> OperatingPoint:
    """Return the predictor's own operating point; the default one where it has none."""
    return predictor.operating_point if isinstance(predictor, Decided) else OperatingPoint()


def kind_of(predictor: Predictor) -> Kind:
    """Return what it gives. One that gives several things counts by the first: pixels, boxes, labels."""
    if isinstance(predictor, PixelPredictor):
        return "pixels"
    return "boxes" if isinstance(predictor, BoxPredictor) else "labels"
