"""Where the pixels and the truth of a split come from: shards on disk, or samples that are made when asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool

from synthgen.core.errors import TrainingError
from synthgen.core.picture import Picture, Samples, Truth
from synthgen.core.types import RGB, Size, Split
from synthgen.shards.cells import PictureColumn
from synthgen.shards.codec import decode_image, decode_mask
from synthgen.shards.reader import ShardDataset
from trainers.loading.columns import BoxColumn, HiddenColumn, distractor_column, label_column
from trainers.loading.targets import Column

__all__ = ["SampleSource", "ShardSource", "Source", "TellsLabels", "TellsPositives"]


@runtime_checkable
class Source(Protocol):
    """Pictures of one size with the parts of the truth that are asked for."""

    @property
    def size(self) -> Size:
        """(height, width) of all pictures."""
        ...

    def __len__(self) -> int:
        """Samples of the split."""
        ...

    def read(self, row: int, image: RGB, epoch: int) -> Truth:
        """Write the pixels of a sample into `image` and return its truth; called from several threads.

        Raises:
            DatasetError: It cannot be read.
            TrainingError: It does not fit.
        """
        ...


@runtime_checkable
class TellsPositives(Protocol):
    """A source that knows which of its samples have a target."""

    def positive(self) -> Bool[np.ndarray, " n"]:
        """Return which samples have a target.

        Raises:
            TrainingError: That cannot be told without making every sample.
        """
        ...


class ShardSource:
    """A split of a finished dataset: pictures are decoded from the mapped files straight into the batch."""

    def __init__(self, path: Path, split: Split, columns: frozenset[Column], samples: int = 0) -> None:
        """Open the split, or its first `samples` samples.

        Raises:
            DatasetError: There is no finished dataset, or no such split.
            TrainingError: There are fewer samples than asked for.
        """
        self._dataset, self._split, self._columns = ShardDataset.open(path), split, columns
        self._images = PictureColumn(self._dataset, split, "image")
        self._masks = PictureColumn(self._dataset, split, "mask") if "mask" in columns else None
        boxed = {"boxes", "amodal"} & columns
        self._boxes = BoxColumn(self._dataset, split, amodal="amodal" in columns) if boxed else None
        self._labels = label_column(self._dataset, split) if "label" in columns else None
        self._distractors = distractor_column(self._dataset, split) if "distractors" in columns else None
        self._hidden = HiddenColumn(self._dataset, split) if "ignore" in columns else None
        self._unlabelled = np.zeros(self.size, np.uint8)
        self._samples = _part(samples, len(self._images), f"{path}, {split}")

    @property
    def size(self) -> Size:
        """(height, width) of all pictures."""
        return self._dataset.manifest.size

    def __len__(self) -> int:
        """Samples that are read."""
        return self._samples

    def positive(self) -> Bool[np.ndarray, " n"]:
        """Return which samples have a target that is visible."""
        labels = self._dataset.table(self._split, ["label"])["label"].to_numpy()
        found: np.ndarray = labels[: self._samples] > 0
        return found

    def categories(self, row: int) -> tuple[str, ...]:
        """Return those of a row's visible targets; none where boxes were not asked for."""
        return () if self._boxes is None else self._boxes[row].categories

    def read(self, row: int, image: RGB, epoch: int) -> Truth:
        """Decode the picture into `image`; read of its truth what was asked for.

        Where no mask is read, what is to be ignored has those pixels of hidden targets, too, that labelled ones cover.
        """
        decode_image(self._images[row], out=image)
        mask = None if self._masks is None else decode_mask(self._masks[row])
        return Truth(
            mask=mask,
            boxes=None if self._boxes is None else self._boxes[row],
            label=None if self._labels is None or self._labels[row] < 0 else int(self._labels[row]),
            ignore=None
            if self._hidden is None
            else self._hidden.region(row, self._unlabelled if mask is None else mask),
            distractors=None if self._distractors is None else self._distractors[row],
        )


@runtime_checkable
class TellsLabels(Protocol):
    """Samples that know their labels without being made."""

    def label(self, index: int) -> int:
        """Return 1 if sample `index` has a target, else 0."""
        ...


class SampleSource:
    """Samples by index, the same ones whenever they are asked for, also from several threads."""

    def __init__(self, samples: Samples) -> None:
        """Look at the first sample for the size."""
        self._samples = samples
        self._size = _size_of(samples[0])

    @property
    def size(self) -> Size:
        """(height, width) of all pictures."""
        return self._size

    def __len__(self) -> int:
        """Samples there are."""
        return len(self._samples)

    def positive(self) -> Bool[np.ndarray, " n"]:
        """Return which samples have a target, as the samples themselves tell it.

        Raises:
            TrainingError: They cannot tell it.
        """
        if not isinstance(self._samples, TellsLabels):
            raise TrainingError(
                "positive_share needs the label of every sample, and these samples tell theirs only when they are "
                "made; set positive_share to 0, or generate a dataset and train on that"
            )
        return np.array([self._samples.label(index) > 0 for index in range(len(self))])

    def read(self, row: int, image: RGB, epoch: int) -> Truth:
        """Take the sample.

        Raises:
            TrainingError: It is of another size than the first one.
        """
        sample = self._samples[row]
        if (found := _size_of(sample)) != self.size:
            one, other = ("×".join(map(str, size)) for size in (found, self.size))
            raise TrainingError(f"a picture is {one}, the first one {other}; give pictures of one size")
        image[:] = sample.image
        return sample.truth


def _size_of(picture: Picture) -> Size:
    height, width = picture.image.shape[:2]
    return height, width


def _part(samples: int, present: int, where: str) -> int:
    if samples > present:
        raise TrainingError(f"{where}: {samples} samples asked for, {present} present; ask for fewer or generate more")
    return samples or present
