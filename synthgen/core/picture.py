"""Pictures and what is true of them: one noun each for shards, studios, annotated photographs and predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float32, Int, UInt8

from synthgen.core.types import RGB, Coverage, InstanceMask, Size

__all__ = ["Boxes", "DecodedPicture", "EncodedPicture", "Picture", "Samples", "Truth"]


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Boxes of one picture.

    Attributes:
        xyxy: x0, y0, x1, y1 in pixels, half-open (n, 4).
        categories: Of each box.
        scores: Of each box, 0–1; None for true boxes.
        crowd: Whether a box stands for many objects that nobody counted (n).
        numbers: Of each box the instance number in the picture's mask (n); None where there is no such mask.
        masks: Of each box the pixels of the whole picture that its object shows, as `synthgen.core.geometry.encode_rle`
            gives them; None where they are not known. Masks of what a model finds may overlap.
    """

    xyxy: Float32[np.ndarray, "n 4"]
    categories: tuple[str, ...]
    scores: Float32[np.ndarray, " n"] | None
    crowd: Bool[np.ndarray, " n"]
    numbers: UInt8[np.ndarray, " n"] | None = None
    masks: tuple[bytes, ...] | None = None

    @classmethod
    def of(
        cls,
        xyxy: Sequence[Sequence[float]] | np.ndarray,
        categories: Sequence[str],
        scores: Sequence[float] | np.ndarray | None = None,
        crowd: Sequence[bool] | np.ndarray | None = None,
        *,
        numbers: Sequence[int] | np.ndarray | None = None,
        masks: Sequence[bytes] | None = None,
    ) -> Boxes:
        """Make boxes out of plain sequences; none of them is a crowd by default.

        Raises:
            ValueError: The sequences are of different lengths.
        """
        corners = np.asarray(xyxy, np.float32).reshape(-1, 4)
        count = len(corners)
        marks = np.zeros(count, bool) if crowd is None else np.asarray(crowd, bool)
        sure = None if scores is None else np.asarray(scores, np.float32)
        named = None if numbers is None else np.asarray(numbers, np.uint8)
        shown = None if masks is None else tuple(masks)
        lengths = {count, *(len(part) for part in (categories, marks, sure, named, shown) if part is not None)}
        if len(lengths) > 1:
            raise ValueError(f"what is said of the boxes is of different lengths: {sorted(lengths)}")
        return cls(corners, tuple(categories), sure, marks, named, shown)

    def __len__(self) -> int:
        """Number of boxes."""
        return len(self.xyxy)

    def select(self, keep: Bool[np.ndarray, " n"] | Int[np.ndarray, " _m"]) -> Boxes:
        """Return some of the boxes, by a mask over them or by their positions."""
        places = np.arange(len(self))[keep].tolist()
        return Boxes(
            self.xyxy[places].reshape(-1, 4),
            tuple(self.categories[place] for place in places),
            None if self.scores is None else self.scores[places],
            self.crowd[places],
            None if self.numbers is None else self.numbers[places],
            None if self.masks is None else tuple(self.masks[place] for place in places),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is known of a picture; each part may be absent.

    Attributes:
        mask: Instance numbers (h, w), 0 = none.
        boxes: Of the visible objects.
        label: 1 where an object is visible, 0 where none is; None where nobody can say.
        ignore: Pixels that neither losses nor scores count (h, w); None where all pixels count.
        distractors: Categories of the look-alikes that were put into it, in order of their names; None where nobody can
            say.
    """

    mask: InstanceMask | None = None
    boxes: Boxes | None = None
    label: int | None = None
    ignore: Coverage | None = None
    distractors: tuple[str, ...] | None = None


class Picture(Protocol):
    """An image with a name, a group and its truth."""

    @property
    def name(self) -> str:
        """Its name, unique among the pictures that it lies with; safe as a file's name."""
        ...

    @property
    def group(self) -> str:
        """Shared by pictures that are no independent observations, such as one scene under several blends."""
        ...

    @property
    def size(self) -> Size:
        """Height and width, known before the image is decoded."""
        ...

    @property
    def image(self) -> RGB:
        """The pixels."""
        ...

    @property
    def data(self) -> bytes | memoryview | None:
        """JPEG or PNG that decodes to `image` as it is; None where there is none."""
        ...

    @property
    def truth(self) -> Truth:
        """What is known of it."""
        ...


@runtime_checkable
class Samples(Protocol):
    """A sequence of pictures, each read or rendered when it is asked for."""

    def __len__(self) -> int:
        """Number of pictures; decodes none."""
        ...

    def __getitem__(self, index: int, /) -> Picture:
        """Return picture `index`, from 0.

        Raises:
            IndexError: There is no such picture.
        """
        ...


@dataclass(frozen=True, eq=False)
class EncodedPicture:
    """A picture whose image and truth are decoded when they are first asked for, once.

    Attributes:
        name: Unique among the pictures that it lies with.
        group: Shared by pictures that are no independent observations.
        size: Height and width.
        data: JPEG or PNG that decodes to `image` as it is; None where there is none.
        read_image: Decodes the image.
        read_truth: Decodes the truth.
    """

    name: str
    group: str
    size: Size
    data: bytes | memoryview | None = field(repr=False)
    read_image: Callable[[], RGB] = field(repr=False)
    read_truth: Callable[[], Truth] = field(repr=False, default=Truth)

    @cached_property
    def image(self) -> RGB:
        """The pixels."""
        return self.read_image()

    @cached_property
    def truth(self) -> Truth:
        """What is known of it."""
        return self.read_truth()


@dataclass(frozen=True, eq=False)
class DecodedPicture:
    """A picture that lies in memory."""

    name: str
    group: str
    image: RGB = field(repr=False)
    truth: Truth = field(repr=False, default=Truth())

    @property
    def size(self) -> Size:
        """Height and width."""
        return (self.image.shape[0], self.image.shape[1])

    @property
    def data(self) -> None:
        """None: it is not encoded."""
        return None
