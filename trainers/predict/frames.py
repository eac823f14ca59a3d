"""Where frames to predict come from: pictures, folders of them, videos, cameras."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2

from synthgen.core.errors import DatasetError
from synthgen.core.types import RGB
from synthgen.formats.folder import find_photographs, read_photograph

__all__ = ["Frame", "frames_of"]

VIDEO_SUFFIXES = frozenset({".mp4", ".avi", ".mkv", ".mov", ".webm", ".mpg", ".mpeg", ".m4v", ".ts"})


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture to predict.

    Attributes:
        name: Of the files written for it.
        source: The file it is of, or "camera N".
        image: RGB.
        seconds: Since the video or camera began; None of a photograph.
    """

    name: str
    source: str
    image: RGB
    seconds: float | None = None


def frames_of(source: str, *, every: int, limit: int) -> Iterator[Frame]:
    """Yield the frames of an image, a folder, a video, or the camera of that number.

    Of videos and cameras comes every `every`-th frame, and of anything at most `limit` (0: all).

    Raises:
        DatasetError: There is none, or it cannot be read.
    """
    path = Path(source)
    if source.isdecimal() and not path.exists():
        found = _captured(int(source), f"camera {source}", f"camera{source}", every)
    elif path.suffix.lower() in VIDEO_SUFFIXES:
        found = _captured(str(path), str(path), path.stem, every)
    else:
        found = (Frame(photo.stem, str(photo), read_photograph(photo)) for photo in find_photographs(path))
    for number, frame in enumerate(found, 1):
        yield frame
        if number == limit:
            return


def _captured(address: str | int, source: str, stem: str, every: int) -> Iterator[Frame]:
    """Open before the first frame is asked for, so that a camera that is not there fails at once."""
    capture = cv2.VideoCapture(address)
    try:
        if not capture.isOpened():
            raise DatasetError(f"{source}: cannot be opened as a video or camera; check the path, codec or number")
        rate = capture.get(cv2.CAP_PROP_FPS) or 25.0
        number = 0
        while capture.grab():
            if number % every == 0:
                done, pixels = capture.retrieve()
                if not done:
                    raise DatasetError(f"{source}: frame {number} cannot be decoded; convert the video and try again")
                yield Frame(f"{stem}-{number:06d}", source, cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), number / rate)
            number += 1
        if number == 0:
            raise DatasetError(f"{source}: holds no frame that can be decoded; convert it and try again")
    finally:
        capture.release()
