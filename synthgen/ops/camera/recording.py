"""Recording: reduced and enlarged again, one field only, compressed several times, stamped with the time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

import cv2
import numpy as np
import simplejpeg

from synthgen.core.pictures import encode_jpeg
from synthgen.core.ranges import CountRange, FloatRange, between
from synthgen.core.types import RGB
from synthgen.ops.camera.effect import EffectRecipe, Photometric

__all__ = [
    "Compression",
    "CompressionRecipe",
    "Interlace",
    "InterlaceRecipe",
    "Rescale",
    "RescaleRecipe",
    "Timestamp",
    "TimestampRecipe",
]

EPOCH = datetime(2020, 1, 1)
SECONDS = 6 * 365 * 24 * 3600
CLOCK = "%Y-%m-%d %H:%M:%S"
WRITTEN = len("2020-01-01 00:00:00")


@dataclass(frozen=True, slots=True)
class Rescale(Photometric):
    """Recorded at `factor` of the resolution, shown at all of it."""

    factor: float

    def apply(self, image: RGB) -> RGB:
        """Reduce, below one half by area, enlarge bilinearly."""
        height, width = image.shape[:2]
        size = (max(1, round(width * self.factor)), max(1, round(height * self.factor)))
        # From one half on two taps a side see every pixel, and take an eighth of the time.
        small = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR if self.factor >= 0.5 else cv2.INTER_AREA)
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


@dataclass(frozen=True, slots=True)
class Interlace(Photometric):
    """Odd rows are made from the even ones around them, as far as `strength` 0–1 says."""

    strength: float

    def apply(self, image: RGB) -> RGB:
        """Replace odd rows."""
        woven = image.copy()
        above = image[0 : image.shape[0] - 1 : 2]
        below = np.concatenate([image[2::2], above[-1:]])[: len(above)]
        doubled = cv2.addWeighted(above, 0.5, below, 0.5, 0)
        woven[1::2] = cv2.addWeighted(image[1::2], 1 - self.strength, doubled, self.strength, 0)
        return woven


@dataclass(frozen=True, slots=True)
class Compression(Photometric):
    """JPEG, once or several times; from the second time on the grid of blocks lies `shift` pixels aside."""

    qualities: tuple[int, ...]
    shift: int

    def apply(self, image: RGB) -> RGB:
        """Encode and decode."""
        picture = image
        for generation, quality in enumerate(self.qualities):
            aside = self.shift * generation % 8
            padded = cv2.copyMakeBorder(picture, aside, 0, aside, 0, cv2.BORDER_REPLICATE) if aside else picture
            picture = simplejpeg.decode_jpeg(encode_jpeg(padded, quality), "RGB")[aside:, aside:]
        return np.ascontiguousarray(picture)


@dataclass(frozen=True, slots=True)
class Timestamp(Photometric):
    """Camera, date and time in white on a dark rim, `height` of the frame tall, in one of four corners."""

    text: str
    height: float
    corner: int

    def apply(self, image: RGB) -> RGB:
        """Write the text."""
        written = image.copy()
        frame_height, frame_width = image.shape[:2]
        font, scale = cv2.FONT_HERSHEY_SIMPLEX, max(self.height * frame_height / 22, 0.2)
        (width, height), _ = cv2.getTextSize(self.text, font, scale, 1)
        margin = round(0.02 * frame_height) + 2
        x = margin if self.corner % 2 == 0 else max(margin, frame_width - width - margin)
        y = height + margin if self.corner < 2 else frame_height - margin
        top, bottom = max(y - height - 4, 0), min(y + height, frame_height)
        strip = written[top:bottom]
        letters = np.zeros(strip.shape[:2], dtype=np.uint8)
        cv2.putText(letters, self.text, (x, y - top), font, scale, 255, 1, cv2.LINE_AA)
        for tone, cover in ((16, cv2.dilate(letters, np.ones((3, 3), np.uint8))), (235, letters)):
            share = cover[:, :, None].astype(np.float32) * np.float32(1 / 255)
            strip[:] = np.rint(strip * (1 - share) + tone * share)
        return written

    def later(self, seconds: float) -> Timestamp:
        """Return what the same camera writes some time later."""
        moment = datetime.strptime(self.text[-WRITTEN:], CLOCK) + timedelta(seconds=seconds)
        return replace(self, text=f"{self.text[:-WRITTEN]}{moment.strftime(CLOCK)}")


class RescaleRecipe(EffectRecipe):
    """Recorded resolution as a share."""

    factor: Annotated[FloatRange, between(0.05, 1)] = FloatRange(min=0.5, max=0.9)

    def draw(self, rng: np.random.Generator) -> Rescale:
        """Draw one resolution."""
        return Rescale(round(self.factor.draw(rng), 4))


class InterlaceRecipe(EffectRecipe):
    """How far odd rows are replaced."""

    strength: Annotated[FloatRange, between(0, 1)] = FloatRange(min=0.5, max=1)

    def draw(self, rng: np.random.Generator) -> Interlace:
        """Draw one strength."""
        return Interlace(round(self.strength.draw(rng), 3))


class CompressionRecipe(EffectRecipe):
    """JPEG quality, 1–100, and how many times.

    Attributes:
        quality: Of JPEG, drawn anew for each generation.
        generations: How many times the picture is compressed.
    """

    quality: Annotated[FloatRange, between(1, 100)] = FloatRange(min=30, max=80)
    generations: CountRange = CountRange(min=1, max=2)

    def draw(self, rng: np.random.Generator) -> Compression:
        """Draw a quality for each generation."""
        generations = self.generations.draw(rng)
        return Compression(tuple(round(self.quality.draw(rng)) for _ in range(generations)), int(rng.integers(8)))


class TimestampRecipe(EffectRecipe):
    """Height of the text as a share of the frame's."""

    height: Annotated[FloatRange, between(0.01, 0.2)] = FloatRange(min=0.03, max=0.05)

    def draw(self, rng: np.random.Generator) -> Timestamp:
        """Draw camera, date, time and corner."""
        moment = EPOCH + timedelta(seconds=int(rng.integers(SECONDS)))
        text = f"CAM{int(rng.integers(1, 17)):02d} {moment.strftime(CLOCK)}"
        return Timestamp(text, round(self.height.draw(rng), 4), int(rng.integers(4)))
