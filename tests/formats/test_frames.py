"""Annotated frames of videos: what is read, and what is refused before any work."""

import json

import cv2
import numpy as np
import pytest

from synthgen.core.errors import DatasetError
from synthgen.formats.frames import find_videos, read_frames


def film(path, frames=40, size=(48, 64)):
    """Write a video whose frames grow brighter by 6."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"FFV1"), 10, size[::-1])
    for number in range(frames):
        writer.write(np.full((*size, 3), 6 * number, np.uint8))
    writer.release()
    return path


@pytest.fixture
def door(tmp_path):
    return film(tmp_path / "door.mkv")


def listed(path, *frames, **more):
    path.write_text(json.dumps({"frames": [*frames], **more}))
    return path


def shown(number, *boxes, **more):
    return {"frame": number, "boxes": [{"bbox": box, "label": "gun"} for box in boxes], **more}


def coco(path, *images, boxes=()):
    images = [{"id": place, "height": 48, "width": 64, **image} for place, image in enumerate(images)]
    found = [{"id": 1, "image_id": place, "category_id": 1, "bbox": box} for place, box in boxes]
    path.write_text(json.dumps({"images": images, "annotations": found, "categories": [{"id": 1, "name": "gun"}]}))
    return path


def test_frames_of_a_video_are_pictures_of_one_group(door, tmp_path):
    samples = read_frames(door, listed(tmp_path / "t.json", shown(30, [60, 8, 10, 20]), shown(3), codec="x"))
    empty, full = samples[0], samples[1]
    assert len(samples) == 2 and (empty.name, full.name, full.group) == ("door-000003", "door-000030", "door")
    assert full.image.shape == (48, 64, 3) and abs(int(full.image[9, 9, 0]) - 180) <= 3
    assert full.truth.boxes.xyxy.tolist() == [[60, 8, 64, 28]]  # cut at the edge
    assert full.truth.boxes.categories == ("gun",) and full.truth.label == 1 and empty.truth.label == 0


def test_coco_numbers_frames_by_their_names_or_by_frame_id(door, tmp_path):
    named = coco(
        tmp_path / "a.json",
        {"file_name": "frame_000012.PNG"},
        {"file_name": "frame_000002.PNG"},
        boxes=[(0, [1, 2, 3, 4])],
    )
    assert [picture.name for picture in map(read_frames(door, named).__getitem__, (0, 1))] == [
        "door-000002",
        "door-000012",
    ]
    told = coco(tmp_path / "b.json", {"file_name": "any.png", "frame_id": 7}, boxes=[(0, [1, 2, 3, 4])])
    picture = read_frames(door, told)[0]
    assert picture.name == "door-000007" and picture.truth.boxes.xyxy.tolist() == [[1, 2, 4, 6]]


def test_frames_may_be_asked_for_in_any_order(door, tmp_path):
    samples = read_frames(door, listed(tmp_path / "t.json", *map(shown, range(0, 40, 2))))
    for place in (1, 0, 19, 2, 3, 0):
        assert abs(int(samples[place].image[5, 5, 1]) - 12 * place) <= 3


def test_several_videos_lie_in_a_folder_and_frames_name_theirs(door, tmp_path):
    film(tmp_path / "gate.mkv", frames=5, size=(32, 32))
    truth = listed(tmp_path / "t.json", shown(4, video="gate.mkv"), shown(9, [1, 1, 5, 5], video="door.mkv"))
    assert [path.name for path in find_videos(tmp_path)] == ["door.mkv", "gate.mkv"]
    samples = read_frames(tmp_path, truth)
    assert [(samples[n].name, samples[n].size) for n in (0, 1)] == [
        ("door-000009", (48, 64)),
        ("gate-000004", (32, 32)),
    ]
    with pytest.raises(DatasetError, match=r"frame 1 is of 'cellar', and there are door, gate; name the frame's video"):
        read_frames(tmp_path, listed(tmp_path / "t.json", shown(1, video="cellar.mkv")))


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([shown(40)], r"has boxes for frame 40 of door\.mkv, which has 40 frames, counted from 0"),
        ([], r"frames: List should have at least 1 item"),
        ([shown(1), shown(1)], r"frame 1 of door is there twice"),
        ([shown(1, [0, 0, 0, 5])], r"frames\.0\.boxes\.0\.bbox\.2: Input should be greater than 0; expected"),
        ([shown(1, video="a"), shown(2, video="b")], r"frames of several videos \('a', 'b'\), and one was given"),
    ],
)
def test_what_does_not_fit_is_told(door, tmp_path, frames, message):
    with pytest.raises(DatasetError, match=message):
        read_frames(door, listed(tmp_path / "t.json", *frames))


def test_frames_without_a_number_or_of_another_size_are_refused(door, tmp_path):
    with pytest.raises(DatasetError, match=r"image a\.png is no frame: give it a frame_id, or a name that ends in"):
        read_frames(door, coco(tmp_path / "t.json", {"file_name": "a.png"}))
    with pytest.raises(DatasetError, match=r"frame 2 of door\.mkv has \(height, width\) \(48, 80\) there"):
        read_frames(door, coco(tmp_path / "t.json", {"file_name": "a-2.png", "width": 80}))


def test_what_is_no_video_or_no_json_is_refused(tmp_path):
    (tmp_path / "t.json").write_text("{")
    (tmp_path / "door.mp4").write_bytes(b"nothing")
    with pytest.raises(DatasetError, match="no JSON"):
        read_frames(tmp_path, tmp_path / "t.json")
    with pytest.raises(DatasetError, match=r"door\.mp4: cannot be opened as a video"):
        read_frames(tmp_path, listed(tmp_path / "t.json", shown(1)))
    with pytest.raises(DatasetError, match="holds no video"):
        read_frames(tmp_path / "none", tmp_path / "t.json")


class Growing:
    """A capture whose third frame is wider; OpenCV's own scales such frames to the first."""

    def __init__(self, path):
        self.number = -1

    def isOpened(self):
        return True

    def grab(self):
        self.number += 1
        return True

    def retrieve(self):
        return True, np.zeros((48, 64 if self.number < 2 else 80, 3), np.uint8)

    def release(self):
        pass


def test_a_video_whose_size_changes_is_refused(door, tmp_path, monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", Growing)
    with pytest.raises(DatasetError, match=r"frame 2 has 80×48 pixels, and those before it 64×48; cut the video"):
        read_frames(door, listed(tmp_path / "t.json", shown(1), shown(2)))
