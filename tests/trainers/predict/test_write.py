"""What a prediction leaves behind, for each kind of predictor."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from predictors import BrightBoxes, BrightLabels, BrightPixels, BrightPlaces, BrightPrompts, frame_with
from synthgen.core.errors import DatasetError
from synthgen.core.geometry import encode_rle
from synthgen.core.picture import Boxes
from synthgen.draw import colour_of
from synthgen.formats.segmentation import decode_segmentation
from trainers.config.operating_point import OperatingPoint
from trainers.predict.box_picture import box_picture
from trainers.predict.frames import Frame, frames_of
from trainers.predict.write import INSTANCES_FILE, LINES_FILE, predict_frames


@pytest.fixture
def photographs(tmp_path):
    """Two pictures of 64 × 96, one with a bright square."""
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in/a.png"), frame_with((10, 20, 40, 50)))
    cv2.imwrite(str(tmp_path / "in/b.png"), frame_with())
    return tmp_path


def predict(source, output, model=None):
    frames = frames_of(str(source), every=1, limit=0)
    return list(predict_frames(model or BrightPixels(), frames, output, point=OperatingPoint()))


def test_pixels_leave_masks_overlays_probabilities_and_instances(photographs):
    predict(photographs / "in", photographs / "out")
    a, b = json.loads((photographs / "out" / INSTANCES_FILE).read_text())
    assert (a["name"], a["height"], a["width"], a["seconds"]) == ("a", 64, 96, None)
    (found,) = a["instances"]
    assert found["bbox"] == pytest.approx([10, 20, 40, 50], abs=2) and found["score"] > 0.9
    assert found["area"] == pytest.approx(900, rel=0.05)
    assert b["instances"] == [] and b["foreground"] == 0
    for folder, channels in (("masks", 1), ("probabilities", 1), ("overlays", 3)):
        picture = cv2.imread(str(photographs / f"out/{folder}/a.png"), cv2.IMREAD_UNCHANGED)
        assert picture.shape[:2] == (64, 96) and picture.size == 64 * 96 * channels


def test_a_frame_is_a_line_as_soon_as_it_is_known_and_the_list_is_the_same(photographs):
    frames, output = frames_of(str(photographs / "in"), every=1, limit=0), photographs / "out"
    predict(photographs / "in" / "a.png", output)  # another run's list is not left beside these lines
    found = predict_frames(BrightPixels(), frames, output, point=OperatingPoint())
    first = next(found)
    assert [json.loads(line) for line in (output / LINES_FILE).read_text().splitlines()] == [first]
    assert not (output / INSTANCES_FILE).exists()
    entries = [first, *found]
    assert [json.loads(line) for line in (output / LINES_FILE).read_text().splitlines()] == entries
    assert json.loads((output / INSTANCES_FILE).read_text()) == entries


def test_where_no_frame_came_the_list_is_empty(photographs):
    assert list(predict_frames(BrightPixels(), [], photographs / "out", point=OperatingPoint())) == []
    assert json.loads((photographs / "out" / INSTANCES_FILE).read_text()) == []


def test_boxes_leave_overlays_and_instances(photographs):
    a, b = predict(photographs / "in", photographs / "out", BrightBoxes())
    assert a["instances"] == [{"bbox": [10, 20, 40, 50], "category": "box", "score": 0.9}]
    assert b["instances"] == [] and not (photographs / "out/masks").exists()
    assert cv2.imread(str(photographs / "out/overlays/a.png")).shape == (64, 96, 3)


def test_labels_of_what_says_where_it_looks_leave_maps_of_the_frames_own_size(photographs):
    a, b = predict(photographs / "in", photographs / "out", BrightPlaces())
    assert a["labels"] == [1] and b["labels"] == [0]
    found = cv2.imread(str(photographs / "out/probabilities/a.png"), cv2.IMREAD_UNCHANGED)
    assert found.shape == (64, 96) and found[30, 25] == 255 and found[5, 80] == 0
    shown = cv2.imread(str(photographs / "out/overlays/a.png"))
    assert (
        shown.shape == (64, 96, 3)
        and (shown[30, 25, 2] > shown[30, 25, 0])
        and not (photographs / "out/masks").exists()
    )


def test_labels_by_prompts_are_told_prompt_by_prompt(photographs):
    a, _ = predict(photographs / "in", photographs / "out", BrightPrompts())
    assert a["labels"] == [1] and a["prompts"] == {"lamp": 0.5, "sun": 1}


class BrightMasks(BrightBoxes):
    """Finds the bright pixels, too."""

    def boxes(self, images):
        found = super().boxes(images)
        masks = [(encode_rle(image[:, :, 0] > 127),) * len(boxes) for image, boxes in zip(images, found, strict=True)]
        return [replace(boxes, masks=shown) for boxes, shown in zip(found, masks, strict=True)]


def test_masks_of_boxes_are_written_as_coco_reads_them_and_drawn(photographs):
    a, b = predict(photographs / "in", photographs / "out", BrightMasks())
    (found,) = a["instances"]
    assert (found["bbox"], found["category"], found["area"]) == ([10, 20, 40, 50], "box", 900)
    segmentation = json.loads((photographs / "out" / INSTANCES_FILE).read_text())[0]["instances"][0]["segmentation"]
    read = decode_segmentation(segmentation, (64, 96))
    assert read.shape == (64, 96) and read[20:50, 10:40].all() and read.sum() == 900
    assert b["instances"] == []
    drawn = cv2.imread(str(photographs / "out/overlays/a.png"))
    assert np.unique(drawn[40, 20:30]).tolist() != [255]  # tinted


def test_names_and_scores_are_drawn_in_the_colour_of_their_box_within_the_picture():
    image = frame_with(size=(120, 160))
    boxes = Boxes.of([(100, 4, 158, 60), (10, 40, 60, 90)], ["a long name of a class", ""], [0.93, 0.5])
    drawn = box_picture(image, boxes)
    assert drawn.shape == image.shape and not image.any()
    for number, rows in ((1, slice(0, 20)), (2, slice(24, 40))):
        assert (drawn[rows] == colour_of(number)).all(axis=-1).sum() > 100
    assert (box_picture(image, Boxes.of([], [], [])) == image).all()


def test_labels_leave_the_probability_of_each(photographs):
    a, b = predict(photographs / "in", photographs / "out", BrightLabels())
    assert (a["labels"], b["labels"]) == ([1.0], [0.0])


def test_two_photographs_of_one_stem_leave_two_masks(photographs):
    cv2.imwrite(str(photographs / "in/a.jpg"), frame_with())
    predict(photographs / "in", photographs / "out")
    masks = {path.name: cv2.imread(str(path)).max() for path in (photographs / "out/masks").iterdir()}
    assert masks == {"a.jpg.png": 0, "a.png.png": 255, "b.png.png": 0}


def test_a_run_that_breaks_off_keeps_the_instances_it_found(photographs):
    (photographs / "in/c.jpg").write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"c\.jpg: not an image that can be read"):
        predict(photographs / "in", photographs / "out")
    assert [entry["name"] for entry in json.loads((photographs / "out" / INSTANCES_FILE).read_text())] == ["a", "b"]


def test_small_objects_of_large_frames_are_found_by_tiles(tmp_path):
    image = frame_with((200, 100, 206, 104), size=(320, 480))
    frame = Frame("f", "f.png", image)
    point = OperatingPoint(closing=0, least_area=0)
    whole, tiled = (
        next(predict_frames(BrightPixels(), [frame], tmp_path, point=point, tiled=tiled)) for tiled in (False, True)
    )
    assert whole["instances"] == []
    assert tiled["instances"][0]["bbox"] == [200, 100, 206, 104]
