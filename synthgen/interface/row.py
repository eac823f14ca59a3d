"""One row of a dataset or of a preview: a picture, its truth, and the scene that made it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any

from synthgen.core.picture import Picture, Truth
from synthgen.core.pictures import encode_png
from synthgen.core.types import RGB, AnyRGB, Instance, InstanceMask, Sample, Size, Split
from synthgen.report.contact_sheet import tile
from synthgen.scene.scene import Scene

__all__ = ["Row"]

BATCHED = ("name", "image", "mask", "label")


class Row(Mapping[str, Any]):
    """A row; each part is read when it is first asked for.

    It is a `Picture`, as photographs are, and beside that a mapping of what rows of one dataset can be stacked by:
    `name`, `image`, `mask` and `label`. Therefore torch's DataLoader makes batches of rows as they are.

    Example:
        >>> import synthgen
        >>> row = synthgen.open("data/firearms")[3]
        >>> row.image.shape, row.mask.shape, sorted(row)
        ((96, 128, 3), (96, 128), ['image', 'label', 'mask', 'name'])
        >>> row.scene.size
        (96, 128)

    Attributes:
        split: Which side of the firewall.
        index: Position within the split, from 0.
    """

    def __init__(
        self,
        split: Split,
        index: int,
        picture: Picture,
        read_instances: Callable[[], tuple[Instance, ...]],
        read_scene: Callable[[], Scene],
    ) -> None:
        """Hold a picture, and how to read its instances and its scene; `open` and `preview` make rows."""
        self.split, self.index = split, index
        self._picture, self._read_instances, self._read_scene = picture, read_instances, read_scene

    @classmethod
    def of(cls, sample: Sample) -> Row:
        """Return the row of a sample in memory."""
        read_scene = partial(Scene.from_json, sample.scene)
        return cls(sample.split, sample.index, sample, lambda: sample.instances, read_scene)

    @property
    def name(self) -> str:
        """Its `sample_id`, such as "train-000017"."""
        return self._picture.name

    @property
    def group(self) -> str:
        """Its `scene_id`, shared by rows that show one scene: under several blends, or as frames of a sequence."""
        return self._picture.group

    @property
    def size(self) -> Size:
        """Height and width, pixels."""
        return self._picture.size

    @property
    def image(self) -> RGB:
        """The pixels, RGB uint8 (h, w, 3)."""
        return self._picture.image

    @property
    def data(self) -> bytes | memoryview | None:
        """The encoded picture, JPEG or PNG; None in a preview."""
        return self._picture.data

    @property
    def truth(self) -> Truth:
        """Mask, boxes, label, and the pixels that neither losses nor scores count."""
        return self._picture.truth

    @property
    def mask(self) -> InstanceMask:
        """Instance numbers, uint8 (h, w), 0 = none."""
        mask = self.truth.mask
        assert mask is not None  # a row knows its mask
        return mask

    @property
    def label(self) -> int:
        """1 if a labelled target is visible, else 0."""
        return int(bool(self._visible))

    @cached_property
    def instances(self) -> tuple[Instance, ...]:
        """The labelled targets, bottom to top: the first has the number 1 in the mask."""
        return self._read_instances()

    @cached_property
    def scene(self) -> Scene:
        """Every decision that made it.

        Raises:
            DatasetError: It was made by a synthgen whose scenes this one does not read.
        """
        return self._read_scene()

    @property
    def _visible(self) -> tuple[str, ...]:
        """The category of each visible target."""
        boxes = self.truth.boxes
        return boxes.categories if boxes is not None else ()

    def __getitem__(self, key: str, /) -> Any:
        """Return the part of that name.

        Raises:
            KeyError: Rows are not stacked by it; it may be an attribute.
        """
        if key not in BATCHED:
            raise KeyError(f"{key!r}: expected one of {', '.join(BATCHED)}; other parts are attributes, such as .scene")
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the parts."""
        return iter(BATCHED)

    def __len__(self) -> int:
        """Number of the parts."""
        return len(BATCHED)

    __eq__ = object.__eq__  # that of mappings would compare pixels
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        """Say what it is and what it shows."""
        height, width = self.size
        counts = Counter(self._visible)
        shown = ", ".join(f"{count} {category}" for category, count in counts.items()) or "no target"
        return f"<Row {self.name}: {height}×{width} pixels, {shown}>"

    def _repr_png_(self) -> bytes:
        """Show it in a notebook: the picture with masks and boxes drawn on it."""
        return encode_png(self.tile())

    def tile(self) -> AnyRGB:
        """Draw masks and boxes on the picture, with a caption below."""
        return tile(self.name, self.image, self.mask, self.instances)
