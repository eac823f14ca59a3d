"""Classes of a training: one for all targets, the dataset's categories, or a list of names."""

import pytest
from pydantic import ValidationError

from synthgen.core.errors import ConfigError
from trainers.config.classes import ClassesConfig

CATEGORIES = ("pistol", "revolver", "rifle")


def test_all_targets_are_one_class_without_a_name_by_default():
    one = ClassesConfig().with_categories(CATEGORIES)
    assert (one.names, one.outputs, one.number_of("rifle"), one.number_of("anything")) == ((), 1, 0, 0)


def test_categories_become_classes_in_the_datasets_order():
    found = ClassesConfig(classes="categories").with_categories(CATEGORIES)
    assert found.classes == CATEGORIES
    assert [found.number_of(name) for name in (*CATEGORIES, "knife")] == [0, 1, 2, None]


def test_a_map_renames_merges_and_drops():
    changes = {"pistol": "handgun", "revolver": "handgun", "rifle": None}
    found = ClassesConfig(classes="categories", class_map=changes).with_categories(CATEGORIES)
    assert found.names == ("handgun",)
    assert [found.number_of(name) for name in CATEGORIES] == [0, 0, None]


def test_named_classes_keep_their_order_and_need_no_dataset():
    found = ClassesConfig(classes=("rifle", "pistol")).with_categories(CATEGORIES)
    assert [found.number_of(name) for name in CATEGORIES] == [1, None, 0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"sword": "knife"}, "no category 'sword'"), (dict.fromkeys(CATEGORIES), "every category is dropped")],
)
def test_a_map_that_fits_no_category_is_refused(changes, said):
    with pytest.raises(ConfigError, match=said):
        ClassesConfig(classes="categories", class_map=changes).with_categories(CATEGORIES)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"classes": ("a", "a")}, "twice"),
        ({"classes": ()}, "classes"),
        ({"classes": "each"}, "classes"),
        ({"class_map": {"a": "b"}}, "goes with classes: categories"),
    ],
)
def test_contradictions_are_refused(values, said):
    with pytest.raises(ValidationError, match=said):
        ClassesConfig.model_validate(values)
