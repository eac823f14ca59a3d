"""Rank correlation: that of scipy, with a p-value by trying the orders of the arms."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from synthgen.core.errors import ConfigError
from trainers.gap.rank import rank_correlation

NUMBERS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=12)


@settings(max_examples=40)
@given(NUMBERS.filter(lambda pairs: all(len(set(column)) > 1 for column in zip(*pairs, strict=True))))
def test_it_is_spearmans_also_where_arms_are_equal(pairs):
    gaps, scores = zip(*pairs, strict=True)
    assert rank_correlation(gaps, scores).value == pytest.approx(spearmanr(gaps, scores).statistic)


@pytest.mark.parametrize(("arms", "orders"), [(4, 24), (5, 120), (7, 5040)])
def test_one_order_and_its_reverse_are_as_rare_as_they_are(arms, orders):
    gaps = [0.1 * arm**2 for arm in range(arms)]
    falling = rank_correlation(gaps, [-arm for arm in range(arms)])
    assert falling.value == pytest.approx(-1) and falling.p == pytest.approx(2 / orders)


def test_p_counts_all_orders_of_few_arms():
    gaps, scores = [1, 2, 3, 4, 5], [2, 1, 4, 3, 5]
    seen = spearmanr(gaps, scores).statistic
    all_orders = [abs(spearmanr(gaps, order).statistic) >= seen - 1e-9 for order in permutations(scores)]
    assert rank_correlation(gaps, scores).p == pytest.approx(np.mean(all_orders))


def test_p_of_many_arms_is_near_that_of_scipy():
    rng = np.random.default_rng(0)
    gaps = rng.normal(size=20)
    scores = gaps + rng.normal(0, 2, 20)
    assert rank_correlation(gaps.tolist(), scores.tolist()).p == pytest.approx(spearmanr(gaps, scores).pvalue, abs=0.02)


def test_only_the_order_counts():
    rng = np.random.default_rng(1)
    gaps, scores = rng.random(9), rng.random(9)
    assert rank_correlation(gaps.tolist(), scores.tolist()) == rank_correlation(
        np.exp(5 * gaps).tolist(), (scores**3).tolist()
    )


def test_the_interval_is_that_of_the_arms():
    rng = np.random.default_rng(2)
    gaps = rng.normal(size=30)
    found = rank_correlation(gaps.tolist(), (gaps + rng.normal(0, 0.5, 30)).tolist())
    assert 0.4 < found.low < found.value < found.high < 1


@pytest.mark.parametrize(
    ("gaps", "scores", "complaint"),
    [
        ([1, 2, 3], [1, 2, 3], "3 gaps and 3 scores; a rank correlation needs both of at least 4 arms"),
        ([1, 2, 3, 4], [1, 2, 3], "4 gaps and 3 scores"),
        ([1, 1, 1, 1], [1, 2, 3, 4], "all arms have the same gap or the same score"),
    ],
)
def test_what_has_no_order_is_refused(gaps, scores, complaint):
    with pytest.raises(ConfigError, match=complaint):
        rank_correlation(gaps, scores)
