"""Places where every run is scored: a set of photographs, and what of its truth is compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from synthgen.core.errors import ConfigError
from synthgen.formats.photograph import PhotographSamples
from trainers.config.kind import Kind
from trainers.config.photographs import Annotation
from trainers.experiment.config import ScoredPictures
from trainers.loading.photographs import READERS

__all__ = ["Place", "places_of"]

COMPARED: dict[Kind, dict[Annotation, Kind]] = {
    "pixels": {"masks": "pixels", "boxes": "boxes", "labels": "labels"},
    "boxes": {"boxes": "boxes"},
    "labels": {"masks": "labels", "boxes": "labels", "labels": "labels"},
}
"""What is compared, by what a model gives and by the truth that there is."""


@dataclass(frozen=True, slots=True)
class Place:
    """A set of photographs, and what is compared there.

    Attributes:
        key: Short, for files and columns.
        pictures: The photographs.
        truth: The truth of them that is read.
        kind: What is compared.
    """

    key: str
    pictures: ScoredPictures
    truth: Annotation
    kind: Kind

    @property
    def annotation(self) -> Path:
        """The file or folder of the truth."""
        path: Path = getattr(self.pictures, self.truth)
        return path

    def samples(self) -> PhotographSamples:
        """Open the photographs.

        Raises:
            DatasetError: They, or what is annotated, cannot be read.
        """
        return READERS[self.truth](self.pictures.images, self.annotation)


def places_of(scored: Mapping[str, ScoredPictures], kind: Kind) -> tuple[Place, ...]:
    """Return where models that give `kind` are scored: a place for each set, or two where it has masks and boxes.

    Raises:
        ConfigError: A set has nothing that they could be compared with.
    """
    return tuple(place for name, pictures in scored.items() for place in _places(name, pictures, kind))


def _places(name: str, pictures: ScoredPictures, kind: Kind) -> list[Place]:
    compared = COMPARED[kind]
    found = [(truth, own) for truth, own in compared.items() if getattr(pictures, truth) is not None]
    if not found:
        raise ConfigError(f"scored.{name}: a model that gives {kind} is scored by {' or '.join(compared)}; give them")
    if len({own for _, own in found}) < len(found):  # labels out of masks and out of boxes are the same
        found = found[:1]
    several = len(found) > 1
    return [Place(f"{name}-{truth}" if several else name, pictures, truth, own) for truth, own in found]
