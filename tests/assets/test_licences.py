"""Assets under a denied licence leave the cast before any scene is planned."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from synthgen.assets.cast import Cast
from synthgen.assets.intake import load_catalog
from synthgen.assets.licences import LicenceRecipe, licence_counts
from synthgen.assets.splits import SplitShares
from synthgen.core.errors import AssetError
from tiny_assets import write_tiny_assets

ALL = SplitShares(train=1, val=0, test=0)


@pytest.mark.parametrize(
    ("pattern", "licence", "allowed"),
    [
        ("CC-BY-NC*", "CC-BY-NC-4.0", False),
        ("CC-BY-NC*", "cc by-nc 2.0", False),
        ("CC-BY-NC*", " CC_BY_NC_SA_4.0", False),
        ("CC-BY-NC*", "CC-BY-4.0", True),
        ("CC-BY-NC*", "", True),
        ("*-nc*", "https://creativecommons.org/licenses/by-nc/4.0/", False),
        ("CC-BY-?.0", "CC-BY-4.0", False),
        ("", "", False),
        ("", "CC0-1.0", True),
        ("*", "", False),
    ],
)
def test_patterns_are_a_shells_whatever_the_case_and_the_joints(pattern, licence, allowed):
    assert LicenceRecipe(deny=(pattern,)).allows(licence) is allowed


@given(st.text())
def test_without_patterns_everything_is_allowed(licence):
    assert LicenceRecipe().allows(licence)


@given(st.text(st.characters(codec="utf-8", exclude_characters="[]*?"), max_size=12))
def test_a_licence_spelled_as_the_pattern_is_denied(name):
    assert not LicenceRecipe.model_construct(deny=(name,)).allows(name)


def test_a_pattern_that_no_licence_could_have_is_refused():
    with pytest.raises(ValidationError, match="holds characters that no licence has"):
        LicenceRecipe(deny=("CC\nBY",))


@pytest.fixture
def catalog(tmp_path):
    """Of the six targets two are under a licence of their own, and so are one distractor and one scene."""
    made = load_catalog(write_tiny_assets(tmp_path, foregrounds=6, backgrounds=3, distractors=2))
    denied = {"target-00", "target-01", "distractor-06", "scene-00"}

    def marked(assets):
        return tuple(replace(asset, licence="CC-BY-NC-4.0") if asset.id in denied else asset for asset in assets)

    return replace(made, foregrounds=marked(made.foregrounds), backgrounds=marked(made.backgrounds))


def test_denied_assets_are_in_no_part_of_the_cast(catalog):
    cast = Cast.of(catalog, "train", ALL, licences=LicenceRecipe(deny=("CC-BY-NC*",)))
    left = (*cast.targets, *cast.distractors, *cast.scenes)
    assert [len(part) for part in (cast.targets, cast.distractors, cast.scenes)] == [4, 1, 2]
    assert licence_counts(left) == {"CC0-1.0": 7}
    assert sum(cast.weights) == pytest.approx(1)
    assert licence_counts((*catalog.foregrounds, *catalog.backgrounds)) == {"CC-BY-NC-4.0": 4, "CC0-1.0": 7}


def test_where_nothing_is_left_the_message_names_what_was_denied(catalog):
    with pytest.raises(AssetError, match=r"'train' no target cutout: it denies all 6, .* CC-BY-NC-4\.0, CC0"):
        Cast.of(catalog, "train", ALL, licences=LicenceRecipe(deny=("cc*",)))


def test_a_category_that_is_denied_as_a_whole_is_named(catalog):
    rifles = tuple(
        replace(asset, category="rifle") if asset.licence == "CC-BY-NC-4.0" else asset for asset in catalog.foregrounds
    )
    wanted = {"handgun": 1.0, "rifle": 1.0}
    with pytest.raises(AssetError, match=r"no target of category 'rifle' under a licence that recipe\.licences allows"):
        Cast.of(replace(catalog, foregrounds=rifles), "train", ALL, wanted, LicenceRecipe(deny=("*nc*",)))
