"""Class-balanced epochs: the share holds everywhere, no row is favoured within its class."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_factory import make_sample, write_dataset
from synthgen.core.errors import TrainingError
from trainers.loading.balance import BalancedOrder, classes_of
from trainers.loading.loader import ShardLoader

LABELS = st.lists(st.booleans(), min_size=2, max_size=200).filter(lambda labels: any(labels) and not all(labels))


def balanced(positive, share, **options):
    return BalancedOrder(classes_of(positive), (share,), **options)


@given(labels=LABELS, share=st.floats(0.05, 0.95), epoch=st.integers(0, 5))
def test_every_stretch_has_the_share(labels, share, epoch):
    positive = np.array(labels)
    rows = balanced(positive, share, seed=0, epoch=epoch).rows(0, len(positive))
    assert len(rows) == len(positive)
    found = np.cumsum(positive[rows])
    assert np.abs(found - share * np.arange(1, len(rows) + 1)).max() <= 2


@given(labels=LABELS, share=st.sampled_from([0.25, 0.5, 0.8]))
def test_no_row_is_favoured_within_its_class(labels, share):
    positive = np.array(labels)
    epochs = [balanced(positive, share, seed=3, epoch=epoch).rows(0, len(positive)) for epoch in range(6)]
    times = np.bincount(np.concatenate(epochs), minlength=len(positive))
    for label in (True, False):
        assert np.ptp(times[positive == label]) <= 1


@given(labels=LABELS, step=st.integers(1, 50))
def test_slices_are_parts_of_one_order(labels, step):
    positive = np.array(labels)
    whole = balanced(positive, 0.5, seed=1, epoch=2).rows(0, len(positive))
    parts = [balanced(positive, 0.5, seed=1, epoch=2).rows(at, at + step) for at in range(0, len(positive), step)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    weights=st.lists(st.floats(0.1, 1), min_size=4, max_size=4),
    epoch=st.integers(0, 3),
)
def test_any_number_of_groups_have_their_shares(lengths, weights, epoch):
    starts = np.cumsum([0, *lengths])
    groups = [np.arange(first, last) for first, last in itertools.pairwise(starts)]
    shares = np.array(weights[: len(groups)]) / sum(weights[: len(groups)])
    order = BalancedOrder(groups, shares[:-1].tolist(), seed=0, epoch=epoch)
    rows = order.rows(0, len(order))
    assert len(rows) == len(order) == sum(lengths)
    for group, share in zip(groups, shares, strict=True):
        found = np.cumsum(np.isin(rows, group))
        assert np.abs(found - share * np.arange(1, len(rows) + 1)).max() <= len(groups)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    samples = [make_sample(index, discs=2 if index < 4 else 0) for index in range(32)]
    return write_dataset(tmp_path_factory.mktemp("data") / "d", {"train-00000.parquet": samples})


def test_batches_have_the_share(dataset):
    loader = ShardLoader(dataset, "train", batch_size=8, seed=0, shuffle=True, positive_share=0.5)
    assert [sum(mask.any() for mask in batch.targets.masks) for batch in loader] == [4, 4, 4, 4]


def test_a_share_of_what_is_not_there_is_refused(dataset):
    with pytest.raises(TrainingError, match="all 4 samples are of one class"):
        ShardLoader(dataset, "train", batch_size=2, seed=0, shuffle=True, positive_share=0.5, samples=4)
