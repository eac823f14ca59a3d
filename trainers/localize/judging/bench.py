"""What localizers are judged on: pictures with exact masks or boxes, and by which of them settings are chosen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float64

from synthgen.core.errors import DatasetError
from synthgen.core.picture import Picture, Samples, Truth
from synthgen.core.types import Coverage, Split
from synthgen.formats.coco import read_coco
from synthgen.formats.folder import read_folder
from synthgen.formats.trios import read_trios
from synthgen.formats.voc_xml import read_voc
from synthgen.shards import ShardDataset, ShardSamples
from synthgen.shards.firewall import FIREWALL_COLUMNS
from synthgen.shards.manifest import pseudo_assets
from synthgen.shards.rowcheck import used_assets
from trainers.localize.judging.wsol import inclusive

__all__ = [
    "Bench",
    "Fold",
    "boxed_bench",
    "dataset_bench",
    "masked_bench",
    "target_of",
    "trio_bench",
    "true_boxes",
    "voc_bench",
]

Kind = Literal["masks", "boxes"]
CHOSEN_ON: Split = "val"


@dataclass(frozen=True, slots=True)
class Fold:
    """Pictures whose truth chooses, and pictures that are scored by what was chosen.

    Attributes:
        choose: Their numbers in the bench.
        score: Likewise; none is in both.
    """

    choose: tuple[int, ...]
    score: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """Pictures that all show a target.

    Attributes:
        title: Their name.
        kind: What of their truth is compared.
        samples: Sets of pictures.
        places: Of each picture its set and its number there.
        groups: Of each picture; those of one group are no independent observations.
        shows: What each picture shows, where each is asked for that; empty where all are asked for the same.
        folds: Which pictures choose for which.
        chosen_on: What is said of those that choose.
        left_out: Pictures that do not count, and why.
    """

    title: str
    kind: Kind
    samples: tuple[Samples, ...]
    places: tuple[tuple[int, int], ...]
    groups: tuple[str, ...]
    shows: tuple[str, ...]
    folds: tuple[Fold, ...]
    chosen_on: str
    left_out: tuple[str, ...]

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.places)

    def picture(self, number: int) -> Picture:
        """Return a picture.

        Raises:
            DatasetError: It cannot be read.
        """
        source, index = self.places[number]
        return self.samples[source][index]

    @property
    def scored(self) -> tuple[int, ...]:
        """The pictures that are scored, in order."""
        return tuple(sorted(number for fold in self.folds for number in fold.score))


def dataset_bench(dataset: Path, split: Split) -> Bench:
    """Return a dataset's split, which is scored, and its split "val", which chooses.

    Rows that show a cutout whose outline is a guess do not count.

    Raises:
        DatasetError: There is no finished dataset or no such split, or no row that counts.
    """
    if split == CHOSEN_ON:
        raise DatasetError(f"{dataset}: settings are chosen on {CHOSEN_ON}, and cannot be scored there; score test")
    opened = ShardDataset.open(dataset)
    sets = (ShardSamples(opened, CHOSEN_ON), ShardSamples(opened, split))
    guessed = pseudo_assets(opened.manifest)
    rows, left_out = _Kept("masks"), []
    for number, (name, samples) in enumerate(zip((CHOSEN_ON, split), sets, strict=True)):
        bad = _rows_of(opened, name, guessed)
        rows.add(number, samples, (index for index in range(len(samples)) if index not in bad))
        if bad:
            left_out.append(f"{len(bad)} rows of {name}: show a cutout whose outline is a guess (mask_source: pseudo)")
    choose, score = (tuple(n for n, (own, _) in enumerate(rows.places) if own == side) for side in (0, 1))
    for name, numbers in ((CHOSEN_ON, choose), (split, score)):
        if not numbers:
            raise DatasetError(f"{dataset}: no row of {name} shows a target with an exact mask; generate some")
    return rows.bench(f"{dataset.name}, {split}", sets, (Fold(choose, score),), CHOSEN_ON, left_out)


def masked_bench(images: Path, masks: Path) -> Bench:
    """Return a folder of photographs with masks; one half chooses for the other.

    Raises:
        DatasetError: It cannot be read, or fewer than two show a target.
    """
    return _halved(images.name, "masks", read_folder(images, masks))


def boxed_bench(images: Path, annotations: Path) -> Bench:
    """Return photographs with boxes of a COCO file; one half chooses for the other.

    Raises:
        DatasetError: It cannot be read, or fewer than two show a target.
    """
    return _halved(images.name, "boxes", read_coco(images, annotations))


def trio_bench(folder: Path, known: Callable[[str], bool]) -> Bench:
    """Return CocoGlide's real pictures, each asked for its own object; one half chooses for the other.

    Args:
        folder: Of the trios.
        known: Whether all localizers can be asked for a name; other pictures do not count.

    Raises:
        DatasetError: It cannot be read, or there are fewer than two.
    """
    found = read_trios(folder)
    return _halved(folder.name, "masks", found, found.prompts, known, found.left_out)


def voc_bench(images: Path, annotations: Path, known: Callable[[str], bool]) -> Bench:
    """Return ImageNet's pictures with boxes, each asked for its own class; one half chooses for the other.

    Args:
        images: Folder of the pictures.
        annotations: Folder of their XML.
        known: Whether all localizers can be asked for a class; other pictures do not count.

    Raises:
        DatasetError: They cannot be read, or there are fewer than two.
    """
    found = read_voc(images, annotations)
    return _halved(images.name, "boxes", found, found.classes, known, found.left_out)


def true_boxes(truth: Truth) -> Float64[np.ndarray, "n 4"]:
    """Return the boxes that a box may fit, by first and last pixel; where only a mask is known, the one around it."""
    if truth.boxes is not None:
        return inclusive(truth.boxes.select(~truth.boxes.crowd).xyxy)
    assert truth.mask is not None, "a picture of a bench has boxes or a mask"
    down, across = np.nonzero(truth.mask)
    return np.array([[across.min(), down.min(), across.max(), down.max()]], np.float64)


def target_of(truth: Truth, kind: Kind, size: tuple[int, int]) -> Coverage:
    """Return the pixels (h, w) that a finger has to point at: those of the targets, or of their boxes."""
    if kind == "masks":
        assert truth.mask is not None, "a picture of a bench of masks has one"
        return truth.mask > 0
    inside = np.zeros(size, bool)
    for x0, y0, x1, y1 in np.rint(true_boxes(truth)).astype(int).tolist():
        inside[max(y0, 0) : y1 + 1, max(x0, 0) : x1 + 1] = True
    return inside


class _Kept:
    """Collects the pictures that show a target, and says of the others why they do not count."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.places: list[tuple[int, int]] = []
        self.groups: list[str] = []
        self.prompts: list[str] = []
        self.without, self.unreadable = 0, list[str]()

    def add(self, source: int, samples: Samples, indices: Iterable[int], prompts: Sequence[str] = ()) -> None:
        for index in indices:
            try:
                picture = samples[index]
                shown = _shows(picture.truth, self.kind)
            except DatasetError as error:
                self.unreadable.append(str(error))
                continue
            if not shown:
                self.without += 1
                continue
            self.places.append((source, index))
            self.groups.append(picture.group)
            self.prompts += prompts[index : index + 1]

    def bench(
        self, title: str, samples: tuple[Samples, ...], folds: tuple[Fold, ...], chosen_on: str, left_out: Sequence[str]
    ) -> Bench:
        told = [*left_out, *self.unreadable]
        if self.without:
            told.append(f"{self.without} pictures: show no target, and where nothing is, no map can be right")
        return Bench(
            title,
            self.kind,
            samples,
            tuple(self.places),
            tuple(self.groups),
            tuple(self.prompts),
            folds,
            chosen_on,
            tuple(told),
        )


def _shows(truth: Truth, kind: Kind) -> bool:
    if kind == "boxes":
        return truth.boxes is not None and bool((~truth.boxes.crowd).any())
    if truth.mask is None:
        return False
    return bool((truth.mask > 0).any() if truth.ignore is None else ((truth.mask > 0) & ~truth.ignore).any())


def _rows_of(dataset: ShardDataset, split: Split, foregrounds: frozenset[str]) -> frozenset[int]:
    """Return the rows that show one of some cutouts."""
    if not foregrounds:
        return frozenset()
    rows = dataset.rows(split, FIREWALL_COLUMNS)
    return frozenset(index for index, row in enumerate(rows) if used_assets(row)[0] & foregrounds)


def _halved(
    title: str,
    kind: Kind,
    samples: Samples,
    prompts: Sequence[str] = (),
    known: Callable[[str], bool] = lambda _: True,
    left_out: Sequence[str] = (),
) -> Bench:
    """Return a bench of which either half chooses for the other; a group is in one half, by the hash of its name."""
    kept, unknown = _Kept(kind), sorted({prompt for prompt in prompts if not known(prompt)})
    kept.add(0, samples, (n for n in range(len(samples)) if not unknown or prompts[n] not in unknown), prompts)
    if unknown:
        left_out = (*left_out, f"pictures of {', '.join(unknown)}: a localizer has no class for what they show")
    groups = sorted(set(kept.groups), key=lambda group: hashlib.sha256(group.encode()).digest())
    if len(groups) < 2:
        raise DatasetError(
            f"{title}: {len(groups)} pictures with a target and a readable truth; one half of them chooses for the "
            f"other, so that two are needed{_because(kept.unreadable)}"
        )
    first = set(groups[: len(groups) // 2])
    halves = [tuple(n for n, group in enumerate(kept.groups) if (group in first) == side) for side in (True, False)]
    folds = (Fold(halves[0], halves[1]), Fold(halves[1], halves[0]))
    return kept.bench(title, (samples,), folds, "the other half of the pictures", left_out)


def _because(reasons: Sequence[str]) -> str:
    return f": {reasons[0]}" if reasons else ""
