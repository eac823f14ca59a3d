"""Names of runs: short, stable, safe as files' names, and never one name for two choices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainers.config.file_name import file_name
from trainers.study.naming import differences, name_of

NUMBERS = st.integers(2, 9) | st.floats(2, 1e6)
VALUES = st.booleans() | NUMBERS | st.text(max_size=6) | st.lists(st.integers(2, 9), max_size=2)


@pytest.mark.parametrize(
    ("family", "chosen", "name"),
    [
        ("plain_unet", {}, "plain_unet"),
        ("plain_unet", {"loss": "bce", "batch_norm": False, "width": 8}, "plain_unet-f8-nobn-bce"),
        ("unet-mobilenet_v2", {"network": "unet", "encoder": "mobilenet_v2"}, "unet-mobilenet_v2"),
        ("unet-mobilenet_v2", {"weights": "w-1a2b3c4d"}, "unet-mobilenet_v2-w-1a2b3c4d"),
        ("plain_unet", {"encoder": "densenet121"}, "plain_unet-densenet121"),
        ("unet", {"learning_rate": 3e-4, "patience": 5, "augment": True}, "unet-lr0.0003-augment-patience5"),
        ("unet", {"device": "cpu", "schedule": "cosine"}, "unet-cosine-device_cpu"),
        ("unet", {"samples": 300, "budget": 4.0}, "unet-n300-b4"),
        ("unet", {"budget": 1.0000001}, "unet-b1.0000001"),
    ],
)
def test_a_name_tells_what_was_chosen(family, chosen, name):
    assert name_of("", family, chosen) == name


def test_a_prefix_stands_first():
    assert name_of("equal", "plain_unet", {"width": 4}) == "equal-plain_unet-f4"


@given(st.dictionaries(st.text("abcxyz_", min_size=1, max_size=8), VALUES, max_size=4))
def test_every_name_is_safe_as_a_files_name(chosen):
    assert file_name(name_of("", "unet-hub/../x", chosen))


@given(VALUES, VALUES)
def test_other_values_have_other_names(one, other):
    names = {name_of("", "unet", {"field": value}) for value in (one, other)}
    assert len(names) == (2 if differences({"v": one}, {"v": other}) else 1)


def test_a_long_name_is_cut_and_stays_distinct():
    names = [name_of("", "unet", {f"field{n}": "x" * 30 for n in range(9)} | {"last": end}) for end in ("a", "b")]
    assert len(set(names)) == 2 and max(map(len, names)) <= 120


def test_lists_and_tuples_are_no_difference():
    assert differences({"augment": [1, 2], "loss": "bce"}, {"augment": (1, 2), "loss": "dice"}) == {"loss": "bce"}
