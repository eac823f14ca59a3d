"""KID: by hand, against torchmetrics, unbiased, with intervals that hold the truth, blind to copies of a picture."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.image.kid import KernelInceptionDistance

from synthgen.core.errors import DatasetError
from trainers.gap.kid import Features, floor, kid


def coins(rng, share, count):
    """Features of one number, 1 with probability `share`, else 0."""
    return Features.of((rng.random((count, 1)) < share).astype(np.float32))


def noise(seed, count, *, mean=0.0, length=6):
    return Features.of(np.random.default_rng(seed).normal(mean, 1, (count, length)))


@pytest.mark.parametrize("length", [1, 2, 7])
def test_the_value_is_the_one_by_hand(length):
    """k is 8 for two ones, else 1; its mean over the 90 pairs of five ones and five zeros is (20·8 + 70) / 90."""
    mixed = Features.of(np.repeat([[0.0], [1.0]], 5, axis=0).repeat(length, axis=1))
    ones = Features.of(np.ones((10, length)))
    assert kid(mixed, ones).value == pytest.approx((20 * 8 + 70) / 90 + 8 - 2 * (50 * 8 + 50) / 100)


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance` will save:UserWarning")
def test_for_sets_of_one_size_it_is_that_of_torchmetrics():
    ours, theirs = noise(1, 40, mean=0.5, length=12), noise(2, 40, length=12)
    oracle = KernelInceptionDistance(feature=torch.nn.Identity(), subsets=1, subset_size=40)
    oracle.update(torch.from_numpy(ours.values).double(), real=False)
    oracle.update(torch.from_numpy(theirs.values).double(), real=True)
    assert kid(ours, theirs).value == pytest.approx(float(oracle.compute()[0]), rel=1e-5)


@pytest.mark.parametrize(("p", "q"), [(0.5, 0.5), (0.6, 0.4), (0.9, 0.2)])
def test_it_is_unbiased_and_its_interval_holds_the_truth(p, q):
    """Of two coins, KID is 7 (p − q)², whatever the numbers of pictures."""
    rng = np.random.default_rng(7)
    found = [kid(coins(rng, p, 30), coins(rng, q, 60)) for _ in range(50)]
    values = np.array([each.value for each in found])
    truth = 7 * (p - q) ** 2
    assert abs(values.mean() - truth) < 3 * values.std() / np.sqrt(len(values))
    assert np.mean([each.low <= truth <= each.high for each in found]) > 0.9


def test_two_samples_of_one_distribution_have_an_interval_around_0():
    for seed in range(6):
        found = kid(noise(seed, 50), noise(100 + seed, 70))
        assert found.low < 0 < found.high


def test_two_distributions_have_an_interval_above_0():
    found = kid(noise(0, 60, mean=1.0), noise(1, 60))
    assert 0 < found.low < found.value < found.high


def test_more_pictures_have_a_narrower_interval():
    widths = [(found := kid(noise(0, count, mean=1.0), noise(1, count))).high - found.low for count in (20, 80, 320)]
    assert widths[0] > 1.5 * widths[1] > 2.25 * widths[2]


@settings(max_examples=12)
@given(st.integers(0, 1000))
def test_it_is_symmetric_and_blind_to_order(seed):
    ours, theirs = noise(seed, 12, mean=0.3), noise(seed + 1, 15)
    turned = Features.of(theirs.values[::-1].copy())
    assert kid(ours, theirs).value == pytest.approx(kid(turned, ours).value)


@settings(max_examples=12)
@given(st.integers(0, 1000), st.integers(2, 4))
def test_copies_of_a_picture_in_its_group_change_nothing(seed, copies):
    ours, theirs = noise(seed, 12, mean=0.3), noise(seed + 1, 11)
    names = [f"source {number}" for number in range(11)]
    copied = Features.of(np.tile(theirs.values, (copies, 1)), names * copies)
    once, again = kid(ours, theirs), kid(ours, copied)
    assert (again.value, again.low, again.high) == pytest.approx((once.value, once.low, once.high))


def test_groups_of_unequal_sizes_are_counted_by_pairs():
    """Two pictures of one group are never compared: what only they share does not count."""
    rng = np.random.default_rng(3)
    values, groups = rng.normal(size=(14, 4)), [*"aaabbcdefghijk"]
    others = noise(4, 12, length=4)
    kernel = (values @ values.T / 4 + 1) ** 3
    apart = np.array([[one != other for other in groups] for one in groups])
    theirs = (others.values @ others.values.T.astype(float) / 4 + 1) ** 3
    between = (values @ others.values.T / 4 + 1) ** 3
    expected = kernel[apart].mean() + theirs[~np.eye(12, dtype=bool)].mean() - 2 * between.mean()
    assert kid(Features.of(values, groups), others).value == pytest.approx(expected, rel=1e-5)


def test_the_difference_to_the_same_photographs_is_paired():
    photographs, ours = noise(0, 40), noise(1, 30, mean=0.5)
    same = kid(ours, photographs).minus(kid(ours, photographs))
    assert (same.value, same.low, same.high) == (0, 0, 0)
    near, far = kid(ours, photographs), kid(noise(2, 30, mean=2.0), photographs)
    change = far.minus(near)
    assert change.value == pytest.approx(far.value - near.value)
    assert change.high - change.low < (far.high - far.low) + (near.high - near.low)


def test_the_floor_is_0_within_an_interval_that_shrinks():
    few, many = floor(noise(0, 40)), floor(noise(0, 400))
    for found in (few, many):
        assert found.low < 0 < found.high and abs(found.value) < 0.1 * (found.high - found.low)
    assert many.high - many.low < 0.3 * (few.high - few.low)


def test_the_floor_keeps_the_groups_together():
    """Copies on both sides of a halving would make the halves alike."""
    photographs = noise(0, 30)
    copied = Features.of(np.tile(photographs.values, (3, 1)), photographs.groups * 3)
    once, again = floor(photographs), floor(copied)
    assert (again.low, again.high) == pytest.approx((once.low, once.high))


def test_the_same_features_give_the_same_numbers():
    once, again = (kid(noise(0, 20, mean=0.4), noise(1, 25)) for _ in range(2))
    assert (once.value, once.low, once.high) == (again.value, again.low, again.high)


@pytest.mark.parametrize(
    ("measure", "complaint"),
    [
        (lambda: kid(noise(0, 9), noise(1, 30)), "9 synthetic pictures of different groups; a KID .* needs 10"),
        (lambda: kid(noise(0, 30), Features.of(np.ones((30, 6)), ["one"] * 30)), "1 photographs of different groups"),
        (lambda: kid(noise(0, 30), noise(1, 30, length=5)), "features of 6 and 5 numbers cannot be compared"),
        (lambda: floor(noise(0, 19)), "19 photographs of different groups; .* needs 20"),
    ],
)  # fmt: skip
def test_what_has_no_kid_is_refused(measure, complaint):
    with pytest.raises(DatasetError, match=complaint):
        measure()
