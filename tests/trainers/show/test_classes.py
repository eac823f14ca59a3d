"""What is shown of several classes: sheets with a legend, tables by class, confusions."""

import csv
from io import StringIO

import cv2
import numpy as np
import pytest
from rich.console import Console

from synthgen.core.picture import Truth
from synthgen.draw import class_colour
from synthgen.draw.palette import FALSE_ALARM, HIT, MISS, WHITE
from trainers.score.class_figures import class_figures
from trainers.score.pixels import PIXELS, pixel_figures
from trainers.score.result import EMPTY, Example, Result, Row
from trainers.show.confusion import write_confusion
from trainers.show.sheets import sheet_of
from trainers.show.showcase import showcase
from trainers.show.tables import class_table, score_table, write_scores

NAMES = ("cat", "dog", "hen")


def picture(*squares, side=60):
    """Squares of 20 pixels, (column, class)."""
    mask = np.zeros((side, side), np.uint8)
    for column, number in squares:
        mask[20:40, 20 * column : 20 * column + 20] = number
    return mask


TRUTH, FOUND = picture((0, 1), (1, 2)), picture((0, 1), (1, 1), (2, 2))


def figures(found, truth, names=NAMES):
    own = pixel_figures(found > 0, truth > 0, None)
    return {**own, **class_figures(found, truth, None, names)} if names else own


def result(names=NAMES, *, found=FOUND):
    rows = (Row("p", "g", figures(found, TRUTH, names)), Row("q", "g", figures(0 * found, 0 * TRUTH, names)))
    nothing = (Row("p", "g", figures(0 * found, TRUTH, names)), rows[1])
    example = Example("p", np.full((60, 60, 3), 100, np.uint8), Truth(mask=TRUTH), Truth(mask=found))
    scores, baselines = PIXELS.scores(rows), {EMPTY: PIXELS.scores(nothing)}
    return Result("net", "bench", "pixels", rows, scores, PIXELS.intervals(rows), baselines, (example,))


def holds(picture, colour):
    return bool((picture == np.array(colour, np.uint8)).all(axis=-1).any())


def test_a_sheet_has_a_colour_for_each_class_and_one_for_what_is_taken_for_another():
    sheet = sheet_of(result())
    tile = 240 + 6
    truth, prediction, error = (sheet[22:262, place * tile : place * tile + 240] for place in (1, 2, 3))
    assert holds(truth, class_colour(2)) and holds(prediction, class_colour(2)) and not holds(truth, class_colour(3))
    assert (error[120, 40] == HIT).all() and (error[120, 120] == WHITE).all()
    assert (error[120, 200] == FALSE_ALARM).all() and not holds(error, MISS)
    assert holds(sheet[262:], class_colour(3))  # the legend names all classes


def test_a_single_class_looks_as_it_did():
    plain = result((), found=(FOUND > 0).astype(np.uint8))
    assert not holds(sheet_of(plain), class_colour(1)) and holds(sheet_of(plain), HIT)


def test_the_showcase_has_a_legend_of_classes():
    own, plain = (showcase("net", result(names)) for names in (NAMES, ()))
    assert holds(own, class_colour(3)) and own.shape[0] > plain.shape[0]


def test_tables_tell_each_class_beside_the_means(tmp_path):
    results = {"several": result(), "one": result(())}
    text = write_scores(tmp_path, results, "Title").read_text()
    assert "| model | foreground_iou | mean_iou |" in text and "iou of cat |" not in text
    assert "By class, several; its scores above are means over the classes that are shown:" in text
    assert "| cat | 0.5000 | 0.6667 | 0.5000 | 1.0000 | " in text and "| hen | – | – | – | – | – |" in text
    assert "By class, one" not in text and "on target, all classes as one:" in text


def test_the_terminal_has_a_table_of_classes_only_where_there_are_any():
    console = Console(width=80, record=True, file=StringIO())
    console.print(score_table({"several": result()}, "T"), class_table({"several": result(), "one": result(())}, "T"))
    lines = console.export_text().splitlines()
    assert any("cat" in line and "0.5000" in line and "–" in line for line in lines) and max(map(len, lines)) <= 80
    assert class_table({"one": result(())}, "T") is None


def test_confusions_are_a_table_and_a_picture(tmp_path):
    confusion = np.array([[90, 10, 0], [1, 8, 1], [0, 0, 0]])
    picture = write_confusion(tmp_path, "c", confusion, ("background", "cat", "dog"), title="net", unit="pixels")
    with (tmp_path / "c.csv").open(newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["true \\ found, pixels", "background", "cat", "dog"],
            ["background", "90", "10", "0"],
            ["cat", "1", "8", "1"],
            ["dog", "0", "0", "0"],
        ]
    assert cv2.imread(str(picture)).shape[2] == 3


@pytest.mark.parametrize("count", [1, 7, 20])
def test_as_many_classes_as_there_are_have_colours_of_their_own(count):
    assert len({class_colour(number) for number in range(1, count + 1)}) == count
