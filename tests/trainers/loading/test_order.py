"""The order of an epoch: every row once, the same however it is asked for, shared out among ranks without loss."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainers.loading.order import BLOCK_ROWS, EpochOrder, batch_bounds, batch_count

SIZES = st.integers(1, 2000)


@given(rows=SIZES, seed=st.integers(0, 99), epoch=st.integers(0, 9), window=st.integers(1, 3000), shuffle=st.booleans())
def test_every_row_comes_once(rows, seed, epoch, window, shuffle):
    order = EpochOrder(rows, seed=seed, epoch=epoch, window=window, shuffle=shuffle)
    whole = order.rows(0, rows)
    assert len(order) == rows and sorted(whole) == list(range(rows))
    if not shuffle:
        assert list(whole) == list(range(rows))


@given(rows=SIZES, window=st.integers(1, 1000), step=st.integers(1, 700))
def test_slices_are_parts_of_one_order(rows, window, step):
    order = EpochOrder(rows, seed=1, epoch=0, window=window)
    parts = [EpochOrder(rows, seed=1, epoch=0, window=window).rows(at, at + step) for at in range(0, rows, step)]
    np.testing.assert_array_equal(np.concatenate(parts), order.rows(0, rows))


def test_seeds_and_epochs_differ():
    orders = {tuple(EpochOrder(300, seed=s, epoch=e).rows(0, 300)) for s in range(3) for e in range(3)}
    assert len(orders) == 9


def test_a_window_reads_its_blocks_and_no_others():
    rows = EpochOrder(64 * BLOCK_ROWS, seed=0, epoch=0, window=4 * BLOCK_ROWS).rows(0, 4 * BLOCK_ROWS)
    blocks = np.unique(rows // BLOCK_ROWS)
    assert len(blocks) == 4 and blocks.max() > 8  # four, from anywhere


@given(rows=SIZES, batch_size=st.integers(1, 40), ranks=st.integers(1, 9))
def test_ranks_take_every_position_once_and_never_nothing(rows, batch_size, ranks):
    ranks = min(ranks, rows)
    steps = batch_count(rows, batch_size, ranks)
    bounds = [batch_bounds(rows, batch_size, rank, ranks, step) for step in range(steps) for rank in range(ranks)]
    assert bounds[0][0] == 0 and bounds[-1][1] == rows
    assert all(before[1] == after[0] for before, after in itertools.pairwise(bounds))
    sizes = [last - first for first, last in bounds]
    assert min(sizes) >= 1 and max(sizes) <= batch_size + 1
    assert all(size == batch_size for size in sizes[: -2 * ranks])


@pytest.mark.parametrize(
    ("rows", "ranks", "steps", "last"), [(13, 1, 4, 1), (13, 2, 2, 3), (12, 2, 2, 2), (14, 2, 2, 3)]
)
def test_tails_by_hand(rows, ranks, steps, last):
    assert batch_count(rows, 4, ranks) == steps
    first, end = batch_bounds(rows, 4, ranks - 1, ranks, steps - 1)
    assert end == rows and end - first == last
