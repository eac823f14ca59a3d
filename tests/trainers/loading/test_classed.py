"""Masks of classes: which class each pixel shows, wherever it is moved, and nothing of what is dropped."""

import albumentations
import numpy as np
import pytest

from classed import CATEGORIES, class_numbers, classed_dataset, classed_sample
from synthgen.core.errors import TrainingError
from synthgen.core.picture import Boxes, Truth
from trainers.config.classes import ClassesConfig
from trainers.config.crop import Crop
from trainers.loading.classed import class_mask, knows_classes, of_classes
from trainers.loading.loader import SampleLoader, ShardLoader
from trainers.loading.memory import BatchMemory
from trainers.loading.targets import Masked
from trainers.loading.transform import RowAugmentation

ALL = ClassesConfig(classes=CATEGORIES)
MERGED = ClassesConfig(classes=("warm", "blue"), class_map={"red": "warm", "green": "warm"})
DROPPED = ClassesConfig(classes=("red", "blue"), class_map={"green": None})
FLIP = albumentations.Compose([albumentations.HorizontalFlip(p=0.5)]).to_dict()


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return classed_dataset(tmp_path_factory.mktemp("d") / "d", {"train": 9})


def masks(dataset, classes, **options):
    loader = ShardLoader(dataset, "train", collate=Masked(classes), batch_size=9, seed=0, shuffle=False, **options)
    (batch,) = loader
    return batch


@pytest.mark.parametrize(
    ("classes", "numbers"),
    [(ALL, (0, 1, 2, 3)), (MERGED, (0, 1, 1, 2)), (DROPPED, (0, 1, 0, 2))],
    ids=["as they are", "merged", "dropped"],
)
def test_a_pixel_has_the_number_of_its_class(dataset, classes, numbers):
    found = masks(dataset, classes).targets.masks
    for index in range(9):
        own = class_numbers(classed_sample(index, discs=0 if index % 4 == 3 else 2))
        np.testing.assert_array_equal(found[index], np.array(numbers, np.uint8)[own])


def test_samples_that_are_made_when_asked_for_tell_the_same(dataset):
    samples = [classed_sample(index, discs=0 if index % 4 == 3 else 2) for index in range(9)]
    (made,) = SampleLoader(samples, collate=Masked(ALL), batch_size=9, seed=0, shuffle=False)
    np.testing.assert_array_equal(made.targets.masks, masks(dataset, ALL).targets.masks)


def test_classes_follow_pixels_through_crops_and_augmentations(dataset):
    """Each class has its own colour, so the moved picture tells what its mask must be."""
    moved = masks(
        dataset,
        ALL,
        crop=Crop(scale={"min": 0.3, "max": 0.9}, ratio={"min": 1, "max": 1}),
        transforms=(RowAugmentation(FLIP, seed=0),),
    )
    image = moved.images.astype(int)
    strongest, spread = image.argmax(axis=-1) + 1, image.max(axis=-1) - image.min(axis=-1)
    sure = spread > 120  # away from edges, where colours mix
    assert sure.sum() > 500
    assert (moved.targets.masks[sure] == strongest[sure]).mean() > 0.99


def test_positives_are_the_pictures_of_a_class_that_is_learnt(dataset):
    options = {"batch_size": 8, "seed": 0, "shuffle": True, "positive_share": 0.5}
    for classes in (ALL, ClassesConfig(classes=("blue",))):
        for batch in ShardLoader(dataset, "train", collate=Masked(classes), **options):
            shown = batch.targets.masks.any(axis=(1, 2))
            assert abs(shown.sum() - len(shown) / 2) <= 1


def test_a_mask_without_names_is_refused_unless_there_is_but_one_class():
    bare = Truth(mask=np.eye(4, dtype=np.uint8))
    assert class_mask(bare, ClassesConfig(classes=("red",))).max() == 1
    assert not class_mask(Truth(mask=np.zeros((4, 4), np.uint8)), ALL).any()
    assert not knows_classes(bare, ALL) and not knows_classes(bare, ClassesConfig())
    with pytest.raises(TrainingError, match="a mask does not say which of red, green, blue its pixels show"):
        class_mask(bare, ALL)


def test_what_is_of_no_class_is_no_target():
    mask = np.array([[1, 2], [0, 3]], np.uint8)
    boxes = Boxes.of(np.tile([0, 0, 1, 1], (3, 1)), ("red", "green", "blue"), numbers=(1, 2, 3))
    found = of_classes(Truth(mask=mask, boxes=boxes), DROPPED)
    assert found.mask.tolist() == [[1, 0], [0, 3]] and found.boxes.categories == ("red", "blue")
    assert of_classes(Truth(mask=mask, boxes=boxes), ClassesConfig()).mask is mask


def test_boxes_of_no_class_are_left_out_of_a_batch():
    collate = Masked(DROPPED)
    targets = collate.room(3, (8, 8), BatchMemory())
    kinds = (("red", "green"), ("green",), ())
    for place, categories in enumerate(kinds):
        collate.put(targets, place, Truth(boxes=Boxes.of([[0, 0, 4, 4]] * len(categories), categories)))
    assert {place: boxes.categories for place, boxes in targets.boxes.items()} == {0: ("red",)}
    assert not targets.somewhere and not targets.masks.any()
