"""Scores against severity, and one photograph at all severities."""

import cv2
import numpy as np

from trainers.score.result import Result
from trainers.show.severities import draw_severities, severity_sheet


def result(score, *, interval=True):
    found = {"box_recall": (score - 0.1, score + 0.1)} if interval else {}
    return Result("net", "photos", "boxes", (), {"box_recall": score}, found, {}, ())


def test_a_line_for_each_entry_with_and_without_intervals(tmp_path):
    curves = {"as trained": [result(0.6), result(0.4)], "other": [result(0.6), result(0.5, interval=False)]}
    draw_severities(tmp_path / "c.png", curves, "title")
    assert cv2.imread(str(tmp_path / "c.png")).std() > 10


def test_the_sheet_has_small_photographs_as_they_are_and_large_ones_reduced():
    assert severity_sheet([np.zeros((100, 120, 3), np.uint8)] * 6).shape == (2 * 122 + 6, 3 * 120 + 12, 3)
    assert severity_sheet([np.zeros((1000, 500, 3), np.uint8)] * 2).shape == (480 + 22, 2 * 240 + 6, 3)
