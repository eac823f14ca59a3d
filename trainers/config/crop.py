"""Random resized crops of training pictures: how much of a picture, and how far stretched. No torch in here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from synthgen.core.config import Model
from synthgen.core.ranges import FloatRange, between

__all__ = ["Crop"]

Share = Annotated[FloatRange, between(0, 1, above=True)]
Stretch = Annotated[FloatRange, between(0.1, 10)]


class Crop(Model):
    """A part of a picture, anywhere in it, resized to what the network sees (Szegedy et al. 2015).

    A crop of as many pixels as the network sees is a tile: of shards twice as high and wide, `scale` .25 and `ratio` 1.

    Attributes:
        scale: Area of the crop as a share of the picture's; as much as fits in where it would not.
        ratio: How far it is stretched: its width to height over the same of what the network sees, log-uniform; 1
            stretches nothing.
        probability: Share of pictures that are cropped; the others are fitted in whole.
    """

    scale: Share = FloatRange(min=0.5, max=1.0)
    ratio: Stretch = FloatRange(min=0.75, max=4 / 3)
    probability: float = Field(default=1.0, gt=0, le=1)
