"""Pseudo-masks of photographs, offered to be cut out: those of one table, or of two whose methods have to agree.

Each large part of a mask is an object. Photographs with a catalog.csv beside them, as backgrounds may have one, hand on
their licence and their group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import repeat
from pathlib import Path

import numpy as np
from jaxtyping import Bool
from pydantic import Field

from synthgen.assets.entries import CATALOG_FILE, entries_of
from synthgen.core.config import Model
from synthgen.core.errors import DatasetError
from synthgen.core.geometry import large_parts, tight_box
from synthgen.core.types import Box, Size
from synthgen.formats.licence import licence_name
from synthgen.formats.offer import Credit, Mark, Offer, Photograph, Refused
from synthgen.formats.photograph import read_photograph
from synthgen.formats.pseudo_masks import check_same_picture
from synthgen.formats.pseudo_table import PseudoLabel, read_pseudo_table

__all__ = ["HarvestGate", "pseudo_offers"]

Known = Mapping[Path, tuple[Credit, str]]


class HarvestGate(Model):
    """What a pseudo-mask must be to be cut out, beside having passed the gate of its table.

    Attributes:
        least_score: Of the photograph, in the first table.
        least_area: Of the mask, as a share of the photograph.
        most_area: Likewise.
        agreement: IoU of the masks of two methods.
    """

    least_score: float = Field(default=0.0, ge=0, le=1)
    least_area: float = Field(default=0.0, ge=0, le=1)
    most_area: float = Field(default=1.0, gt=0, le=1)
    agreement: float = Field(default=0.5, ge=0, le=1)


def pseudo_offers(images: Path, table: Path, second: Path | None, gate: HarvestGate) -> list[Offer]:
    """Return what passes as photographs with a mark for each object, and what does not with the reason.

    Photographs that show no target, as somebody said, are passed over. The masks are those of the first table.

    Raises:
        DatasetError: A table cannot be read, is of other pictures than the folder holds or than the other table, both
            are by one method with the same options, or nothing passes.
        AssetError: The catalog of the photographs is broken.
    """
    rows = list(read_pseudo_table(table, heatmaps=False))
    for row in rows:
        if row.picture_hash:  # what could not be read was not labelled
            check_same_picture(images, table, row)
    others = repeat(None) if second is None else _others(rows, table, second)
    known = _known(images)
    pairs = [(row, other) for row, other in zip(rows, others, strict=False) if row.label != 0]
    offers = [_offer(images, row, other, gate, known) for row, other in pairs]
    if not any(isinstance(offer, Photograph) for offer in offers):
        raise DatasetError(f"{table}: {_nothing(offers)}")
    return offers


def _others(rows: Sequence[PseudoLabel], table: Path, second: Path) -> Iterator[PseudoLabel]:
    """Return what the second table says of the same pictures."""
    found = {(row.file, row.picture_hash): row for row in read_pseudo_table(second, heatmaps=False)}
    wanted = {(row.file, row.picture_hash): row for row in rows}
    if strangers := sorted(file for file, _ in wanted.keys() ^ found.keys()):
        raise DatasetError(
            f"{second}: is of other pictures than {table}, such as {strangers[0]!r}; "
            "label the same folder with both methods"
        )
    if any((row.method, row.params_json) == (found[key].method, found[key].params_json) for key, row in wanted.items()):
        raise DatasetError(
            f"{second}: is by the same method as {table}, with the same options, so that it agrees with itself; give a "
            "table by another method"
        )
    return (found[key] for key in wanted)


def _known(images: Path) -> Known:
    """Return whose the photographs are, and their groups, as far as a catalog beside them says."""
    if not (images / CATALOG_FILE).exists():
        return {}
    entries, _ = entries_of(images, "background", "")
    return {
        entry.path: (Credit(licence_name(entry.licence), entry.author, entry.source), entry.group) for entry in entries
    }


def _offer(images: Path, row: PseudoLabel, other: PseudoLabel | None, gate: HarvestGate, known: Known) -> Offer:
    if reason := _refusal(row, other, gate):
        return Refused(row.file, reason)
    credit, group = known.get(images / row.file, (Credit(), ""))
    name = Path(row.file).with_suffix("").as_posix()
    return Photograph(name, partial(read_photograph, images / row.file), _marks(row), group, credit)


def _refusal(row: PseudoLabel, other: PseudoLabel | None, gate: HarvestGate) -> str:
    if not row.valid:
        return row.reason
    if row.score < gate.least_score:
        return f"score below {gate.least_score:g}"
    mask = row.mask
    area = float(mask.mean())
    if area < gate.least_area:
        return f"area below {100 * gate.least_area:g} %"
    if area > gate.most_area:
        return f"area above {100 * gate.most_area:g} %"
    if other is None:
        return ""
    if not other.valid:
        return f"refused by the other method: {other.reason}"
    agreement = np.count_nonzero(mask & other.mask) / np.count_nonzero(mask | other.mask)
    return f"the methods agree by an IoU below {gate.agreement:g}" if agreement < gate.agreement else ""


def _marks(row: PseudoLabel) -> tuple[Mark, ...]:
    boxes = [tight_box(part) for part in large_parts(row.mask)]
    return tuple(
        Mark(str(number), _category(box, row), partial(_part, row, number)) for number, box in enumerate(boxes)
    )


def _part(row: PseudoLabel, number: int, size: Size) -> Bool[np.ndarray, "_h _w"]:
    if row.size != size:
        raise ValueError(f"its mask is {row.size}, the picture {size}; label the pictures again")
    return large_parts(row.mask)[number]


def _category(box: Box, row: PseudoLabel) -> str:
    """Return what the table calls the box that fits a part best; empty where it has none."""
    best = max(
        zip(row.boxes.xyxy.tolist(), row.boxes.categories, strict=True),
        key=lambda each: _iou(box, each[0]),
        default=None,
    )
    return "" if best is None else best[1]


def _iou(box: Sequence[float], other: Sequence[float]) -> float:
    across = max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
    down = max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
    areas = [(x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (box, other)]
    return across * down / (sum(areas) - across * down)


def _nothing(offers: Sequence[Offer]) -> str:
    """Say that nothing passes, and the reasons, the most common first."""
    counts = Counter(offer.reason for offer in offers if isinstance(offer, Refused))
    reasons = ", ".join(f"{count} {reason}" for reason, count in counts.most_common(3))
    return (
        f"none of {len(offers)} pseudo-masks passes ({reasons or 'no photograph shows a target'}); look at its sheet, "
        "and label again with another threshold or a wider gate"
    )
