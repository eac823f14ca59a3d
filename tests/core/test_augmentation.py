"""The reader of albumentations pipelines: loaded late, strict about what it is given."""

import json
import subprocess
import sys

import albumentations
import numpy as np
import pytest

from synthgen.core.augmentation import Pipeline
from synthgen.core.errors import ConfigError

IMPORTS = """
import sys
import synthgen.core.augmentation, synthgen.ops.augmentation
from synthgen.scene.recipe import Recipe
Recipe.model_validate({"camera": {"preset": "webcam"}})
assert "albumentations" not in sys.modules
"""


def text(transform):
    return json.dumps(albumentations.to_dict(transform))


def test_albumentations_is_loaded_only_for_a_pipeline():
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("pipeline", "complaint"),
    [
        ("{}", "here: albumentations cannot read it"),
        (text(albumentations.HorizontalFlip()), "here: found HorizontalFlip; wrap it in an albumentations Compose"),
    ],
)
def test_what_is_no_pipeline_is_refused_with_the_setting_that_holds_it(pipeline, complaint):
    with pytest.raises(ConfigError, match=complaint):
        Pipeline(pipeline, "here").check()


def test_labels_move_with_the_picture():
    image = np.arange(192, dtype=np.uint8).reshape(8, 8, 3)
    flip = Pipeline(text(albumentations.Compose([albumentations.HorizontalFlip(p=1.0)])), "here")
    done = flip.run(0, image, mask=image[:, :, 0], masks=[image[:, :, 1]])
    assert np.array_equal(done["image"], image[:, ::-1])
    assert np.array_equal(done["mask"], image[:, ::-1, 0]) and np.array_equal(done["masks"][0], image[:, ::-1, 1])


@pytest.mark.parametrize("transform", [albumentations.CenterCrop(4, 4), albumentations.ToFloat(max_value=255)])
def test_size_and_type_of_the_picture_stay(transform):
    changed = Pipeline(text(albumentations.Compose([transform])), "here")
    with pytest.raises(ConfigError, match=r"here: turned a picture of \(8, 8, 3\), uint8, into .* leave size and type"):
        changed.run(0, np.zeros((8, 8, 3), np.uint8))
