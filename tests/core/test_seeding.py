"""Seeding: a draw is named by seed, split, index, stage and item alone (law 1)."""

from itertools import product

from synthgen.core.seeding import Stage, rng_for


def first(*name):
    return int(rng_for(*name).integers(2**62))


def test_every_name_has_its_own_stream():
    names = list(product((0, 1, 7), ("train", "val", "test"), (0, 1, 300), Stage, (0, 1)))
    assert len({first(*name) for name in names}) == len(names)


def test_the_streams_are_part_of_the_dataset_format():
    # Golden: numbers of PCG64(SeedSequence(0, spawn_key=(0, 0, stage, 0))); a change breaks every old seed.
    assert [rng_for(0, "train", 0, stage).integers(1000) for stage in Stage] == [
        156,
        734,
        285,
        740,
        248,
        616,
        875,
        138,
        863,
        827,
    ]
