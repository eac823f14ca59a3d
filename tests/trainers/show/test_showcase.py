"""The picture that `synthgen run` ends with."""

import numpy as np

from synthgen.core.picture import Truth
from trainers.score.result import Example, Result, Row
from trainers.show.showcase import best_of, showcase


def example(number, *, found=True):
    image = np.full((48, 64, 3), 90, np.uint8)
    mask = np.zeros((48, 64), np.uint8)
    mask[10:30, 12:40] = 1
    return Example(f"{number}", image, Truth(mask=mask), Truth(mask=mask * found))


def result(iou, examples=()):
    scores, intervals = {"foreground_iou": iou}, {"foreground_iou": (iou - 0.1, iou + 0.1)}
    return Result("net", "test", "pixels", (Row("0", "0", {}),), scores, intervals, {}, tuple(examples))


def test_the_best_network_has_the_highest_foreground_iou():
    assert best_of({"a": result(0.2), "b": result(0.7), "c": result(0.7)})[0] == "b"


def test_there_are_at_most_six_rows_of_three_pictures():
    one, six = (showcase("net", result(0.5, [example(n) for n in range(count)])) for count in (1, 6))
    many = showcase("net", result(0.5, [example(n) for n in range(9)]))
    assert many.shape == six.shape and six.shape[0] > 5 * one.shape[0] / 2
    assert one.shape[1] >= 3 * 320


def test_what_the_network_missed_is_not_painted():
    hit, miss = (showcase("net", result(0.5, [example(0, found=found)])) for found in (True, False))
    third = slice(-300, None)
    assert (hit[:, third] != miss[:, third]).any() and (hit[:, :-360] == miss[:, :-360]).all()
