"""How things move in a sequence: rates, and the closed functions of time that have them.

A path is drawn once for a sequence and can be asked for any moment alone (law 1). Lengths are pixels, times seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from synthgen.core.config import Model
from synthgen.core.ranges import FloatRange, between

__all__ = ["HANDS", "TRIPODS", "MotionRecipe", "Path", "SequenceRecipe", "Step", "Sway", "Sweep"]

Bands = tuple[tuple[float, float], ...]
HANDS: Bands = ((0.06, 0.15), (0.15, 0.4), (0.4, 0.9))  # hertz: a hand that wanders, waves, is not quite still
TRIPODS: Bands = ((0.3, 0.8), (0.8, 2.0), (2.0, 3.5))  # hertz: a camera that is held, or hangs in the wind
MOST_GROWTH = math.log(2)  # that a scale's logarithm comes near to, and never reaches, either way


class MotionRecipe(Model):
    """How objects and camera move. Rates of objects are root mean squares over time; each object draws its own.

    Attributes:
        speed: Of an object, shares of the frame's short side a second, 0–5.
        turn: Of an object, degrees a second, 0–720.
        growth: Change of an object's scale a second, as a share of it, 0–1; it stays within half and double.
        crossing: Share of the objects that go straight through the frame, and are out of it at some moment, 0–1.
        shake: How far the camera strays from where it points, shares of the frame's short side, 0–0.2.
        pan: Top speed of a camera that looks to and fro across the photo, shares of the short side a second, 0–2.
    """

    speed: Annotated[FloatRange, between(0, 5)] = FloatRange(min=0.02, max=0.2)
    turn: Annotated[FloatRange, between(0, 720)] = FloatRange(min=0, max=20)
    growth: Annotated[FloatRange, between(0, 1)] = FloatRange(min=0, max=0.1)
    crossing: float = Field(default=0.15, ge=0, le=1)
    shake: Annotated[FloatRange, between(0, 0.2)] = FloatRange(min=0, max=0)
    pan: Annotated[FloatRange, between(0, 2)] = FloatRange(min=0, max=0)


class SequenceRecipe(Model):
    """Rows as the frames of short films: `frames` rows in a row show one scene.

    Attributes:
        frames: Of a sequence, 2–10,000.
        fps: Frames a second, above 0, at most 240.
        motion: How objects and camera move.
        clips: Show the backgrounds that have a group and a size in common one after the other, one a frame, to and fro:
            those of an imported video are a clip.
    """

    frames: int = Field(default=128, ge=2, le=10_000)
    fps: float = Field(default=8.0, gt=0, le=240)
    motion: MotionRecipe = MotionRecipe()
    clips: bool = False


@dataclass(frozen=True, slots=True)
class Sway:
    """A sum of n sines of time, of which each adds as much to the speed; a speed of 1 in root mean square, √2n at most.

    Attributes:
        rates: Radians a second.
        phases: Radians.
    """

    rates: tuple[float, ...]
    phases: tuple[float, ...]

    @classmethod
    def draw(cls, bands: Bands, rng: np.random.Generator) -> Sway:
        """Draw one rate of each band, log-uniform, and its phase."""
        hertz = [math.exp(rng.uniform(math.log(low), math.log(high))) for low, high in bands]
        phases = rng.uniform(-math.pi, math.pi, len(bands)).tolist()
        return cls(tuple(2 * math.pi * each for each in hertz), tuple(phases))

    def at(self, seconds: float) -> float:
        """Return its value at a moment."""
        waves = zip(self.rates, self.phases, strict=True)
        return self._each * sum(math.sin(rate * seconds + phase) / rate for rate, phase in waves)

    @property
    def reach(self) -> float:
        """What its value never exceeds, either way."""
        return self._each * sum(1 / rate for rate in self.rates)

    @property
    def _each(self) -> float:
        return math.sqrt(2 / len(self.rates))


@dataclass(frozen=True, slots=True)
class Sweep:
    """To and fro along a line, as a sine goes.

    Attributes:
        x: How far it goes to the right, pixels; below 0 it begins to the left.
        y: Likewise downwards.
        rate: Radians a second.
        phase: Radians; with 0 it is in its middle at the moment 0.
    """

    x: float
    y: float
    rate: float
    phase: float = 0.0

    def at(self, seconds: float) -> tuple[float, float]:
        """Return (x, y) at a moment."""
        share = math.sin(self.rate * seconds + self.phase)
        return self.x * share, self.y * share


@dataclass(frozen=True, slots=True)
class Step:
    """What a path has done to an object, against its key moment.

    Attributes:
        x: Pixels to the right.
        y: Pixels down.
        degrees: Turned counter-clockwise.
        factor: Of its scale.
    """

    x: float
    y: float
    degrees: float
    factor: float


@dataclass(frozen=True, slots=True)
class Path:
    """The path of one object.

    Attributes:
        key: The moment at which the object is as it was planned, seconds.
        way: Of its place: two sways, or a sweep.
        speed: Factor of the sways, pixels a second.
        turn: The sway of its rotation.
        turning: Its factor, degrees a second.
        growth: The sway of its scale's logarithm.
        growing: Its factor, shares a second.
    """

    key: float
    way: tuple[Sway, Sway] | Sweep
    speed: float
    turn: Sway
    turning: float
    growth: Sway
    growing: float

    def at(self, seconds: float) -> Step:
        """Return what is different at a moment."""
        if isinstance(self.way, Sweep):
            x, y = self.way.at(seconds - self.key)
        else:
            x, y = (self.speed * self._since(sway, seconds) for sway in self.way)
        growth = self.growing * self._since(self.growth, seconds) / MOST_GROWTH
        return Step(x, y, self.turning * self._since(self.turn, seconds), math.exp(MOST_GROWTH * math.tanh(growth)))

    def _since(self, sway: Sway, seconds: float) -> float:
        return sway.at(seconds) - sway.at(self.key)
