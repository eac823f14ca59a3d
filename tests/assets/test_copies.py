"""Law 4: one object never stands on two sides of a split, whatever its copies and siblings are called."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from synthgen.assets.catalog import Asset
from synthgen.assets.copies import join_copies

files = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 9)), max_size=30)  # group, content


def assets_of(pairs):
    return [
        Asset(f"asset-{number}", Path(), "thing", group, "target", "", "", "", f"sha-{content}", 1, 1)
        for number, (group, content) in enumerate(pairs)
    ]


def components(pairs):
    """Sets of groups that hang together by common files, found by the slow way of merging until nothing changes."""
    sets = [{group for group, content in pairs if content == wanted} for _, wanted in pairs]
    sets += [{group} for group, _ in pairs]
    changed = True
    while changed:
        changed = False
        for one in sets:
            for other in sets:
                if one is not other and one & other and one != other:
                    one |= other
                    changed = True
    return sets


def test_copies_bring_their_siblings_along():
    """Before, only the copy moved: a-2 and b-2, views of one object, stood in two groups."""
    joined = join_copies(assets_of([("a", 1), ("a", 2), ("b", 1), ("b", 3)]))
    assert [asset.group for asset in joined] == ["a", "a", "a", "a"]


def test_a_chain_of_copies_is_one_group():
    joined = join_copies(assets_of([("c", 1), ("b", 1), ("b", 2), ("d", 2), ("d", 3), ("a", 3)]))
    assert {asset.group for asset in joined} == {"a"}


@given(files)
def test_neither_a_file_nor_a_group_is_torn(pairs):
    joined = join_copies(assets_of(pairs))
    for (group, content), asset in zip(pairs, joined, strict=True):
        for (other_group, other_content), other in zip(pairs, joined, strict=True):
            if group == other_group or content == other_content:
                assert asset.group == other.group


@given(files)
def test_what_has_nothing_in_common_stays_apart_and_the_first_name_stays(pairs):
    for (group, _), asset in zip(pairs, join_copies(assets_of(pairs)), strict=True):
        assert asset.group == min(next(names for names in components(pairs) if group in names))


@given(files, st.randoms(use_true_random=False))
def test_the_order_of_the_files_does_not_matter(pairs, random):
    shuffled = random.sample(pairs, len(pairs))
    groups = {asset.sha256: asset.group for asset in join_copies(assets_of(pairs))}
    assert {asset.sha256: asset.group for asset in join_copies(assets_of(shuffled))} == groups
