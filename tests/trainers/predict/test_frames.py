"""Frames of pictures, folders, videos, cameras and streams."""

import functools
import http.server
import threading

import cv2
import numpy as np
import pytest

from predictors import frame_with
from synthgen.core.errors import DatasetError
from trainers.predict import frames
from trainers.predict.frames import frames_of


def taken(source, every=1, limit=0):
    return list(frames_of(str(source), every=every, limit=limit))


def test_photographs_of_one_stem_have_names_of_their_own(tmp_path):
    for name in ("a.jpg", "a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), frame_with())
    assert [frame.name for frame in taken(tmp_path)] == ["a.jpg", "a.png", "b.png"]
    (tmp_path / "a.jpg").unlink()
    assert [frame.name for frame in taken(tmp_path)] == ["a", "b"]
    cv2.imwrite(str(tmp_path / "A.jpg"), frame_with())  # some file systems take "A" and "a" for one name
    assert [frame.name for frame in taken(tmp_path)] == ["A.jpg", "a.png", "b.png"]


@pytest.fixture
def video(tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 10, (96, 64))
    for number in range(8):
        writer.write(frame_with((10 * number, 20, 10 * number + 20, 40)))
    writer.release()
    return tmp_path / "clip.avi"


def test_every_third_frame_of_a_video(video):
    found = taken(video, every=3)
    assert [frame.name for frame in found] == ["clip-000000", "clip-000003", "clip-000006"]
    assert [frame.seconds for frame in found] == pytest.approx([0, 0.3, 0.6])
    assert len(taken(video, limit=2)) == 2


class Capture:
    """Stands for a camera whose frames come at the given times, in milliseconds; None: it does not tell."""

    def __init__(self, stamps):
        self.stamps, self.number = stamps, -1

    def isOpened(self):
        return True

    def grab(self):
        self.number += 1
        return self.number < len(self.stamps)

    def retrieve(self):
        return True, frame_with()

    def get(self, field):
        return {cv2.CAP_PROP_POS_MSEC: self.stamps[self.number] or 0.0, cv2.CAP_PROP_FPS: 30.0}[field]

    def release(self):
        pass


def test_times_are_those_of_the_frames_and_not_of_the_nominal_rate(monkeypatch):
    monkeypatch.setattr(frames, "_capture", lambda address: Capture([5000.0, 5040.0, 5500.0, 5510.0]))
    assert [frame.seconds for frame in taken("7")] == pytest.approx([0, 0.04, 0.5, 0.51])


def test_a_camera_without_timestamps_goes_by_the_clock_and_a_file_by_its_rate(monkeypatch, tmp_path):
    monkeypatch.setattr(frames, "_capture", lambda address: Capture([None] * 3))
    monkeypatch.setattr(frames.time, "monotonic", iter([100.0, 100.2, 100.9]).__next__)
    assert [frame.seconds for frame in taken("7")] == pytest.approx([0, 0.2, 0.9])
    monkeypatch.setattr(frames.time, "monotonic", lambda: 0.0)
    assert [frame.seconds for frame in taken(tmp_path / "x.mp4")] == pytest.approx([0, 1 / 30, 2 / 30])


@pytest.fixture
def served(video):
    """The address of the video's folder, served on this machine alone."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=str(video.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_address_is_a_stream(served):
    found = taken(f"{served}/clip.avi", limit=2)
    assert [frame.name for frame in found] == ["stream-000000", "stream-000001"]
    assert found[0].image.shape == (64, 96, 3) and found[0].source == f"{served}/clip.avi"


def test_a_stream_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(DatasetError, match=r"^rtsp://127\.0\.0\.1:1/gate: cannot be opened as a video, stream"):
        taken("rtsp://user:secret@127.0.0.1:1/gate?token=secret")


@pytest.mark.parametrize("address", ["http://h/v", "HTTPS://h/v", "rtsp://h/v", "rtmp://h/v", "udp://h:1"])
def test_no_address_is_taken_for_a_folder(monkeypatch, address):
    asked = []
    monkeypatch.setattr(frames, "_capture", lambda given: asked.append(given) or Capture([0.0]))
    taken(address)
    assert asked == [address]


def test_sources_that_cannot_be_read_are_named(tmp_path):
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    for source, complaint in (
        (tmp_path / "broken.mp4", r"broken\.mp4: cannot be opened as a video, stream or camera"),
        (tmp_path / "none.mp4", r"none\.mp4: cannot be opened as a video, stream or camera"),
        ("97", "camera 97: cannot be opened as a video, stream or camera"),
        (tmp_path / "nothing", "no images found"),
    ):
        with pytest.raises(DatasetError, match=complaint):
            taken(source)


def test_pixels_are_rgb(tmp_path):
    cv2.imwrite(str(tmp_path / "red.png"), np.full((4, 4, 3), (0, 0, 255), np.uint8))
    assert taken(tmp_path)[0].image[0, 0].tolist() == [255, 0, 0]
