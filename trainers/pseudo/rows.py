"""From pictures to rows of the table: read, shown to the annotator, judged by the gate."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.geometry import encode_rle
from synthgen.core.picture import Boxes, Picture
from synthgen.core.types import RGB
from synthgen.formats.photograph import photograph_name
from synthgen.formats.pseudo_table import PseudoLabel
from synthgen.shards.grey_png import write_grey_png
from trainers.config.pseudo_label import Gate
from trainers.pseudo.annotator import Annotator, Seen
from trainers.pseudo.gate import refusal
from trainers.pseudo.subjects import Subjects

__all__ = ["UNREADABLE", "Labelling"]

UNREADABLE = "cannot be read: "
"""How the reason of a picture begins that was not looked at."""


@dataclass(frozen=True, eq=False)
class Labelling:
    """Pictures, and what labels them.

    Attributes:
        subjects: The pictures; their labels, where they have any, are believed.
        method: Name of the annotator.
        annotator: Says where targets are.
        gate: What may be learnt from.
    """

    subjects: Subjects
    method: str
    annotator: Annotator
    gate: Gate

    @property
    def params_json(self) -> str:
        """What decides the rows beside the pictures."""
        return json.dumps({**self.annotator.params, "gate": self.gate.model_dump()}, sort_keys=True)

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.subjects.samples)

    @cached_property
    def hashes(self) -> tuple[str, ...]:
        """The hash of each picture's bytes, read once; empty where they cannot be read."""
        return tuple(map(self.subjects.hash, range(len(self))))

    def image(self, number: int) -> RGB:
        """Read the pixels of a picture.

        Raises:
            DatasetError: It cannot be read.
        """
        return self.subjects.samples[number].image

    def rows(self, numbers: Sequence[int]) -> list[PseudoLabel]:
        """Return the rows of some pictures, in their order.

        What shows no target, as its label says, is not shown to the annotator: its empty mask is right. What cannot
        be read gets a row that says so.

        Raises:
            SynthgenError: The annotator cannot tell.
        """
        found: dict[int, PseudoLabel] = {}
        shown: dict[int, Picture] = {}
        for number in numbers:
            try:
                picture = self.subjects.samples[number]
                _ = picture.image, picture.truth
            except DatasetError as error:
                reason = f"{UNREADABLE}{self.subjects.reason(number, error)}"
                found[number] = self._row(number, _nothing((0, 0)), None, reason)
                continue
            if picture.truth.label == 0:
                found[number] = self._row(number, _nothing(picture.size), 0, "")
            else:
                shown[number] = picture
        seen = self.annotator.annotate(list(shown.values())) if shown else []
        for (number, picture), each in zip(shown.items(), seen, strict=True):
            found[number] = self._row(number, each, picture.truth.label, refusal(each, self.gate))
        return [found[number] for number in numbers]

    def _row(self, number: int, seen: Seen, label: int | None, reason: str) -> PseudoLabel:
        height, width = seen.mask.shape
        file = self.subjects.file(number)
        return PseudoLabel(
            image_id=photograph_name(file),
            file=file,
            picture_hash=self.hashes[number],
            size=(height, width),
            method=self.method,
            params_json=self.params_json,
            label=label,
            heatmap=write_grey_png(seen.heatmap),
            mask_rle=encode_rle(seen.mask),
            boxes=seen.boxes,
            score=seen.score,
            valid=not reason,
            reason=reason,
        )


def _nothing(size: tuple[int, int]) -> Seen:
    return Seen(Boxes.of([], [], []), np.zeros(size, bool), np.zeros((1, 1), np.uint8), 0.0)
