"""Golden scenes: no change of the code may change a pixel or a label of anybody's dataset unnoticed."""

import importlib.util
import json
from pathlib import Path

import cv2
import numpy as np
import pytest


def module(name):
    spec = importlib.util.spec_from_file_location(f"golden_{name}", Path(__file__).parent / f"golden/{name}.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


golden, sequence = module("scenes"), module("sequence")
NAMES = list(golden.recipes())


@pytest.fixture(scope="module")
def made():
    return dict(golden.samples())


def test_there_are_forty_eight_scenes_and_each_has_a_target(made):
    assert len(made) == 48
    assert all(sample.instances for sample in made.values())


@pytest.mark.parametrize("name", NAMES)
def test_labels_and_scene_are_the_golden_ones(made, name):
    assert golden.labels_hash(made[name]) == json.loads(golden.FACTS.read_text())[name]


@pytest.mark.parametrize("name", NAMES)
def test_pixels_are_the_golden_ones(made, name):
    """Within two codes: processors differ in the last bit of a floating-point filter."""
    tile = stored(golden.SHEET, NAMES.index(name))
    assert np.abs(tile.astype(int) - made[name].image).max() <= 2


def test_the_frames_of_a_sequence_are_the_golden_ones():
    facts = json.loads(sequence.FACTS.read_text())
    for number, (name, sample) in enumerate(sequence.samples()):
        assert sequence.labels_hash(sample) == facts[name]
        assert np.abs(stored(sequence.SHEET, number).astype(int) - sample.image).max() <= 2


def stored(sheet, number):
    """The picture of that number on a sheet."""
    row, column = divmod(number, golden.COLUMNS)
    height, width = golden.SIZE
    pictures = cv2.cvtColor(cv2.imread(str(sheet)), cv2.COLOR_BGR2RGB)
    return pictures[row * height : (row + 1) * height, column * width : (column + 1) * width]
