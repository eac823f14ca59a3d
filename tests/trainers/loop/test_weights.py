"""Weights that move towards errors: they add up, stay in bounds, and go where the errors are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainers.loop.weights import moved_towards, within_bounds

BOUNDS = (0.05, 0.9)
SHARES = st.lists(st.floats(0.1, 1), min_size=2, max_size=6).map(lambda found: [each / sum(found) for each in found])


@given(weights=SHARES, data=st.data(), gain=st.floats(0, 3))
def test_they_add_up_to_one_within_bounds(weights, data, gain):
    errors = data.draw(st.lists(st.none() | st.floats(0, 1), min_size=len(weights), max_size=len(weights)))
    after = moved_towards(weights, errors, gain=gain, bounds=BOUNDS)
    assert sum(after) == pytest.approx(1)
    moved = any(errors)
    assert not moved or all(BOUNDS[0] - 1e-9 <= weight <= BOUNDS[1] + 1e-9 for weight in after)


@given(weights=SHARES, data=st.data())
def test_of_two_options_the_worse_one_gains(weights, data):
    errors = data.draw(st.lists(st.floats(0.01, 1), min_size=len(weights), max_size=len(weights)))
    after = moved_towards(weights, errors, gain=1, bounds=(0, 1))
    ratios = np.array(after) / weights
    order = np.argsort(errors)
    assert (np.diff(ratios[order]) >= -1e-9).all()


def test_by_hand():
    # mean error .5·.2 + .5·.6 = .4; factors .5 and 1.5; weights .25 and .75
    assert moved_towards((0.5, 0.5), (0.2, 0.6), gain=1, bounds=BOUNDS) == pytest.approx((0.25, 0.75))
    assert moved_towards((0.5, 0.5), (0.2, 0.6), gain=0, bounds=BOUNDS) == pytest.approx((0.5, 0.5))
    assert moved_towards((0.5, 0.5), (0.0, 0.6), gain=1, bounds=BOUNDS) == pytest.approx((0.1, 0.9))
    assert moved_towards((0.4, 0.6), (0.0, 0.0), gain=1, bounds=BOUNDS) == (0.4, 0.6)
    assert moved_towards((0.4, 0.6), (None, None), gain=1, bounds=BOUNDS) == (0.4, 0.6)


def test_what_is_free_keeps_its_proportion():
    found = within_bounds(np.array([0.96, 0.03, 0.01]), (0.02, 0.9))
    np.testing.assert_allclose(found, [0.9, 0.075, 0.025])
