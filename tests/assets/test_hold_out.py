"""Categories held out: in test alone, group by group, and nothing else moves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.assets.cast import Cast
from synthgen.assets.catalog import Catalog
from synthgen.assets.hold_out import check_hold_out
from synthgen.assets.intake import load_catalog
from synthgen.assets.splits import SplitShares, split_of
from synthgen.core.errors import AssetError
from synthgen.core.types import SPLITS
from tiny_assets import write_tiny_assets

CATEGORIES = ("bow", "handgun", "rifle")
DEALT = (Catalog.targets, Catalog.distractors, Catalog.scenes)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return load_catalog(write_tiny_assets(tmp_path_factory.mktemp("a"), foregrounds=30, backgrounds=12))


def of_categories(catalog, names, groups=None):
    """The catalog with other categories, and perhaps other groups, of its targets."""
    targets = [asset for asset in catalog.foregrounds if asset.role == "target"]
    groups = groups or [asset.group for asset in targets]
    changed = [
        replace(asset, category=name, group=group) for asset, name, group in zip(targets, names, groups, strict=True)
    ]
    return replace(catalog, foregrounds=(*changed, *(it for it in catalog.foregrounds if it.role != "target")))


@given(
    names=st.lists(st.sampled_from(CATEGORIES), min_size=30, max_size=30),
    numbers=st.lists(st.integers(0, 12), min_size=30, max_size=30),
    held=st.sets(st.sampled_from(CATEGORIES), min_size=1, max_size=2),
)
def test_held_out_categories_are_in_test_alone_groups_stay_whole_and_all_others_stay(plain, names, numbers, held):
    catalog = of_categories(plain, names, [f"g{number}" for number in numbers])
    shares = SplitShares(hold_out=tuple(held))
    dealt = [(split, asset) for split in SPLITS for of in DEALT for asset in of(catalog, split, shares)]
    assert len(dealt) == len(catalog.foregrounds) + len(catalog.backgrounds)
    assert all(split == "test" for split, asset in dealt if asset.category in held)
    splits = {}
    for split, asset in dealt:
        splits.setdefault(asset.group, set()).add(split)
    assert all(len(own) == 1 for own in splits.values())
    touched = {asset.group for asset in catalog.foregrounds if asset.category in held}
    assert all(split == split_of(asset.group, shares) for split, asset in dealt if asset.group not in touched)


def test_a_scene_of_a_group_that_is_held_out_goes_with_it(plain):
    names = ["rifle", *["handgun"] * 29]
    scene = next(scene for scene in plain.backgrounds if split_of(scene.group, SplitShares()) == "train")
    catalog = of_categories(plain, names, [scene.group, *(f"g{number}" for number in range(29))])
    assert scene in catalog.scenes("train", SplitShares())
    assert scene in catalog.scenes("test", SplitShares(hold_out=("rifle",)))


def test_weights_of_a_category_that_is_held_out_count_in_test_alone(plain):
    catalog = of_categories(plain, ["rifle"] * 6 + ["handgun"] * 24)
    shares, weights = SplitShares(hold_out=("rifle",)), {"handgun": 1.0, "rifle": 3.0}
    train, test = (Cast.of(catalog, split, shares, weights) for split in ("train", "test"))
    assert {asset.category for asset in train.targets} == {"handgun"} and sum(train.weights) == pytest.approx(1)
    rifles = sum(weight for asset, weight in zip(test.targets, test.weights, strict=True) if asset.category == "rifle")
    assert rifles == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("held", "complaint"),
    [
        (("rifel",), "hold_out: no target is of category 'rifel'; the catalog has: handgun, rifle; correct the name"),
        (("phone",), "no target is of category 'phone'"),  # a distractor's
        (("handgun", "rifle"), "with handgun, rifle and their groups no target is left to learn from"),
    ],
)
def test_what_cannot_be_held_out_is_refused(plain, held, complaint):
    catalog = of_categories(plain, ["rifle"] * 6 + ["handgun"] * 24)
    with pytest.raises(AssetError, match=complaint):
        check_hold_out(catalog, SplitShares(hold_out=held))


def test_weights_that_leave_train_nothing_are_refused(plain):
    catalog = of_categories(plain, ["rifle"] * 6 + ["handgun"] * 24)
    with pytest.raises(AssetError, match=r"all of rifle are in assets\.splits\.hold_out, which leaves split 'train'"):
        Cast.of(catalog, "train", SplitShares(hold_out=("rifle",)), {"rifle": 1.0})


def test_where_chance_leaves_a_split_nothing_beside_what_is_held_out_the_message_says_so(plain):
    catalog = of_categories(plain, ["rifle"] * 29 + ["handgun"], [*["r"] * 29, "h"])
    empty = next(split for split in ("train", "val") if split_of("h", SplitShares()) != split)
    with pytest.raises(AssetError, match=f"split '{empty}' has no target cutout beside rifle, held out for test"):
        Cast.of(catalog, empty, SplitShares(hold_out=("rifle",)))
