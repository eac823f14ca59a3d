"""The table says KIDs in numbers that can be read, with as many digits as the interval leaves a meaning."""

import dataclasses

import cv2
import numpy as np
import pytest
from rich.console import Console

from trainers.gap.estimate import Estimate
from trainers.gap.report import Gap, GapReport


def estimate(*numbers):
    return Estimate(*numbers, draws=np.array(numbers))


def report(factor=1.0, *, auc=None):
    scaled = [estimate(*(factor * np.array(numbers))) for numbers in ((0.296, 0.265, 0.337), (0.338, 0.306, 0.370))]
    return GapReport(
        photographs="photos",
        pictures=747,
        sources=700,
        encoder="mobilenet_v2",
        weights="none",
        size=(192, 160),
        fit="stretch",
        floor=estimate(0.0, -0.0034 * factor, 0.0056 * factor),
        gaps=(Gap("one", 300, scaled[0], None, auc), Gap("two", 1300, scaled[1], scaled[1].minus(scaled[0]), auc)),
    )


def printed(found):
    console = Console(width=80)
    with console.capture() as capture:
        console.print(found.table())
    return capture.get()


@pytest.mark.parametrize(
    ("factor", "unit", "value", "floor"),
    [
        (1, "KID × 1,000", "296 (265 to 337)", "0 (-3 to 6)"),
        (2e-4, "KID × 1,000,000", "59 (53 to 67)", "0.0 (-0.7 to 1.1)"),
        (1000, "KID", "296 (265 to 337)", "0 (-3 to 6)"),
    ],
)
def test_kids_are_multiplied_to_be_read(factor, unit, value, floor):
    table = printed(report(factor))
    assert all(f" {text} " in table for text in (unit, value, floor, "1,300", "real halves", "above the first"))


def test_the_title_says_what_was_measured():
    assert report().title == "gap to photos: KID over mobilenet_v2 (random weights), 192×160, stretch"


def test_with_a_probe_the_table_has_room_on_a_terminal():
    table = printed(report(auc=estimate(0.9, 0.877, 1.0)))
    assert " .90 (.88 to 1.00) " in table and " two " in table and max(map(len, table.splitlines())) <= 80


def ranked(scores, *, auc=None):
    """Gaps of 1, 2, 3, … with these scores."""
    gaps = (
        Gap(f"arm {number}", 10, estimate(number, number - 0.5, number + 0.5), None, auc, {"street box recall": score})
        for number, score in enumerate(scores, 1)
    )
    return dataclasses.replace(report(), gaps=tuple(gaps))


def test_scores_stand_in_the_table_and_are_ranked():
    found = ranked([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    assert all(text in printed(found) for text in ("street", "recall", "0.900", "0.400"))
    (line,) = found.verdicts()
    assert line.startswith("KID and street box recall of 6 arms: rank correlation -1.00 (-1.00 to -1.00), p 0.003")
    assert line.endswith("the smaller KID scores more")
    (rank,) = found.values()["rank_correlations"]
    assert (rank["measure"], rank["score"], rank["rho"]) == ("KID", "street box recall", -1)


def test_what_does_not_predict_is_said_plainly():
    assert ranked([0.5, 0.7, 0.4, 0.6]).verdicts()[0].endswith("does not predict the higher score")
    assert report().verdicts() == []


def test_gaps_are_drawn_by_their_scores(tmp_path):
    ranked([0.9, 0.8, 0.7, 0.6]).draw_scores(tmp_path / "scores.png")
    assert cv2.imread(str(tmp_path / "scores.png")).std() > 10


@pytest.mark.parametrize("auc", [None, estimate(0.9, 0.88, 0.92)])
def test_the_chart_has_a_panel_for_each_measure(auc, tmp_path):
    report(auc=auc).draw(tmp_path / "gap.png")
    picture = cv2.imread(str(tmp_path / "gap.png"))
    blue = (picture == (233, 180, 86)).all(axis=2)
    right = blue[:, 3 * blue.shape[1] // 4 :]
    assert blue.sum() > 10_000 and right.any()
