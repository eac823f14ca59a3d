"""How a picture of any size becomes one of the network's size.

Today all pictures of a source are of one size, and `Whole` holds them to it. Crops, letterboxes and tiles of larger
pictures are further views.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from synthgen.core.errors import TrainingError
from synthgen.core.picture import Truth
from synthgen.core.types import RGB, Size

__all__ = ["View", "Whole"]


@runtime_checkable
class View(Protocol):
    """Turns a picture and its truth into those that the network sees."""

    @property
    def size(self) -> Size:
        """(height, width) of what it gives."""
        ...

    def __call__(self, image: RGB, truth: Truth) -> tuple[RGB, Truth]:
        """Return picture and truth, both of `size`; called from several threads."""
        ...


class Whole:
    """The picture as it is."""

    def __init__(self, size: Size) -> None:
        """Expect pictures of `size`."""
        self.size = size

    def __call__(self, image: RGB, truth: Truth) -> tuple[RGB, Truth]:
        """Return both as they are.

        Raises:
            TrainingError: The picture is of another size.
        """
        if image.shape[:2] != self.size:
            found, expected = ("×".join(map(str, size)) for size in (image.shape[:2], self.size))
            raise TrainingError(f"a picture is {found}, the first one {expected}; give pictures of one size")
        return image, truth
