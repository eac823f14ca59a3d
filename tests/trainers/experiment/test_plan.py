"""Plans: runs of equal compute on paired data, and photographs that are enough, annotated and apart."""

import shutil

import cv2
import numpy as np
import pytest

from experiment_files import SIZE, write_experiment
from synthgen.core.errors import ConfigError
from trainers.experiment.config import read_experiment
from trainers.experiment.plan import planned
from trainers.experiment.runs import Made


def plan(folder, **changes):
    file = write_experiment(folder, **changes)
    return planned(read_experiment(file), file, size=SIZE, pictures=16)


@pytest.fixture
def own(pictures, tmp_path):
    """The same photographs, to be changed."""
    shutil.copytree(pictures, tmp_path / "own")
    return tmp_path / "own"


def test_all_arms_are_run_with_one_seed_before_the_next(pictures):
    found = plan(pictures)
    assert [(run.arm.name, run.seed) for run in found.runs] == [
        ("synthetic", 0), ("real", 0), ("synthetic", 1), ("real", 1)
    ]  # fmt: skip
    assert found.reference.name == "real" and found.totals == {"photographs": 8, "pictures": 16}


def test_trainings_say_all_that_arms_and_seeds_decide(pictures):
    stages = [{"steps": 3, "pictures": 12}, {"steps": 1, "real": 0.25, "photographs": 4, "training": {"loss": "dice"}}]
    first, then = plan(pictures, arms={"a": stages}, reference="a").runs[1].trainings
    assert (first.config.steps, first.config.samples, first.config.seed, first.config.size) == (3, 12, 1, SIZE)
    assert first.config.photographs == () and first.config.loss == "bce_dice"
    (source,) = then.config.photographs
    assert (source.share, source.samples, source.fit, source.annotation) == (0.25, 4, "stretch", "boxes")
    assert source.images == pictures / "real/images"
    assert (then.config.loss, then.config.samples) == ("dice", 16)


def test_a_dataset_is_made_once_for_a_recipe_and_a_seed_with_the_most_pictures(pictures):
    arms = {
        "counts": {"steps": 4, "pictures": [4, 12]},
        "default": {"steps": 4, "pictures": 8, "training": {"loss": "dice"}},
        "recipe": {"steps": 4, "recipe": {"flip": 0}},
        "real": {"steps": 4, "real": 1},
    }
    made = plan(pictures, arms=arms, seeds=[5]).made
    assert made == {Made("{}", 5): 12, Made('{"flip": 0}', 5): 16}


def test_unequal_compute_is_refused_with_the_numbers(pictures):
    arms = {
        "a": {"steps": 4},
        "b": [{"steps": 2}, {"steps": 2}],
        "c": {"steps": 5},
        "d": {"steps": 4, "training": {"size": [64, 32]}},
    }
    with pytest.raises(
        ConfigError, match=r"unequal compute.*'a' and 'b' 16,384; 'c' 20,480; 'd' 32,768; give all the same"
    ):
        plan(pictures, arms=arms, reference="a")


def test_a_field_that_no_training_has_names_the_arm(pictures):
    with pytest.raises(ConfigError, match="arm 'a': lose: unknown key"):
        plan(pictures, arms={"a": {"steps": 4, "training": {"lose": "dice"}}}, reference="a")


def test_more_photographs_than_there_are_are_refused(pictures):
    arms = {"a": {"steps": 4, "real": 1, "photographs": [2, 9]}}
    with pytest.raises(ConfigError, match=r"arm 'a, 9 photographs': 9 photographs asked for, 8 present"):
        plan(pictures, arms=arms, reference="a")


def test_photographs_without_a_target_are_refused(own):
    for mask in (own / "scored/masks").iterdir():
        cv2.imwrite(str(mask), np.zeros((48, 64), np.uint8))
    scored = {"empty": {"images": "scored/images", "masks": "scored/masks"}}
    with pytest.raises(ConfigError, match=r"scored\.empty: none of 10 photographs shows a target"):
        plan(own, scored=scored)


def test_labels_alone_are_a_place_for_pixels(pictures):
    scored = {"a": {"images": "scored/images", "labels": "scored/labels.csv"}}
    found = plan(pictures, scored=scored).places
    assert [(place.key, place.kind) for place in found] == [("a", "labels")]


def test_masks_and_boxes_are_two_places_for_pixels_and_one_for_labels(pictures):
    both = {"a": {"images": "scored/images", "masks": "scored/masks", "boxes": "scored/boxes.json"}}
    assert [(p.key, p.kind) for p in plan(pictures, scored=both).places] == [
        ("a-masks", "pixels"),
        ("a-boxes", "boxes"),
    ]
    classifier = {"task": "classification", "encoder": "resnet10t", "batch_size": 4}
    assert [(p.key, p.kind) for p in plan(pictures, scored=both, training=classifier).places] == [("a", "labels")]


@pytest.mark.parametrize("turned", [lambda image: image, lambda image: image[:, ::-1]], ids=["as it is", "mirrored"])
def test_a_photograph_both_learnt_from_and_scored_is_refused(own, turned):
    image = cv2.imread(str(own / "scored/images/cam1.04.png"))
    cv2.imwrite(str(own / "real/images/cam2.02.png"), np.ascontiguousarray(turned(image)))
    with pytest.raises(ConfigError) as error:
        plan(own)
    (line,) = str(error.value).splitlines()
    assert "real/images/cam2.02.png and" in line and "scored/images/cam1.04.png show the same" in line
