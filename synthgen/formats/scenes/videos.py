"""Backgrounds out of videos: of every few seconds the sharpest frame, or the first; one video is one group."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from synthgen.core.errors import AssetError
from synthgen.formats.found_files import files_of, name_in
from synthgen.formats.offer import Format, Offer, Photograph, ReadOptions, Refused

__all__ = ["VIDEOS"]

SUFFIXES = {".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg"}
LOOKED_AT = 6  # frames of a stretch, of which the sharpest is taken
SHARPNESS = 20.0  # variance of the Laplacian of a picture made 512 pixels wide, below which it is blurred
WIDTH = 512


def _fits(source: Path) -> bool:
    return any(True for _ in files_of(source, SUFFIXES))


def _read(source: Path, options: ReadOptions) -> Iterator[Offer]:
    for path in files_of(source, SUFFIXES):
        name = name_in(source, path)
        seconds, rate = _duration(path)
        if not seconds:
            yield Refused(name, "not a video that can be read; convert it to MP4")
            continue
        for number in range(max(1, round(seconds / options.every))):
            start = number * options.every
            image = (
                partial(_first, path, start, rate)
                if options.clip
                else partial(_sharpest, path, start, options.every, rate)
            )
            yield Photograph(f"{name}-{start:08.2f}", image, group=f"{source.name}/{name}")


def _duration(path: Path) -> tuple[float, float]:
    """Return seconds, 0 where it cannot be read, and frames a second."""
    video = cv2.VideoCapture(str(path))
    try:
        rate, frames = video.get(cv2.CAP_PROP_FPS), video.get(cv2.CAP_PROP_FRAME_COUNT)
        known = video.isOpened() and rate > 0 and frames > 0
        return (frames / rate, rate) if known else (0.0, 0.0)
    finally:
        video.release()


def _first(path: Path, start: float, rate: float) -> np.ndarray:
    """Return the frame at a moment, RGB, whatever it looks like.

    Raises:
        AssetError: It cannot be read.
    """
    video = cv2.VideoCapture(str(path))
    try:
        video.set(cv2.CAP_PROP_POS_FRAMES, round(start * rate))
        done, frame = video.read()
    finally:
        video.release()
    if not done:
        raise AssetError("no frame can be read there; convert it to MP4")
    return cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)


def _sharpest(path: Path, start: float, length: float, rate: float) -> np.ndarray:
    """Return the sharpest of some frames, RGB.

    Raises:
        AssetError: None can be read, or all are blurred.
    """
    video = cv2.VideoCapture(str(path))
    step = max(1, int(length * rate / LOOKED_AT))
    best, most = None, -1.0
    try:
        video.set(cv2.CAP_PROP_POS_FRAMES, round(start * rate))
        for number in range(max(1, round(length * rate))):
            if not video.grab():
                break
            if number % step == 0:
                done, frame = video.retrieve()
                sharpness = _sharpness(frame) if done else -1.0
                if sharpness > most:
                    best, most = frame, sharpness
    finally:
        video.release()
    if best is None:
        raise AssetError("no frame can be read there; convert it to MP4")
    if most < SHARPNESS:
        raise AssetError("blurred, or without any detail; take a sharper part of the video")
    return cv2.cvtColor(best, cv2.COLOR_BGR2RGB)


def _sharpness(frame: np.ndarray) -> float:
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    size = (WIDTH, max(1, round(grey.shape[0] * WIDTH / grey.shape[1])))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(small, cv2.CV_64F).var())


VIDEOS = Format(_fits, _read, "videos")
