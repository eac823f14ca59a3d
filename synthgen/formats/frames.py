"""Annotated frames of videos: a user's own footage with true boxes.

Truth is one of two JSON files. COCO: each image is a frame; its number is `frame_id`, or the digits at the end of the
stem of `file_name` ("door-000012.png" is frame 12 of "door"). Or a list of frames, as tools of video annotation are
quickly made to write it:

    {"frames": [{"frame": 12, "boxes": [{"bbox": [x, y, width, height], "label": "handgun"}]}]}

with "video": "door.mp4" in each frame where there are several videos. Frames count from 0. A frame that is listed
without boxes shows nothing; frames that are not listed are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Annotated

import cv2
import numpy as np
import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from synthgen.core.errors import DatasetError
from synthgen.core.picture import Boxes, EncodedPicture, Truth
from synthgen.core.types import RGB, Size
from synthgen.formats.coco_file import read_coco_file
from synthgen.formats.photograph import read_file

__all__ = ["VIDEO_SUFFIXES", "FrameSamples", "find_videos", "read_frames"]

VIDEO_SUFFIXES = frozenset({".mp4", ".avi", ".mkv", ".mov", ".webm", ".mpg", ".mpeg", ".m4v", ".ts"})
MAX_BYTES = 512 * 2**20
KEPT = 16  # frames of a video that are kept after decoding: threads ask for neighbours in any order
NUMBERED = re.compile(r"(?P<video>.*?)[-_. ]?(?P<frame>\d+)$")


class _Box(BaseModel):
    model_config = ConfigDict(extra="ignore")
    bbox: tuple[float, float, Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]]
    label: str = ""


class _Frame(BaseModel):
    model_config = ConfigDict(extra="ignore")
    frame: int = Field(ge=0)
    video: str = ""
    boxes: list[_Box]


class _Frames(BaseModel):
    model_config = ConfigDict(extra="ignore")
    frames: list[_Frame] = Field(min_length=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Annotated:
    """What is true of a frame; `video` is the stem of its file, or what a name begins with; COCO says its size."""

    video: str
    number: int
    boxes: Boxes
    size: Size | None = None


def find_videos(path: Path) -> tuple[Path, ...]:
    """Return a video, or all videos of a folder, sorted by name; none where there is none."""
    found = [path] if path.is_file() else sorted(path.glob("*")) if path.is_dir() else []
    return tuple(each for each in found if each.suffix.lower() in VIDEO_SUFFIXES and not each.name.startswith("."))


def read_frames(source: Path, annotations: Path) -> FrameSamples:
    """Return the annotated frames of a video, or of the videos of a folder; those of one video are one group.

    All frames up to the last annotated one are decoded once, so that what does not fit is told before any work.

    Raises:
        DatasetError: The annotations cannot be read or name no frame, one twice, or one of another video; a video
            cannot be read, ends before an annotated frame, or changes its size.
    """
    videos = {video.stem: video for video in find_videos(source)}
    if not videos:
        raise DatasetError(f"{source}: holds no video; give one, or a folder of them")
    by_video = _by_video(_annotated(annotations), videos, annotations)
    films = [_Film(videos[name], tuple(sorted(frames))) for name, frames in sorted(by_video.items())]
    for film in films:
        film.check(annotations)
    places = [(film, number) for film in films for number in film.wanted]
    truths = [by_video[film.path.stem][number] for film, number in places]
    for (film, number), truth in zip(places, truths, strict=True):
        if truth.size not in (None, film.size):
            raise DatasetError(
                f"{annotations}: frame {number} of {film.path.name} has (height, width) {truth.size} there, and "
                f"{film.size} in the video; annotate it at its own size"
            )
    return FrameSamples(tuple(places), tuple(truth.boxes for truth in truths))


@dataclass(frozen=True, eq=False)
class FrameSamples:
    """Frames in the order of the videos' names and of their numbers; each is decoded when it is asked for."""

    places: tuple[tuple[_Film, int], ...]
    boxes: tuple[Boxes, ...]

    def __len__(self) -> int:
        """Number of frames."""
        return len(self.places)

    def __getitem__(self, index: int, /) -> EncodedPicture:
        """Return frame `index`, from 0, named after its video and its number there.

        Raises:
            IndexError: There is no such frame.
            DatasetError: Its image is asked for, and cannot be decoded.
        """
        (film, number), boxes = self.places[index], self.boxes[index]
        stem = film.path.stem
        read_truth = partial(_truth, boxes, film.size)
        return EncodedPicture(f"{stem}-{number:06d}", stem, film.size, None, partial(film.frame, number), read_truth)


@dataclass(eq=False)
class _Film:
    """Reads frames of a video, forwards: where codecs jump to is not to be relied on."""

    path: Path
    wanted: tuple[int, ...]
    size: Size = (0, 0)
    _capture: cv2.VideoCapture | None = None
    _next: int = 0
    _kept: dict[int, RGB] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def check(self, annotations: Path) -> None:
        """Decode up to the last frame that is wanted, and take the size.

        Raises:
            DatasetError: It cannot be read, is shorter, or changes its size.
        """
        capture, wanted = cv2.VideoCapture(str(self.path)), set(self.wanted)
        try:
            if not capture.isOpened():
                raise DatasetError(f"{self.path}: cannot be opened as a video; convert it to MP4")
            for number in range(self.wanted[-1] + 1):
                if not capture.grab():
                    raise DatasetError(
                        f"{annotations}: has boxes for frame {self.wanted[-1]} of {self.path.name}, which has {number} "
                        "frames, counted from 0; correct the numbers, or give the video that was annotated"
                    )
                if number in wanted or number == 0:
                    self._measure(number, *capture.retrieve())
        finally:
            capture.release()

    def _measure(self, number: int, done: bool, pixels: RGB | None) -> None:
        if not done or pixels is None:
            raise DatasetError(f"{self.path}: frame {number} cannot be decoded; convert the video and try again")
        height, width = pixels.shape[:2]
        if number and (height, width) != self.size:
            raise DatasetError(
                f"{self.path}: frame {number} has {width}×{height} pixels, and those before it {self.size[1]}×"
                f"{self.size[0]}; cut the video where its size changes"
            )
        self.size = height, width

    def frame(self, number: int) -> RGB:
        """Return a wanted frame.

        Raises:
            DatasetError: It cannot be decoded.
        """
        with self._lock:
            if number not in self._kept:
                self._decode_until(number)
            return self._kept[number]

    def _decode_until(self, number: int) -> None:
        if self._capture is None or number < self._next:
            self._capture, self._next = cv2.VideoCapture(str(self.path)), 0
        wanted = set(self.wanted)
        while self._next <= number:
            done = self._capture.grab()
            if done and self._next in wanted:
                done, pixels = self._capture.retrieve()
                if done:
                    self._keep(self._next, cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
            if not done:
                raise DatasetError(
                    f"{self.path}: frame {self._next} cannot be decoded; convert the video and try again"
                )
            self._next += 1

    def _keep(self, number: int, image: RGB) -> None:
        self._kept[number] = image
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]


def _truth(boxes: Boxes, size: Size) -> Truth:
    inside = np.clip(boxes.xyxy, 0, [size[1], size[0]] * 2).astype(np.float32)
    return Truth(boxes=Boxes.of(inside, boxes.categories, crowd=boxes.crowd), label=int(len(boxes) > 0))


def _annotated(path: Path) -> list[_Annotated]:
    content = _parsed(path)
    return _listed(path) if isinstance(content, dict) and "frames" in content else _coco(path)


def _parsed(path: Path) -> object:
    try:
        return orjson.loads(read_file(path, MAX_BYTES))
    except orjson.JSONDecodeError as error:
        raise DatasetError(f"{path}: no JSON: {error}; give COCO annotations or a list of frames") from error


def _listed(path: Path) -> list[_Annotated]:
    try:
        found = _Frames.model_validate_json(read_file(path, MAX_BYTES))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DatasetError(
            f"{path}: {where}: {first['msg']}; expected "
            '{"frames": [{"frame": 12, "boxes": [{"bbox": [x, y, width, height], "label": "handgun"}]}]}'
        ) from error
    return [_Annotated(Path(each.video).stem, each.frame, _boxes(each.boxes)) for each in found.frames]


def _boxes(found: Sequence[_Box]) -> Boxes:
    corners = [(x, y, x + width, y + height) for x, y, width, height in (box.bbox for box in found)]
    return Boxes.of(corners, [box.label for box in found])


def _coco(path: Path) -> list[_Annotated]:
    found, frames = read_coco_file(path), []
    for photograph in found.photographs:
        own = found.annotations.get(photograph.id, ())
        boxes = Boxes.of(
            [each.xyxy for each in own], [each.category for each in own], crowd=[each.crowd for each in own]
        )
        named = NUMBERED.match(Path(photograph.file).stem)
        if named is None and photograph.frame is None:
            raise DatasetError(
                f"{path}: image {photograph.file} is no frame: give it a frame_id, or a name that ends in the frame's "
                "number, such as door-000012.png"
            )
        number = photograph.frame if photograph.frame is not None else int(named["frame"]) if named else 0
        frames.append(_Annotated(named["video"] if named else "", number, boxes, photograph.size))
    return frames


def _by_video(
    frames: Iterable[_Annotated], videos: Mapping[str, Path], where: Path
) -> dict[str, dict[int, _Annotated]]:
    """Return the truth by video and frame; a single video need not be named as it is."""
    found: dict[str, dict[int, _Annotated]] = {}
    named: Callable[[str], str] = (lambda name: name) if len(videos) > 1 else (lambda name: next(iter(videos)))
    others = sorted({each.video for each in frames})
    if len(videos) == 1 and len(others) > 1:
        raise DatasetError(
            f"{where}: has frames of several videos ({', '.join(map(repr, others[:3]))}), and one was given; "
            "give a folder that holds them all, or a file of this video alone"
        )
    for each in frames:
        video = named(each.video)
        if video not in videos:
            raise DatasetError(
                f"{where}: frame {each.number} is of {each.video or 'no video'!r}, and there are "
                f"{', '.join(sorted(videos))}; name the frame's video"
            )
        if each.number in found.setdefault(video, {}):
            raise DatasetError(f"{where}: frame {each.number} of {video} is there twice; keep one of them")
        found[video][each.number] = each
    return found
