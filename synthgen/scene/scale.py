"""How long an object is in the picture: plainly, in metres, or as a camera at a height would see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from synthgen.assets.catalog import Asset
from synthgen.core.config import Model
from synthgen.core.ranges import LARGEST, FloatRange, Mixture, Stratum, between
from synthgen.core.types import Size

__all__ = ["CameraGeometry", "ScaleRecipe", "View"]


@dataclass(frozen=True, slots=True)
class View:
    """A pinhole camera above level ground, one for a whole scene.

    Attributes:
        height_m: Of the camera above the ground.
        pitch_deg: Downwards from the horizontal.
        vfov_deg: Vertical field of view.
    """

    height_m: float
    pitch_deg: float
    vfov_deg: float

    def pixels_per_metre(self, row: float, hold_m: float, frame_height: int) -> float | None:
        """Return the scale, at image row `row`, of what is held `hold_m` above the ground.

        A ray through the row dips θ = pitch + atan((row − h/2)/f) below the horizontal and meets the
        level at depth z = (height − hold) · cos(θ − pitch) / sin θ along the optical axis; a metre
        there spans f/z pixels (Hartley and Zisserman, Multiple View Geometry, 6.1). None at or
        above the horizon.
        """
        focal = frame_height / (2 * np.tan(np.deg2rad(self.vfov_deg) / 2))
        off_axis = np.arctan((row - frame_height / 2) / focal)
        dip = np.deg2rad(self.pitch_deg) + off_axis
        below = self.height_m - hold_m
        if below * np.sin(dip) <= 1e-6:
            return None
        return float(focal * np.sin(dip) / (below * np.cos(off_axis)))


class CameraGeometry(Model):
    """Where the camera hangs and how it looks.

    Attributes:
        height_m: Of the camera above the ground, metres.
        pitch_deg: Downwards from the horizontal, degrees.
        vfov_deg: Vertical field of view, degrees.
        hold_m: Height above the ground at which objects are held or lie, metres; below the camera.
    """

    height_m: Annotated[FloatRange, between(-1000, 1000)] = FloatRange(min=2.4, max=3.5)
    pitch_deg: Annotated[FloatRange, between(-90, 90)] = FloatRange(min=15, max=35)
    vfov_deg: Annotated[FloatRange, between(1, 170)] = FloatRange(min=40, max=65)
    hold_m: Annotated[FloatRange, between(-1000, 1000)] = FloatRange(min=0.0, max=1.4)

    @model_validator(mode="after")
    def _sensible(self) -> CameraGeometry:
        if self.hold_m.max >= self.height_m.min:
            raise ValueError(f"hold_m.max {self.hold_m.max} is not below height_m.min {self.height_m.min}")
        return self

    def draw(self, rng: np.random.Generator) -> View:
        """Draw the camera of one scene."""
        return View(*(round(part.draw(rng), 4) for part in (self.height_m, self.pitch_deg, self.vfov_deg)))


class ScaleRecipe(Mixture):
    """Length of an object's long side: min and max are above 0.

    Attributes:
        unit: What min and max are: "frame": shares of the frame's height. "pixels": of the output frame. "metres"
            and "camera": metres, overruled by a cutout's own `length_m` in the catalog.
        min: Least length, in the unit.
        max: Greatest length, in the unit.
        strata: Ranges that come equally often, or as often as their `weight` says, instead of min and max.
        pixels_per_metre: With "metres", and only with it: output pixels that a metre takes at the object.
        camera: With "camera", and only with it: the geometry from which pixels per metre follow, and the row an
            object lies in, so that far ones are small.
    """

    unit: Literal["frame", "pixels", "metres", "camera"] = "frame"
    min: float = Field(default=0.15, gt=0)
    max: float = Field(default=0.6, gt=0)
    strata: tuple[Annotated[Stratum, between(0, LARGEST, above=True)], ...] = ()
    pixels_per_metre: Annotated[FloatRange, between(0, LARGEST, above=True)] | None = None
    camera: CameraGeometry | None = None

    @model_validator(mode="after")
    def _complete(self) -> ScaleRecipe:
        if (self.unit == "metres") != (self.pixels_per_metre is not None):
            raise ValueError("pixels_per_metre goes with unit: metres, and only with it")
        if (self.unit == "camera") != (self.camera is not None):
            raise ValueError("camera goes with unit: camera, and only with it")
        return self

    def draw_length(
        self, asset: Asset, size: Size, view: View | None, row: float, *, rng: np.random.Generator
    ) -> float | None:
        """Draw the long side in pixels of an object in image row `row`; None above the horizon."""
        drawn = self.draw(rng)
        if self.unit == "frame":
            return drawn * size[0]
        if self.unit == "pixels":
            return drawn
        metres = drawn if asset.length_m is None else asset.length_m
        if self.pixels_per_metre is not None:
            return metres * self.pixels_per_metre.draw(rng)
        assert self.camera is not None and view is not None, "unit camera has a geometry, by validation"
        ratio = view.pixels_per_metre(row, self.camera.hold_m.draw(rng), size[0])
        return None if ratio is None else metres * ratio
