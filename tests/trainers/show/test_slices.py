"""The report on slices, as people and as machines read it."""

import json

import cv2
import pytest

from ranked_rows import one_found
from trainers.score.boxes import BOXES
from trainers.score.result import Result, Row
from trainers.score.slices import slices_of
from trainers.show.slices import worst_sentence, write_slices


def row(hit, **traits):
    return Row("", "", {"hits": hit, "found": 1, "truth": 1, "inside": 0, "pixels": 0}, one_found(hit), traits)


def of(rows):
    return Result("net", "photos", "boxes", tuple(rows), BOXES.scores(rows), BOXES.intervals(rows), {}, ())


FEW = [row(0, size=0.5, crowding=4.0)] * 4
RESULT = of([row(1, size=0.5, crowding=1.0)] * 40 + [row(0, size=0.05, crowding=1.0)] * 15 + FEW)
SLICES = slices_of(RESULT.rows, BOXES)
EVEN = of([row(number % 2, size=0.5) for number in range(40)])


def test_the_worst_are_named_in_one_sentence():
    assert worst_sentence(RESULT, SLICES) == (
        "worst slices by box recall: size below 0.1: 0.000 (0.000 to 0.000), 15 pictures; all pictures: 0.678"
    )
    assert worst_sentence(EVEN, slices_of(EVEN.rows, BOXES)) == (
        "no slice that 10 pictures or more bear on lies clearly below the box recall of all pictures (0.500)"
    )


def test_markdown_names_the_worst_and_shows_all(tmp_path):
    lines = write_slices(tmp_path, RESULT, SLICES, "Slices of photos").read_text().splitlines()
    assert lines[0] == "# Slices of photos" and lines[2].startswith("Worst slices by box recall: size below 0.1")
    assert "| size | below 0.1 | 15 | 15 | 0.0000 | 0.0000–0.0000 |" in lines
    assert "| crowding | 3–4 | 4 | 4 | (0.0000) | (0.0000–0.0000) |" in lines
    assert "- crowding: number of targets" in lines and not any("rotation" in line for line in lines)


def test_json_says_the_same_without_nan(tmp_path):
    nothing = Row("", "", {"hits": 0, "found": 0, "truth": 0, "inside": 0, "pixels": 0}, {}, {"crowding": 0.0})
    result = of([*RESULT.rows, nothing])
    write_slices(tmp_path, result, slices_of(result.rows, BOXES), "t", "boxes-slices")
    found = json.loads((tmp_path / "boxes-slices.json").read_text())
    assert (found["headline"], found["pictures"], found["least"]) == ("box_recall", 60, 10)
    assert found["score"] == pytest.approx(40 / 59) and len(found["interval"]) == 2
    assert found["worst"] == [{"trait": "size", "label": "below 0.1"}]
    none = next(part for part in found["slices"] if part["trait"] == "crowding" and part["label"] == "0")
    assert (none["low"], none["high"], none["score"], none["interval"]) == (None, 1, None, None)
    assert found["slices"][0]["scores"]["box_recall"] == 0


@pytest.mark.parametrize("rows", [RESULT.rows, (row(1),)])
def test_the_chart_can_be_drawn(tmp_path, rows):
    result = of(rows)
    write_slices(tmp_path, result, slices_of(rows, BOXES), "t")
    assert cv2.imread(str(tmp_path / "slices.png")).std() > 10
