"""Predictions on photographs, videos and large frames, by torch and by ONNX; instances and boxes out of them."""

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from synthgen.core.errors import DatasetError, TrainingError
from synthgen.formats.coco import Annotated
from trainers.predict.frames import frames_of
from trainers.predict.onnx import load_onnx
from trainers.predict.parts import find_instances
from trainers.predict.tiles import probability_map, tiled_probability_map
from trainers.predict.write import INSTANCES_FILE, predict_frames
from trainers.score.boxes import BoxScores, box_iou, matched
from trainers.score.evaluate_boxes import evaluate_boxes
from trainers.show.sheets import box_sheet

TILE = (32, 48)


class BrightPixels:
    """Finds what is bright; stands for any network, so that each expected pixel is known."""

    title, size = "bright", TILE

    def __init__(self):
        self.seen = []

    def probabilities(self, images):
        self.seen.append(images.shape)
        return images[:, :, :, 0].astype(np.float32) / 255


def frame_with(*boxes, size=(64, 96)):
    image = np.zeros((*size, 3), np.uint8)
    for x0, y0, x1, y1 in boxes:
        image[y0:y1, x0:x1] = 255
    return image


def test_instances_are_connected_parts_with_half_open_boxes():
    probability = np.zeros((10, 20), np.float32)
    probability[2:4, 3:7] = 0.8
    probability[4, 7] = 0.9  # touches by a corner
    probability[8, 15] = 0.6  # a speck of 1 / 200 of the frame
    (found,) = find_instances(probability, threshold=0.5, min_area=0.006)
    assert (found.box, found.area) == ((3, 2, 8, 5), 9)
    assert found.score == pytest.approx((8 * 0.8 + 0.9) / 9)
    assert [part.area for part in find_instances(probability, threshold=0.5, min_area=0.005)] == [9, 1]


@pytest.mark.parametrize("size", [(64, 96), (70, 101), (32, 48), (33, 200)])
def test_tiles_cover_every_pixel_and_agree_where_they_overlap(size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    model = BrightPixels()
    np.testing.assert_allclose(tiled_probability_map(model, image), image[:, :, 0] / 255, atol=1e-6)
    assert all(shape[1:3] == TILE for shape in model.seen)


def test_a_frame_smaller_than_a_tile_is_seen_whole():
    image = frame_with((4, 4, 12, 12), size=(20, 30))
    np.testing.assert_array_equal(tiled_probability_map(BrightPixels(), image), probability_map(BrightPixels(), image))


def test_small_objects_of_large_frames_are_found_by_tiles(tmp_path):
    frame = SimpleNamespace(
        name="f", source="f.png", image=frame_with((200, 100, 206, 104), size=(320, 480)), seconds=None
    )
    whole, tiled = (
        next(predict_frames(BrightPixels(), [frame], tmp_path, threshold=0.5, min_area=0, tiled=tiled))
        for tiled in (False, True)
    )
    assert whole["instances"] == []
    assert tiled["instances"][0]["bbox"] == [200, 100, 206, 104]


@pytest.fixture
def photographs(tmp_path):
    """Two pictures of 64 × 96, one with a bright square."""
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in/a.png"), frame_with((10, 20, 40, 50)))
    cv2.imwrite(str(tmp_path / "in/b.png"), frame_with())
    return tmp_path


def predict(source, output, **options):
    frames = frames_of(str(source), every=options.pop("every", 1), limit=options.pop("limit", 0))
    return list(predict_frames(BrightPixels(), frames, output, threshold=0.5, min_area=0.001, tiled=False))


def test_photographs_leave_masks_overlays_probabilities_and_instances(photographs):
    predict(photographs / "in", photographs / "out")
    a, b = json.loads((photographs / "out" / INSTANCES_FILE).read_text())
    assert (a["name"], a["height"], a["width"], a["seconds"]) == ("a", 64, 96, None)
    (found,) = a["instances"]
    assert found["bbox"] == pytest.approx([10, 20, 40, 50], abs=1) and found["score"] > 0.9
    assert b["instances"] == [] and b["foreground"] == 0
    for folder, channels in (("masks", 1), ("probabilities", 1), ("overlays", 3)):
        picture = cv2.imread(str(photographs / f"out/{folder}/a.png"), cv2.IMREAD_UNCHANGED)
        assert picture.shape[:2] == (64, 96) and picture.size == 64 * 96 * channels


def test_a_run_that_breaks_off_keeps_the_instances_it_found(photographs):
    (photographs / "in/c.jpg").write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"c\.jpg: not an image that can be read"):
        predict(photographs / "in", photographs / "out")
    assert [entry["name"] for entry in json.loads((photographs / "out" / INSTANCES_FILE).read_text())] == ["a", "b"]


@pytest.fixture
def video(tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 10, (96, 64))
    for number in range(8):
        writer.write(frame_with((10 * number, 20, 10 * number + 20, 40)))
    writer.release()
    return tmp_path / "clip.avi"


def test_videos_are_predicted_every_so_many_frames(video, tmp_path):
    entries = predict(video, tmp_path / "out", every=3)
    assert [entry["name"] for entry in entries] == ["clip-000000", "clip-000003", "clip-000006"]
    assert [entry["seconds"] for entry in entries] == pytest.approx([0, 0.3, 0.6])
    assert [entry["instances"][0]["bbox"][0] for entry in entries] == pytest.approx([0, 30, 60], abs=2)
    assert len(predict(video, tmp_path / "two", limit=2)) == 2


def test_sources_that_cannot_be_read_are_named(tmp_path):
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    for source, complaint in (
        (tmp_path / "broken.mp4", r"broken\.mp4: cannot be opened as a video or camera"),
        (tmp_path / "none.mp4", r"none\.mp4: cannot be opened as a video or camera"),
        ("97", "camera 97: cannot be opened as a video or camera"),
        (tmp_path / "nothing", "no images found"),
    ):
        with pytest.raises(DatasetError, match=complaint):
            predict(source, tmp_path / "out")


def test_box_overlap_by_hand():
    assert box_iou((0, 0, 4, 2), (2, 0, 6, 2)) == pytest.approx(4 / 12)
    assert box_iou((0, 0, 4, 2), (4, 0, 6, 2)) == 0


def test_each_true_box_is_found_once():
    truth = [(0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0)]
    assert matched([(0.0, 0.0, 10.0, 9.0), (0.0, 0.0, 10.0, 10.0)], truth) == 1
    assert matched([(1.0, 0.0, 11.0, 10.0), (20.0, 0.0, 30.0, 6.0)], truth) == 2


def test_box_scores_by_hand():
    scores = BoxScores()
    prediction = np.zeros((20, 40), bool)
    prediction[0:10, 0:10] = True
    prediction[0:10, 30:40] = True
    found = [(0.0, 0.0, 10.0, 10.0), (30.0, 0.0, 40.0, 10.0)]
    scores.update(found, prediction, [(0.0, 0.0, 10.0, 10.0), (15.0, 0.0, 25.0, 10.0), (26.0, 0.0, 35.0, 10.0)])
    assert scores.compute() == {"box_recall": 1 / 3, "box_precision": 1 / 2, "pixels_inside": 150 / 200, "boxes": 2}
    nothing = BoxScores()
    nothing.update([], np.zeros((4, 4), bool), [(0.0, 0.0, 2.0, 2.0)])
    assert nothing.compute() == {"box_recall": 0, "box_precision": 0, "pixels_inside": 0, "boxes": 0}


def test_photographs_with_boxes_are_scored_beside_finding_nothing_and_everything():
    large, small = (0.0, 0.0, 96.0, 40.0), (10.0, 20.0, 40.0, 50.0)
    photographs = [
        Annotated("large", frame_with((0, 0, 96, 40)), (large,), np.zeros((64, 96), bool), False),
        Annotated("small", frame_with((10, 20, 40, 50)), (small,), np.zeros((64, 96), bool), False),
    ]
    result = evaluate_boxes(BrightPixels(), photographs, threshold=0.5, min_area=0.0001, pictures=2)
    assert result.samples == 2
    assert result.scores["box_recall"] == result.scores["box_precision"] == 1
    assert result.full["box_recall"] == 0.5  # a box as large as the frame finds the large one
    assert result.empty["box_recall"] == 0
    assert result.intervals["box_recall"] == (1, 1)
    sheet = box_sheet(result.examples)
    assert sheet.shape[2] == 3 and sheet.std() > 10


def test_a_file_that_is_no_packaged_model_is_named(tmp_path):
    with pytest.raises(TrainingError, match=r"m\.onnx: no such file"):
        load_onnx(tmp_path / "m.onnx")
    (tmp_path / "m.onnx").write_bytes(b"no model")
    with pytest.raises(TrainingError, match=r"m\.onnx: onnxruntime cannot load it"):
        load_onnx(tmp_path / "m.onnx")
