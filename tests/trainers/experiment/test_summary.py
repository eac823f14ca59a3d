"""What runs say: means, pairs with the reference, and what synthetic pictures are worth."""

import numpy as np
import pytest

from trainers.experiment.arms import Arm
from trainers.experiment.charts import draw_curves, draw_factors
from trainers.experiment.config import ScoredPictures, Stage
from trainers.experiment.merit import gains_of, merit
from trainers.experiment.places import Place
from trainers.experiment.section import section_of
from trainers.experiment.summary import summary_of
from trainers.experiment.wording import difference_text, estimate_text, worth_interval_text, worth_text
from trainers.score.compare import Difference, Drawn, Estimate
from trainers.score.resample import RESAMPLES
from trainers.score.result import Row
from trainers.score.worth import Worth

NAN, INF = float("nan"), float("inf")
SYNTHETIC = Arm("synthetic", "synthetic", (Stage(steps=1),))
REAL = {
    count: Arm(f"real, {count}", "real", (Stage(steps=1, real=1, photographs=count),), "photographs", count)
    for count in (10, 100, 0)
}
NAMES = ["a.1", "a.2", "b.1"]


def place(tmp_path, **changes):
    values = {"images": tmp_path, "boxes": tmp_path, "group": r"^\w", **changes}
    return Place("photographs", ScoredPictures(**values), "boxes", "boxes")


def drawn(recall, spread=0.0):
    around = recall + spread * np.random.default_rng(0).normal(size=RESAMPLES)
    values = {"box_recall": recall, "box_precision": 0.5, "pointing": NAN, "pixels_inside": 0.5, "boxes": 3.0}
    return Drawn(
        values, {name: around if name == "box_recall" else np.full(RESAMPLES, v) for name, v in values.items()}
    )


@pytest.fixture
def summary(tmp_path):
    runs = {
        "synthetic": {0: drawn(0.45, 0.001), 1: drawn(0.55, 0.001)},
        "real, 10": {0: drawn(0.3), 1: drawn(0.3)},
        "real, 100": {0: drawn(0.4), 1: drawn(0.4)},
        "real, 0": {0: drawn(0.6)},
    }
    arms = (SYNTHETIC, *REAL.values())
    return summary_of(place(tmp_path), NAMES, arms, REAL[0], runs, {"photographs": 1000, "pictures": 50})


def test_arms_are_compared_over_the_seeds_that_both_have(summary):
    synthetic, *_, reference = summary.lines
    assert synthetic.scores["box_recall"].value == pytest.approx(0.5)
    assert (synthetic.seeds, synthetic.paired) == ((0, 1), (0,))
    assert synthetic.differences["box_recall"].value == pytest.approx(-0.15)
    assert reference.paired == () and reference.differences == {}
    assert summary.groups == 2


def test_worth_is_told_over_the_seeds_that_all_have(summary):
    (equal,) = summary.equals
    assert equal.counts == (10, 100, 1000)
    assert equal.worth.value == pytest.approx(10**2.25)


def test_a_section_says_it_in_words_and_cells(summary):
    section = section_of(summary)
    assert section.title == "photographs: 3 photographs, in 2 groups, compared by boxes"
    assert section.titles == ["box recall", "box precision", "pixels inside"]  # no run has the others
    assert section.worth[0].startswith("synthetic: as good as 178 photographs of 'real' (95 %: 17")
    first = section.compared[0]
    assert str(first.scores[2]) == "0.500 (0.500–0.500)" and first.differences[0].mark == "decided worse"
    assert str(first.differences[1]) == "0.000 (0.000 to 0.000), p 1" and first.differences[1].mark == ""


def test_charts_are_drawn_where_there_is_something_to_draw(summary, tmp_path):
    assert draw_factors(tmp_path / "factors.png", summary)
    assert draw_curves(tmp_path / "curves.png", summary, {"photographs": 1000, "pictures": 50})
    alone = summary_of(place(tmp_path), NAMES, (SYNTHETIC,), SYNTHETIC, {"synthetic": {0: drawn(0.4)}}, {})
    assert not draw_factors(tmp_path / "none.png", alone) and not draw_curves(tmp_path / "none.png", alone, {})
    assert alone.equals == () and not (tmp_path / "none.png").exists()


def test_numbers_are_written_so_that_they_are_read_at_a_glance():
    assert estimate_text(Estimate(0.5124, 0.43, 0.591)) == "0.512 (0.430–0.591)"
    assert [estimate_text(Estimate(value, NAN, NAN)) for value in (0.5, NAN)] == ["0.500", "–"]
    assert difference_text(Difference(-0.0832, -0.144, 0.0211, 0.0123)) == "−0.083 (−0.144 to +0.021), p .012"
    assert difference_text(Difference(0.0001, -0.0001, 0.0, 1.0)) == "0.000 (0.000 to 0.000), p 1"
    assert difference_text(Difference(NAN, NAN, NAN, NAN)) == "–"


@pytest.mark.parametrize(
    ("worth", "said"),
    [
        (Worth(210.4, 140, INF), ("210", "140 to more than 747")),
        (Worth(INF, INF, INF), ("more than 747", "more than 747")),
        (Worth(-INF, -INF, 80), ("fewer than 75", "fewer than 75 to 80")),
        (Worth(NAN, NAN, NAN), ("–", "–")),
    ],
)
def test_worth_beyond_what_was_tried_is_said_to_be(worth, said):
    counts = (75, 300, 747)
    assert (worth_text(worth.value, counts), worth_interval_text(worth, counts)) == said


def test_a_picture_is_done_well_where_all_is_found_and_nothing_else():
    def boxes(hits, found, truth):
        return merit("boxes", Row("", "", {"hits": hits, "found": found, "truth": truth}))

    assert [boxes(1, 1, 1), boxes(0, 0, 1), boxes(0, 2, 0), boxes(0, 0, 0), boxes(1, 2, 2)] == [1, 0, 0, 1, 0.5]
    assert merit("pixels", Row("", "", {"tp": 1, "fp": 2, "fn": 1})) == 0.25
    assert merit("pixels", Row("", "", {"tp": 0, "fp": 0, "fn": 0})) == 1
    assert merit("labels", Row("", "", {"label": 0, "probability": 0.2})) == 0.8
    assert merit("labels", Row("", "", {"label": 3, "right": 1})) == 1
    assert merit("labels", Row("", "", {})) == 0


def test_gains_are_those_of_the_same_seed():
    def rows(*hits):
        return [Row("", "", {"hits": hit, "found": 1, "truth": 1}) for hit in hits]

    found = gains_of("boxes", {0: rows(1, 0), 2: rows(1, 1)}, {0: rows(0, 0), 1: rows(0, 0)})
    assert found.tolist() == [[1, 0]]
