"""The split firewall (law 4)."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from synthgen.assets.splits import SplitShares, split_of

names = st.text(min_size=1, max_size=12)


@given(group=names)
def test_the_split_depends_on_the_name_alone(group):
    assert split_of(group, SplitShares()) == split_of(group, SplitShares())


def test_known_groups_never_move():
    """Golden: a change here would move assets between the splits of every user."""
    assert [split_of(name, SplitShares()) for name in ("pistol-00", "office-03", "rifle-07", "street-01")] == GOLDEN


GOLDEN = ["train", "train", "train", "train"]


def test_shares_are_kept():
    counts = Counter(split_of(f"group-{number}", SplitShares()) for number in range(4000))
    assert counts["train"] / 4000 == pytest.approx(0.7, abs=0.03)
    assert counts["val"] / 4000 == pytest.approx(0.15, abs=0.03)


@given(group=names)
def test_a_share_of_zero_gets_nothing(group):
    assert split_of(group, SplitShares(train=0.5, val=0, test=0.5)) != "val"
    assert split_of(group, SplitShares(train=1, val=0, test=0)) == "train"


def test_splits_that_are_not_named_get_nothing():
    assert SplitShares.model_validate({"train": 1}) == SplitShares(train=1, val=0, test=0)


def test_categories_that_are_held_out_leave_the_shares_as_they_are_by_default():
    found = SplitShares.model_validate({"hold_out": ["rifle", "bow", "rifle"]})
    assert found == SplitShares(hold_out=("bow", "rifle")) and found.train == SplitShares().train
    assert SplitShares.model_validate({"train": 1, "hold_out": ["bow"]}).test == 0


def test_where_nothing_is_held_out_the_shares_are_spelled_as_before_it_came():
    assert SplitShares().model_dump_json() == '{"train":0.7,"val":0.15,"test":0.15}'
    assert SplitShares(hold_out=("bow",)).model_dump() == {
        "train": 0.7,
        "val": 0.15,
        "test": 0.15,
        "hold_out": ("bow",),
    }
    assert SplitShares(hold_out=("bow",)).model_dump(exclude_defaults=True) == {"hold_out": ("bow",)}


def test_shares_must_add_up():
    with pytest.raises(ValidationError, match=r"is 1\.1, not 1"):
        SplitShares(train=0.8, val=0.15, test=0.15)
