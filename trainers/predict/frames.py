"""Where frames to predict come from: pictures, folders of them, videos, cameras, streams."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import cv2

from synthgen.core.errors import DatasetError
from synthgen.core.types import RGB
from synthgen.formats.folder import find_photographs
from synthgen.formats.frames import VIDEO_SUFFIXES
from synthgen.formats.photograph import read_photograph

__all__ = ["Frame", "frames_of"]

STREAM = re.compile(r"(https?|rtsps?|rtmps?|udp)://", re.IGNORECASE)
PATIENCE = 10_000  # milliseconds until a stream that does not answer is given up


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture to predict.

    Attributes:
        name: Of the files written for it; no two frames of a source share one.
        source: The file it is of, the address of the stream, or "camera N".
        image: RGB.
        seconds: Since the first frame of the video, stream or camera; None for a photograph.
    """

    name: str
    source: str
    image: RGB
    seconds: float | None = None


def frames_of(source: str, *, every: int, limit: int) -> Iterator[Frame]:
    """Yield the frames of an image, a folder, a video, a stream, or the camera of that number.

    A stream is an address such as rtsp://host/path. Of moving pictures, every `every`-th frame is taken; of any
    source, at most `limit` frames (0: all).

    Raises:
        DatasetError: There is none, or it cannot be read.
    """
    for number, frame in enumerate(_opened(source, every), 1):
        yield frame
        if number == limit:
            return


def _opened(source: str, every: int) -> Iterator[Frame]:
    path = Path(source)
    if STREAM.match(source):
        return _captured(source, _without_password(source), "stream", every)
    if source.isdecimal() and not path.exists():
        return _captured(int(source), f"camera {source}", f"camera{source}", every)
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return _captured(str(path), str(path), path.stem, every)
    return _photographs(find_photographs(path))


def _photographs(paths: list[Path]) -> Iterator[Frame]:
    """Name photographs by their stems, or by their whole file names where a.jpg lies beside a.png."""
    stems = {path.stem.casefold() for path in paths}
    for path in paths:
        yield Frame(path.stem if len(stems) == len(paths) else path.name, str(path), read_photograph(path))


def _captured(address: str | int, source: str, stem: str, every: int) -> Iterator[Frame]:
    """Open before the first frame is asked for, so that a camera that is not there fails at once."""
    capture = _capture(address)
    try:
        if not capture.isOpened():
            raise DatasetError(
                f"{source}: cannot be opened as a video, stream or camera; check the path, address, codec or number"
            )
        clock = _Clock(capture.get, live=_is_live(address))
        number = 0
        while capture.grab():
            seconds = clock.seconds(number)
            if number % every == 0:
                done, pixels = capture.retrieve()
                if not done:
                    raise DatasetError(f"{source}: frame {number} cannot be decoded; convert the video and try again")
                yield Frame(f"{stem}-{number:06d}", source, cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), seconds)
            number += 1
        if number == 0:
            raise DatasetError(f"{source}: holds no frame that can be decoded; convert it and try again")
    finally:
        capture.release()


def _is_live(address: str | int) -> bool:
    return isinstance(address, int) or STREAM.match(address) is not None


def _capture(address: str | int) -> cv2.VideoCapture:
    if isinstance(address, str) and _is_live(address):
        return cv2.VideoCapture(address, cv2.CAP_FFMPEG, [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, PATIENCE])
    return cv2.VideoCapture(address)


class _Clock:
    """Tells when a frame was taken: by its timestamp, as frames of cameras and of many videos come unevenly.

    Without timestamps, time on the wall counts for what is live, and the nominal rate for a file.
    """

    def __init__(self, read: Callable[[int], float], *, live: bool) -> None:
        self._read, self._live = read, live
        self._first = self._begin = 0.0

    def seconds(self, number: int) -> float:
        """Return the seconds from frame 0 to the one that was grabbed last, which is frame `number`."""
        stamp, now = self._read(cv2.CAP_PROP_POS_MSEC) / 1000, time.monotonic()
        if number == 0:
            self._first, self._begin = stamp, now
        if stamp > self._first or number == 0:
            return stamp - self._first
        return now - self._begin if self._live else number / (self._read(cv2.CAP_PROP_FPS) or 25.0)


def _without_password(address: str) -> str:
    """Return an address as it may be shown and published."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
