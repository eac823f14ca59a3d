"""Arms compared: paired differences, intervals by groups and seeds, p values; and how many pictures reach a score."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ranked_rows import one_found
from trainers.score.boxes import BOXES
from trainers.score.compare import Sampled, difference_of, drawn_scores, estimate_of
from trainers.score.labels import LABELS
from trainers.score.pixels import PIXELS
from trainers.score.resample import RESAMPLES, resampled, resampled_groups
from trainers.score.result import Row
from trainers.score.worth import rising, worth, worth_of


def labelled(label, found, probability):
    right = label == found
    figures = {"tp": right and label, "fp": not right and found, "tn": right and not label, "right": right, "count": 1}
    return Row(
        "", "", {**{name: int(value) for name, value in figures.items()}, "label": label, "probability": probability}
    )


ROWS = {
    BOXES: [
        Row(
            str(n),
            str(n),
            {"hits": n % 2, "found": 1 + n % 3, "truth": 1, "inside": n, "pixels": 40},
            one_found(n % 2, 0.1 * n),
        )
        for n in range(9)
    ],
    PIXELS: [Row(str(n), str(n), {"tp": n, "fp": 9 - n, "tn": 50, "fn": 3, "boundary_f": n / 9}) for n in range(9)],
    LABELS: [labelled(n % 2, int(n % 3 > 0), n / 9) for n in range(9)],
}


def sampled(seeds, *, offset=0.0, spread=0.05, seed=0):
    """Runs whose scores vary by seed and by resample."""
    rng = np.random.default_rng(seed)
    values = 0.5 + offset + rng.normal(0, spread, seeds)
    return Sampled(values, values[:, None] + rng.normal(0, spread, (seeds, RESAMPLES)))


pairs = st.tuples(st.integers(1, 4), st.integers(0, 99), st.integers(0, 99))


@given(pairs)
@settings(max_examples=25)
def test_a_difference_turned_round_has_the_other_sign(pair):
    seeds, one, other = pair
    a, b = sampled(seeds, seed=one), sampled(seeds, offset=0.03, seed=other)
    there, back = difference_of(a, b), difference_of(b, a)
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert there.p == back.p


@given(pairs, st.floats(-0.4, 0.4))
@settings(max_examples=25)
def test_what_is_added_to_every_run_moves_the_difference_by_as_much(pair, added):
    seeds, one, other = pair
    a, b = sampled(seeds, seed=one), sampled(seeds, seed=other)
    moved = difference_of(Sampled(a.values + added, a.resamples + added), b)
    before = difference_of(a, b)
    assert np.array([moved.value, moved.low, moved.high]) - added == pytest.approx(
        [before.value, before.low, before.high]
    )


@given(pairs)
@settings(max_examples=25)
def test_p_is_small_where_the_interval_leaves_nought_out(pair):
    seeds, one, other = pair
    found = difference_of(sampled(seeds, offset=0.05, seed=one), sampled(seeds, seed=other))
    decided = found.low > 0 or found.high < 0
    assert decided == (found.p < 0.05) or abs(found.p - 0.05) < 0.004


def test_an_arm_beside_itself_differs_in_nothing():
    arm = sampled(3)
    found = difference_of(arm, arm)
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_pairing_takes_out_what_both_find_hard():
    reference = sampled(3, spread=0.2)
    arm = Sampled(reference.values + 0.01, reference.resamples + 0.01)
    paired, alone = difference_of(arm, reference), estimate_of(arm)
    assert paired.low > 0 and paired.p < 0.01
    assert alone.high - alone.low > 0.1


def test_seeds_that_disagree_widen_the_interval():
    agreeing = Sampled(np.full(3, 0.5), np.full((3, RESAMPLES), 0.5))
    values = np.array([0.3, 0.5, 0.7])
    disagreeing = Sampled(values, np.repeat(values[:, None], RESAMPLES, axis=1))
    assert estimate_of(agreeing).low == estimate_of(agreeing).high == 0.5
    found = estimate_of(disagreeing)
    assert found.value == pytest.approx(0.5) and (found.low, found.high) == pytest.approx((0.3, 0.7))


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Nineteen in twenty: groups of three photographs that are all right or all wrong, three in ten of them right."""
    rng, groups = np.random.default_rng(2), [n // 3 for n in range(180)]
    weights = np.stack(list(resampled_groups(groups)))
    held = 0
    for _ in range(100):
        right = np.repeat(rng.random(60) < 0.3, 3)
        found = estimate_of(Sampled(np.array([right.mean()]), (weights @ right / 180)[None]))
        held += found.low <= 0.3 <= found.high
    assert 90 <= held <= 99


@pytest.mark.parametrize("scorer", ROWS, ids=lambda scorer: type(scorer).__name__)
def test_groups_of_one_are_pictures(scorer):
    rows = ROWS[scorer]
    drawn = drawn_scores(rows, list(range(len(rows))), scorer)
    assert drawn.values == pytest.approx(scorer.scores(rows), nan_ok=True)
    intervals = scorer.intervals(rows)
    found = {name: estimate_of(Sampled.of([drawn], name)) for name in intervals}
    assert {name: (each.low, each.high) for name, each in found.items()} == intervals


@pytest.mark.parametrize("scorer", ROWS, ids=lambda scorer: type(scorer).__name__)
def test_copies_in_one_group_tell_nothing_new(scorer):
    rows = ROWS[scorer]
    once = drawn_scores(rows, range(len(rows)), scorer)
    thrice = drawn_scores([*rows, *rows, *rows], [*range(len(rows))] * 3, scorer)
    for name in set(once.values) - {"boxes"}:  # a number of boxes, which copies do raise
        assert thrice.resamples[name] == pytest.approx(once.resamples[name], nan_ok=True)


@pytest.mark.parametrize("scorer", ROWS, ids=lambda scorer: type(scorer).__name__)
@given(weights=st.lists(st.integers(0, 3), min_size=9, max_size=9).filter(any))
@settings(max_examples=15)
def test_a_row_that_counts_twice_is_two_rows(scorer, weights):
    rows = ROWS[scorer]
    repeated = [row for row, weight in zip(rows, weights, strict=True) for _ in range(weight)]
    assert scorer.weighted(rows)(np.array(weights)) == pytest.approx(scorer.scores(repeated), nan_ok=True)


def test_groups_are_drawn_whole():
    for weights in list(resampled_groups(["a", "b", "a", "c", "b"]))[:50]:
        assert weights[0] == weights[2] and weights[1] == weights[4]
        assert weights[[0, 1, 3]].sum() == 3
    assert np.array_equal(list(resampled_groups("abc")), list(resampled(3)))


COUNTS = np.array([10, 100, 1000])


def test_worth_is_read_off_the_curve_by_the_logarithm():
    scores = np.array([0.2, 0.4, 0.8])
    assert worth(COUNTS, scores, 0.3) == pytest.approx(10**1.5)
    assert worth(COUNTS, scores, 0.6) == pytest.approx(10**2.5)
    assert [worth(COUNTS, scores, score) for score in scores] == [10, 100, 1000]


def test_worth_ends_where_the_curve_does():
    scores = np.array([0.2, 0.4, 0.8])
    assert worth(COUNTS, scores, 0.81) == np.inf
    assert worth(COUNTS, scores, 0.19) == -np.inf
    assert np.isnan(worth(COUNTS, scores, np.nan))


def test_a_curve_that_falls_is_flattened_and_its_smallest_number_counts():
    scores = np.array([0.5, 0.3, 0.9])
    assert rising(scores).tolist() == [0.4, 0.4, 0.9]
    assert worth(COUNTS, scores, 0.4) == 10


@given(arrays(np.float64, st.integers(1, 8), elements=st.floats(0, 1)))
def test_a_flattened_curve_rises_keeps_the_mean_and_leaves_rising_ones_alone(scores):
    found = rising(scores)
    assert (np.diff(found) >= 0).all()
    assert found.mean() == pytest.approx(scores.mean())
    assert rising(np.sort(scores)).tolist() == np.sort(scores).tolist()


@given(arrays(np.float64, 3, elements=st.floats(0, 1)), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_score_is_worth_no_less(scores, one, other):
    assert worth(COUNTS, scores, min(one, other)) <= worth(COUNTS, scores, max(one, other))


def test_what_equals_an_arm_of_photographs_is_worth_its_number():
    curve = [sampled(3, offset=0.1 * number, spread=0.01, seed=number) for number in range(3)]
    found = worth_of(COUNTS, curve, curve[1])
    assert (found.value, found.low, found.high) == (100, 100, 100)
    best = Sampled(curve[2].values + 0.2, curve[2].resamples + 0.2)
    assert worth_of(COUNTS, curve, best).low == np.inf
