"""Golden scenes: no change of the code may change a pixel or a label of anybody's dataset unnoticed."""

import importlib.util
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

SPEC = importlib.util.spec_from_file_location("golden_scenes", Path(__file__).parent / "golden/scenes.py")
golden = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(golden)
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
    row, column = divmod(NAMES.index(name), golden.COLUMNS)
    height, width = golden.SIZE
    stored = cv2.cvtColor(cv2.imread(str(golden.SHEET)), cv2.COLOR_BGR2RGB)
    tile = stored[row * height : (row + 1) * height, column * width : (column + 1) * width]
    assert np.abs(tile.astype(int) - made[name].image).max() <= 2
