"""A chart: bars as high as their shares, a line of steps over them."""

import numpy as np

from synthgen.draw.chart import BARS, STEPS, chart


def drawn(bars, steps):
    return chart("shares", bars, steps, {0.5: "a", 1.5: "b"}, width=300, height=200)


def count(picture, colour):
    return int((picture == np.array(colour)).all(axis=2).sum())


def test_bars_are_as_high_as_their_shares():
    picture = drawn([0.4, 0.2], [0, 0])
    left, right = (count(half, BARS) for half in (picture[:, :170], picture[:, 170:]))
    assert left / right == np.clip(left / right, 1.8, 2.2)


def test_both_distributions_are_seen():
    picture = drawn([0.4, 0.2], [0.1, 0.5])
    assert picture.shape == (200, 300, 3)
    assert count(picture, STEPS) > 200


def test_nothing_at_all_can_be_drawn():
    assert count(drawn([0, 0], [0, 0]), BARS) == 0
