"""How a model's probabilities become decisions. No torch in here."""

from __future__ import annotations

from pydantic import Field

from synthgen.core.config import Model
from synthgen.core.types import Size

__all__ = ["OperatingPoint"]


class OperatingPoint(Model):
    """How probabilities become pixels, parts, boxes and labels.

    Lengths and areas are relative to the frame as the network sees it: a frame seen whole counts without the bars
    beside it, a frame seen in tiles counts tile by tile. So a point means the same for every resolution.

    Attributes:
        threshold: Probability above which a pixel is foreground, a box is found, a label is given.
        closing: Side of the square that closes gaps between foreground pixels before they are parted, as a share of
            the frame's short side, to the nearest odd number of pixels: 0.047 of 192 are 9; 0 closes none.
        least_area: Area that a part must exceed, as a share of the frame.
        least_score: Mean probability over its foreground that a part must exceed; of parts only, not of a model of
            boxes. What a network sees in a photograph beside a firearm it sees less surely, so this parts the two
            better than a higher threshold does.
    """

    threshold: float = Field(default=0.5, ge=0, lt=1)
    closing: float = Field(default=0.047, ge=0, lt=0.5)
    least_area: float = Field(default=0.005, ge=0, lt=1)
    least_score: float = Field(default=0.75, ge=0, lt=1)

    def kernel(self, frame: Size) -> int:
        """Return the closing's side in pixels: the nearest odd number, as an even square would move what it closes."""
        return 2 * round((self.closing * min(frame) - 1) / 2) + 1 if self.closing else 1

    def __str__(self) -> str:
        """Name the four numbers."""
        return (
            f"threshold {self.threshold:g}, closing {self.closing:g}, "
            f"least area {self.least_area:g}, least score {self.least_score:g}"
        )
