"""The user's own albumentations pipeline: seeded by the scene, labels in step."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import albumentations
import numpy as np
import pytest

from synthgen.assets.cast import Cast
from synthgen.assets.splits import SplitShares
from synthgen.core.errors import ConfigError
from synthgen.ops.augmentation import Augmentation
from synthgen.render.compositor import render_scene
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Scene
from synthgen.shards.codec import ImageCodec, encode_row
from synthgen.shards.rowcheck import check_row
from tiny_assets import tiny_library

SIZE = (96, 128)


def pipeline(*transforms):
    return json.loads(json.dumps(albumentations.to_dict(albumentations.Compose(list(transforms)))))


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    catalog, library = tiny_library(tmp_path_factory.mktemp("assets"))
    return Cast.of(catalog, "train", SplitShares()), library


def rendered(assets, augment, index=0):
    recipe = Recipe.model_validate({"negatives": 0, "min_visibility": 0, "augment": augment})
    scene = plan_scene(recipe, assets[0], size=SIZE, seed=2, index=index)
    return scene, render_scene(scene, assets[1])


def test_a_photometric_pipeline_changes_the_picture_alone(assets):
    scene, sample = rendered(assets, pipeline(albumentations.InvertImg(p=1.0)))
    plain = render_scene(replace(scene, augmentation=None), assets[1])
    assert np.array_equal(sample.image, 255 - plain.image)
    assert np.array_equal(sample.mask, plain.mask) and sample.instances == plain.instances


def test_a_mirror_takes_the_labels_along(assets):
    for index in range(6):
        scene, sample = rendered(assets, pipeline(albumentations.HorizontalFlip(p=1.0)), index)
        plain = render_scene(replace(scene, augmentation=None), assets[1])
        assert np.array_equal(sample.image, plain.image[:, ::-1])
        assert np.array_equal(sample.mask > 0, plain.mask[:, ::-1] > 0)
        for instance in sample.instances:
            assert instance.truncation == 0  # what was beyond the frame is forgotten


def test_moved_labels_pass_the_row_check(assets):
    augment = pipeline(albumentations.Affine(rotate=(-40, 40), translate_percent=(-0.3, 0.3), p=1.0))
    for index in range(12):
        _, sample = rendered(assets, augment, index)
        assert list(check_row(encode_row(sample, ImageCodec(codec="png")), SIZE, {"handgun"})) == []


def test_random_pipelines_repeat_from_the_stored_scene(assets):
    augment = pipeline(albumentations.Rotate(limit=30, p=0.9), albumentations.RandomBrightnessContrast(p=0.9))
    seen = set()
    for index in range(5):
        scene, sample = rendered(assets, augment, index)
        again = render_scene(Scene.from_json(scene.to_json()), assets[1])
        assert np.array_equal(sample.image, again.image) and np.array_equal(sample.mask, again.mask)
        seen.add(scene.augmentation.seed)
    assert len(seen) == 5


def test_a_pipeline_that_changes_the_size_is_refused():
    augmentation = Augmentation(json.dumps(pipeline(albumentations.Resize(10, 10, p=1.0))), 0)
    with pytest.raises(ConfigError, match="leave size and type as they are"):
        augmentation.apply(np.zeros((20, 30, 3), np.uint8), [])


def test_eight_threads_draw_what_one_thread_draws():
    """albumentations keeps its draws in the pipeline: a shared one is seeded by one thread, then run by another."""
    text = json.dumps(pipeline(albumentations.Rotate(limit=90, p=0.9), albumentations.RandomBrightnessContrast(p=0.9)))
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)

    def run(seed):
        changed, (mask,) = Augmentation(text, seed).apply(image, [image[:, :, 0] > 99])
        return changed.tobytes() + mask.tobytes()

    alone = [run(seed) for seed in range(60)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(run, range(60))) == alone
    assert len(set(alone)) > 40
