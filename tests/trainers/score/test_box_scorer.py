"""A segmenter's parts and a detector's boxes in one table: what is ranked, what is decided, what is drawn."""

import io
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from rich.console import Console

from predictors import frame_with
from synthgen.core.geometry import encode_rle
from synthgen.core.picture import Boxes, DecodedPicture, Truth
from trainers.commands.scoring import write_results
from trainers.config.classes import ClassesConfig
from trainers.config.operating_point import OperatingPoint
from trainers.predict.heatmap import Heatmap
from trainers.score.benchmark import Benchmark
from trainers.score.box_classes import by_category, in_classes
from trainers.score.boxes import BOXES
from trainers.score.evaluate import evaluate
from trainers.score.result import EMPTY, FULL
from trainers.show.box_pictures import LONGEST, box_picture
from trainers.show.tables import read_rows

SIZE = (64, 96)
GUN, KNIFE, SPECK = (8, 8, 40, 24), (56, 32, 80, 56), (8, 48, 16, 56)


def picture(name="a", *, group=None, ignore=None):
    mask = np.zeros(SIZE, np.uint8)
    for number, (x0, y0, x1, y1) in ((3, GUN), (5, KNIFE)):
        mask[y0:y1, x0:x1] = number
    truth = Truth(mask, Boxes.of([GUN, KNIFE], ["gun", "knife"], numbers=[3, 5]), ignore=ignore)
    return DecodedPicture(name, name if group is None else group, frame_with(GUN, KNIFE, SPECK), truth)


def benchmark(*pictures):
    return Benchmark("b", "boxes", pictures or (picture(), picture("b")), "boxes")


class Grey:
    """A segmenter: sure of the gun, less so of the knife, least of the speck."""

    title, size = "segmenter", SIZE

    def probabilities(self, images):
        sure = np.zeros((len(images), 1, *SIZE), np.float32)
        for (x0, y0, x1, y1), value in ((GUN, 0.95), (KNIFE, 0.7), (SPECK, 0.6)):
            sure[:, 0, y0:y1, x0:x1] = value
        return sure


class Finder:
    """A detector: takes the knife for a gun, and has a doubtful box elsewhere; it may know pixels."""

    title = "detector"

    def __init__(self, masks=False):
        self.masks = masks

    def boxes(self, images):
        boxes = [GUN, KNIFE, SPECK]
        shown = [encode_rle(frame_with(box)[..., 0] > 0) for box in boxes] if self.masks else None
        return [Boxes.of(boxes, ["gun", "gun", "knife"], [0.9, 0.8, 0.1], masks=shown) for _ in images]


POINT = OperatingPoint(closing=0, least_area=0.001)


def test_parts_below_the_least_score_are_ranked_and_not_counted():
    result = evaluate(Grey(), benchmark(), point=POINT)
    scores = result.scores
    assert (scores["box_recall"], scores["box_precision"], scores["boxes"]) == (0.5, 1, 2)
    assert (scores["ap"], scores["ap50"], scores["recall_at_1_fa"]) == pytest.approx((1, 1, 1))
    assert result.rows[0].ranked["box"].scores == pytest.approx((0.95, 0.7, 0.6))
    assert all(len(example.found.boxes) == 1 for example in result.examples)


def test_boxes_below_the_threshold_are_ranked_and_not_counted():
    result = evaluate(Finder(), benchmark())
    scores = result.scores
    assert (scores["box_recall"], scores["box_precision"], scores["boxes"]) == (0.5, 0.5, 4)
    assert result.rows[0].ranked["box"].scores == pytest.approx((0.9, 0.8, 0.1))
    assert scores["ap50"] == pytest.approx((1 + 0) / 2)  # of guns and of knives


def test_the_masks_of_parts_and_of_a_detector_are_compared_with_those_of_the_instances():
    for predictor in (Grey(), Finder(masks=True)):
        scores = evaluate(predictor, benchmark(), point=POINT).scores
        assert scores["mask_ap"] == pytest.approx(scores["ap"])
    boxes_alone = evaluate(Finder(), benchmark())
    assert np.isnan(boxes_alone.scores["mask_ap"]) and "mask_ap" not in boxes_alone.intervals
    unnumbered = picture()
    truth = replace(unnumbered.truth, boxes=Boxes.of([GUN, KNIFE], ["gun", "knife"]))
    assert np.isnan(evaluate(Grey(), benchmark(replace(unnumbered, truth=truth))).scores["mask_ap"])


def test_a_parts_pixels_are_those_above_the_threshold_on_the_whole_frame():
    values = np.zeros((1, 8, 12), np.float32)
    values[0, 2, 2:4] = values[0, 2, 5:7] = 0.9  # closing joins the two
    seen = Heatmap(values, (16, 24), (8, 12))
    (box,) = seen.parts(OperatingPoint(closing=0.3, least_area=0.001), masks=True).boxes.xyxy.tolist()
    assert box == [4, 4, 14, 6]
    (mask,) = seen.parts(OperatingPoint(closing=0.3, least_area=0.001), masks=True).boxes.masks
    shown = np.zeros((16, 24), bool)
    shown[4:6, 4:8] = shown[4:6, 10:14] = True
    assert mask == encode_rle(shown)


def test_baselines_stand_beside():
    baselines = evaluate(Grey(), benchmark(), point=POINT).baselines
    for name in ("ap", "ap50", "mask_ap", "recall_at_1_fa"):
        assert baselines[EMPTY][name] == baselines[FULL][name] == 0


def test_categories_have_scores_of_their_own_where_a_predictor_tells_them_apart():
    found = by_category(evaluate(Finder(), benchmark()).rows)
    assert found["gun"] | {"recall": 1, "precision": 0.5, "truth": 2, "ap50": 1} == found["gun"]
    assert found["knife"]["recall"] == found["knife"]["ap"] == 0 and np.isnan(found["knife"]["precision"])
    assert by_category(evaluate(Grey(), benchmark()).rows) == {}


def test_one_table_holds_a_segmenter_and_a_detector(tmp_path):
    clip = benchmark(*(picture(f"{number:02d}", group="clip") for number in range(16)))
    results = {model.title: {clip: evaluate(model, clip, point=POINT)} for model in (Grey(), Finder())}
    heard = io.StringIO()
    write_results(tmp_path, results, Console(file=heard, width=80))
    lines = (tmp_path / "boxes.md").read_text().splitlines()
    assert [line.split(" | ")[0] for line in lines[4:8]] == [
        f"| {name}" for name in (EMPTY, FULL, "segmenter", "detector")
    ]
    assert "| detector | clip | 16 | 16 | 0.0000 |" in lines and "| model | category |" in "\n".join(lines)
    assert max(map(len, heard.getvalue().splitlines())) <= 80 and "R@1FA" in heard.getvalue()
    told = json.loads((tmp_path / "boxes.json").read_text())["boxes"]["detector"]
    assert told["confusion"] == {
        "names": ["gun", "knife", "background"],
        "counts": [[16, 0, 0], [16, 0, 0], [0, 0, 0]],
    }
    assert told["froc"]["recalls"][-1] == 0.5 and told["froc"]["thresholds"][0] is None
    assert told["sequences"] == [{"group": "clip", "frames": 16, "found": 16, "error": 0}]
    for file in ("boxes-froc", "boxes-confusion", "boxes-segmenter", "boxes-detector"):
        assert cv2.imread(str(tmp_path / f"{file}.png")).std() > 5
    rows = read_rows(tmp_path / "boxes-rows.parquet")
    for name, result in results.items():
        assert BOXES.scores(rows[name]) == pytest.approx(result[clip].scores, nan_ok=True)


def test_nothing_true_anywhere_is_drawn_too(tmp_path):
    black = DecodedPicture("a", "a", frame_with(), Truth(boxes=Boxes.of([], [])))
    empty = Benchmark("b", "boxes", [black], "boxes")
    write_results(tmp_path, {"m": {empty: evaluate(Finder(), empty)}}, Console(quiet=True))
    assert json.loads((tmp_path / "boxes.json").read_text())["scores"]["m"]["ap"] is None


def test_found_missed_and_false_alarms_have_their_colours():
    (example,) = evaluate(Finder(), benchmark(picture())).examples
    drawn = box_picture(example)
    assert max(drawn.shape) == LONGEST
    scale = LONGEST / SIZE[1]
    edges = {name: drawn[round((box[1] + box[3]) / 2 * scale), round(box[0] * scale)] for name, box in BOXES_DRAWN}
    assert edges["found"].argmax() == 1 and edges["alarm"].argmax() == 0
    assert (drawn == (66, 110, 245)).all(axis=2).any()  # the knife's name below its box


BOXES_DRAWN = (("found", GUN), ("alarm", KNIFE))


def test_true_boxes_are_named_by_the_predictors_classes():
    """Merged, dropped, and never heard of: the last may be any class."""
    classes = ClassesConfig(classes=("handgun", "long_gun"), class_map={"pistol": "handgun", "knife": None})
    boxes = Boxes.of([(0, 0, 4, 4)] * 4, ["pistol", "long_gun", "knife", "weapon"])
    assert in_classes(boxes, classes).categories == ("handgun", "long_gun", "")
    assert in_classes(boxes, ClassesConfig()) is boxes
