"""Law 4 when new files come: near-duplicates join, groups that are there never merge."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from annotated import disc
from synthgen.core.likeness import Fingerprint
from synthgen.importing.groups import Groups, print_of


def look(number):
    """A fingerprint that resembles those of the same number alone."""
    thumbnail = np.zeros((16, 16), np.float32)
    thumbnail[0, number] = 1
    return Fingerprint(bytes([number]), thumbnail)


def test_copies_of_another_size_and_compression_are_alike_and_other_objects_are_not(tmp_path):
    one, other = disc(tmp_path / "a.png", seed=1), disc(tmp_path / "b.png", seed=2)
    half = cv2.resize(one, (48, 48), interpolation=cv2.INTER_AREA)
    padded = np.pad(one, ((9, 30), (2, 0), (0, 0)))
    prints = [print_of(picture) for picture in (one, half, padded, other)]
    groups = Groups()
    groups.add(prints[0], "one")
    assert [bool(found) for found in groups.resembled(prints[1:])] == [True, True, False]


def test_flat_silhouettes_of_one_shape_are_not_alike():
    alpha = cv2.circle(np.zeros((40, 40), np.uint8), (20, 20), 15, 255, -1)
    black, white = (np.dstack([np.full((40, 40, 3), tone, np.uint8), alpha]) for tone in (9, 240))
    groups = Groups()
    groups.add(print_of(black), "one")
    assert groups.resembled([print_of(white)]) == [set()]


def test_a_newcomer_joins_the_group_that_it_resembles_and_its_photograph_comes_along():
    groups = Groups()
    groups.add(look(1), "old")
    assert groups.admit([look(2), look(1)], "new") == ["old", "old"]
    assert groups.admit([look(3)], "new") == ["old"]


def test_a_newcomer_that_links_two_groups_is_refused():
    groups = Groups()
    groups.add(look(1), "a")
    groups.add(look(2), "b")
    both = Fingerprint(b"", (look(1).thumbnail + look(2).thumbnail) / np.float32(2**0.5))
    assert groups.admit([look(1), look(2), look(5)], "new") == [None, None, "new"]
    assert groups.admit([both], "other") == ["other"]  # .71 is not alike


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=25))
def test_no_group_is_ever_torn_and_none_ever_merge(newcomers):
    groups, given_ = Groups(), []
    for group, number in newcomers:
        (name,) = groups.admit([look(number)], f"g{group}")
        if name is not None:
            given_.append((number, name))
    assert all(len({name for number, name in given_ if number == wanted}) == 1 for wanted, _ in given_)
