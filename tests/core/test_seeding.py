"""Seeding: a draw is named by seed, split, index, stage and item alone (law 1)."""

from itertools import product

from synthgen.core.seeding import Stage, rng_for


def first(*name):
    return int(rng_for(*name).integers(2**62))


def test_every_name_has_its_own_stream():
    names = list(product((0, 1, 7), ("train", "val", "test"), (0, 1, 300), Stage, (0, 1)))
    assert len({first(*name) for name in names}) == len(names)


def test_the_streams_are_part_of_the_dataset_format():
    # Golden: numbers of Philox(counter=(0, stage, 0, 0), key=(0, 0)); a change breaks every old seed.
    expected = [34, 969, 321, 466, 934, 776, 64, 913, 539, 532, 972, 493, 261, 669, 773, 180]
    assert [rng_for(0, "train", 0, stage).integers(1000) for stage in Stage] == expected
