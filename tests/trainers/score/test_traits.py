"""Traits of a picture: of its hardest target, measured, or told by who knows better."""

from pathlib import Path

import numpy as np
import pytest

from predictors import frame_with
from synthgen.core.picture import Boxes, DecodedPicture, Truth
from trainers.score.traits import TRAITS, told_traits, traits_of

SIZE = (100, 200)
SMALL, LONG, HIGH = (10, 10, 30, 20), (20, 40, 180, 50), (100, 20, 110, 80)


def traits(truth, image=None, told=None):
    samples = Told([DecodedPicture("a", "", frame_with(size=SIZE) if image is None else image, truth)])
    samples.told = told
    return traits_of(samples if told is not None else list(samples), 0)


class Told(list):
    def traits(self, index):
        return self.told


def boxed(*boxes, categories=None, crowd=None):
    return Truth(boxes=Boxes.of(boxes, categories or ["gun"] * len(boxes), None, crowd))


@pytest.mark.parametrize(("boxes", "size"), [([SMALL], 0.1), ([LONG], 0.8), ([HIGH], 0.6), ([LONG, HIGH], 0.6)])
def test_size_is_the_long_side_of_the_smallest_target_in_a_square_frame(boxes, size):
    assert traits(boxed(*boxes))["size"] == pytest.approx(size)


def test_targets_are_counted_and_their_categories_named():
    found = traits(boxed(SMALL, LONG, HIGH, categories=["rifle", "gun", "rifle"]))
    assert found["crowding"] == 3 and found["category"] == ("gun", "rifle")
    nothing = traits(boxed())
    assert nothing["crowding"] == 0 and "size" not in nothing and "category" not in nothing


@pytest.mark.parametrize(
    ("shown", "novelty"),
    [
        (["gun"], ("seen",)),
        (["bow"], ("unseen",)),
        (["bow", "axe"], ("unseen",)),
        (["bow", "gun"], ()),  # whoever knows guns could tell
        ([], ("seen", "unseen")),
    ],
)
def test_a_picture_is_seen_or_unseen_by_all_its_targets(shown, novelty):
    truth = boxed(*[SMALL] * len(shown), categories=shown)
    assert told_traits(truth, held_out=("axe", "bow")).get("novelty") == novelty
    assert "novelty" not in told_traits(truth)


def test_a_crowd_is_no_target_that_novelty_goes_by():
    truth = boxed(SMALL, LONG, categories=["bow", "gun"], crowd=[True, False])
    assert told_traits(truth, ("bow",)) == {"category": ("gun",), "novelty": ("seen",)}


def test_of_a_picture_without_boxes_nobody_knows_what_it_shows():
    assert told_traits(Truth(label=1), ("bow",), "street") == {"source": "street"}


def test_nobody_knows_how_many_a_crowd_is():
    found = traits(boxed(LONG, SMALL, crowd=[False, True]))
    assert "crowding" not in found and found["size"] == pytest.approx(0.8)


def test_of_a_mask_the_connected_parts_count_and_specks_do_not():
    mask = (frame_with(SMALL, LONG, (150, 70, 152, 72), size=SIZE)[:, :, 0] > 0).astype(np.uint8)
    found = traits(Truth(mask=mask))
    assert found["crowding"] == 2 and found["size"] == pytest.approx(0.1)
    speck = (frame_with((150, 70, 152, 72), size=SIZE)[:, :, 0] > 0).astype(np.uint8)
    assert traits(Truth(mask=speck))["crowding"] == 1


def test_the_ground_is_what_lies_outside_the_targets():
    noise = np.random.default_rng(1).integers(0, 256, (10, 20, 1), dtype=np.uint8)
    image = np.repeat(np.kron(noise, np.ones((10, 10, 1), np.uint8)), 3, axis=2)
    assert traits(boxed(SMALL), image)["ground"] == "scene"
    assert traits(boxed(SMALL), frame_with(SMALL, size=SIZE))["ground"] == "plain"
    assert "ground" not in traits(boxed((0, 0, 200, 100)), image)


def test_what_cannot_be_known_of_a_photograph_is_absent():
    assert set(traits(Truth(label=1))) == {"darkness"}
    assert traits(Truth(label=0))["crowding"] == 0
    assert {"occlusion", "truncation", "rotation", "camera_blur"}.isdisjoint(traits(boxed(SMALL)))


def test_samples_that_know_better_are_believed():
    found = traits(boxed(SMALL), told={"ground": "scene", "rotation": 30.0})
    assert found["ground"] == "scene" and found["rotation"] == 30 and found["size"] == pytest.approx(0.1)


def test_the_reference_names_every_trait_and_its_edges():
    text = (Path(__file__).parents[3] / "docs/reference.md").read_text()
    lines = text[text.index("### Slices") : text.index("### Worse cameras")].splitlines()
    for trait in TRAITS:
        (line,) = (line for line in lines if line.startswith(f"| `{trait.name}` |"))
        edges = line.split("|")[-2].replace(",", "").split()
        assert tuple(map(float, edges)) == trait.edges


def test_every_trait_has_a_name_of_its_own_and_rising_edges():
    assert len({trait.name for trait in TRAITS}) == len(TRAITS)
    assert all(list(trait.edges) == sorted(set(trait.edges)) for trait in TRAITS)
