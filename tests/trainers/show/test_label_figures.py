"""Curves of labels are drawn, and what they are made of stands in Markdown and JSON."""

import json

import cv2
import numpy as np
import pytest

from synthgen.core.picture import DecodedPicture, Truth
from trainers.score.benchmark import Benchmark
from trainers.score.evaluate import evaluate
from trainers.score.labels import LABELS
from trainers.score.result import Row
from trainers.show.label_figures import draw_label_figures, label_sections, label_values
from trainers.show.tables import write_scores

SIZE = (8, 8)


class Grey:
    """Takes a picture's grey value for its probability."""

    title, size = "grey", SIZE

    def labels(self, images):
        return images[:, 0, 0, :1].astype(np.float32) / 255


def result(labels, greys):
    pictures = [
        DecodedPicture(str(n), "", np.full((*SIZE, 3), grey, np.uint8), Truth(label=label))
        for n, (label, grey) in enumerate(zip(labels, greys, strict=True))
    ]
    return evaluate(Grey(), Benchmark("b", "test", pictures, "labels"))


@pytest.fixture
def some():
    return result((1, 1, 0, 0), (230, 100, 150, 20))


def lines_of(path):
    """How many pixels of a picture are blue, the colour of the first line."""
    blue, green, red = np.moveaxis(cv2.imread(str(path)).astype(int), -1, 0)
    return int(((blue - red > 100) & (blue > green)).sum())


def test_each_model_has_a_line_in_the_figure(some, tmp_path):
    draw_label_figures(tmp_path, {"grey": some}, "b (4 images)", "results")
    assert lines_of(tmp_path / "results-curves.png") > 500
    draw_label_figures(tmp_path, {}, "b", "none")
    assert lines_of(tmp_path / "none-curves.png") == 0


def test_of_a_single_label_what_can_be_drawn_is_drawn(tmp_path):
    draw_label_figures(tmp_path, {"grey": result((1, 1), (230, 100))}, "b", "results")
    assert lines_of(tmp_path / "results-curves.png") > 100


def test_the_json_has_the_curve_and_the_bins(some, tmp_path):
    write_scores(tmp_path, {"grey": some}, "b")
    told = json.loads((tmp_path / "results.json").read_text())["labels"]["grey"]
    assert told["curve"]["recalls"] == [0, 0.5, 0.5, 1, 1] and told["curve"]["alarms"] == [0, 0, 0.5, 0.5, 1]
    assert told["curve"]["thresholds"][0] is None
    assert told["reliability"]["shares"] == [0, 1, 0, 1] and told["reliability"]["pictures"] == [1, 1, 1, 1]


def with_traits(**traits):
    """Rows of which the first two of each value are positive, and every second one is told so."""
    ((name, values),) = traits.items()
    rows = []
    for value in values:
        for label, found in ((1, 1), (1, 0), (0, 1), (0, 0)):
            figures = {"label": label, "found": found, "tp": label * found, "fp": (1 - label) * found}
            figures |= {"tn": (1 - label) * (1 - found), "right": int(label == found), "count": 1, "probability": found}
            if name == "source" or label:
                rows.append(Row(f"{value}{len(rows)}", "", figures, traits={name: value}))
    return result_of(rows)


def result_of(rows):
    other = result((1, 0), (200, 100))
    return type(other)("m", "b", "labels", tuple(rows), LABELS.scores(rows), {}, {}, ())


def test_recall_is_told_of_each_category():
    text = "\n".join(label_sections({"m": with_traits(category=(("rifle",), ("handgun",)))}))
    assert "| m | handgun | 2 | 0.5000 | 0.0000–1.0000 |" in text and text.index("handgun") < text.index("rifle")


def test_scores_are_told_of_each_source_where_there_are_several():
    two, one = with_traits(source=("street", "studio")), with_traits(source=("street",))
    assert "| m | street | 4 | 0.5000 | 0.5000 | 0.5000 |" in list(label_sections({"m": two}))
    assert list(label_sections({"m": one})) == []
    assert set(label_values(two)["sources"]) == {"street", "studio"}
