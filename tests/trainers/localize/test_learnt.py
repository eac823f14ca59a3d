"""Localizers that learnt from labels are opened from what training left, and know one thing."""

import json

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from sample_factory import write_dataset
from synthgen.core.errors import TrainingError
from trainers.config.classification import ClassificationConfig
from trainers.config.localizer import LocalizerConfig
from trainers.config.operating_point import OperatingPoint
from trainers.learn.checkpoint import load_model, store_point
from trainers.learn.fit import fit
from trainers.localize.asking import asked
from trainers.localize.localizer import Localizer
from trainers.localize.opened import open_localizer
from two_classes import SIZE, of_two_classes, parted_clip

BOTH = pytest.mark.parametrize("method", ["ts_cam", "lctr"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("learnt")


@pytest.fixture(scope="module")
def models(folder):
    clip, data = parted_clip(folder / "tiny"), {"train-00000.parquet": of_two_classes(8)}
    dataset = write_dataset(folder / "d", data)
    for network in ("ts_cam", "lctr", "clip_linear"):
        config = ClassificationConfig(network=network, clip=clip, epochs=1, batch_size=4, augment=False, prompt="disc")
        fit(config, dataset, folder / network, progress=False)
    return folder


def opened(models, method, **fields):
    return open_localizer(LocalizerConfig(method=method, model=str(models / method), **fields))


def pixels(size=SIZE):
    return torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(1))


@BOTH
def test_its_map_is_that_of_the_model(models, method):
    localizer, network = opened(models, method), load_model(models / method).network
    assert isinstance(localizer, Localizer) and localizer.title == method and localizer.size == SIZE
    assert localizer.positive == (method == "lctr")
    found = localizer.relevance(pixels(), ["disc"])
    torch.testing.assert_close(found[:, 0], network.judged_and_weighed(pixels())[1])
    assert found.shape == (2, 1, 4, 4)


@BOTH
def test_it_needs_no_prompt_and_takes_its_own(models, method):
    localizer = opened(models, method)
    torch.testing.assert_close(localizer.relevance(pixels(), ()), localizer.relevance(pixels(), ["disc"]))
    images = [np.zeros((40, 50, 3), np.uint8), np.full((20, 20, 3), 200, np.uint8)]
    one, other = (list(asked(localizer, images, [prompts] * 2, 2)) for prompts in ((), ("disc",)))
    np.testing.assert_array_equal(one, other)


def test_every_prompt_means_its_target(models):
    one, two = opened(models, "ts_cam").relevance(pixels(), ["disc", "cup"]).unbind(1)
    torch.testing.assert_close(one, two)


@BOTH
def test_pictures_may_have_another_size_than_in_training(models, method):
    localizer = opened(models, method, size=(48, 32))
    assert localizer.size == (48, 32) and localizer.relevance(pixels((48, 32)), ()).shape == (2, 1, 6, 4)
    with pytest.raises(TrainingError, match="pictures are 36×32, and its patches have 8 pixels a side"):
        opened(models, method, size=(36, 32))


@BOTH
def test_what_decides_its_maps_is_told_by_content(models, method, tmp_path):
    before = opened(models, method).params
    assert str(models) not in json.dumps(before) and set(before) == {"clip", "head"}
    store_point(models / method, OperatingPoint(threshold=0.3))  # which decides labels, and no map
    assert opened(models, method).params == before
    assert opened(models, "lctr").params != opened(models, "ts_cam").params


@pytest.mark.parametrize(
    ("method", "model", "complaint"),
    [
        (
            "ts_cam",
            "lctr",
            "lctr: is lctr, not ts_cam; give a model of `synthgen train --task classification --network",
        ),
        ("lctr", "clip_linear", "is clip_linear, not lctr"),
        ("lctr", "nothing", "cannot be read: No such file or directory; give a model made by `synthgen train`"),
    ],
)
def test_what_is_no_such_model_is_refused(models, method, model, complaint):
    with pytest.raises(TrainingError, match=complaint):
        open_localizer(LocalizerConfig(method=method, model=str(models / model)))


def test_a_method_that_learns_needs_a_model_and_others_need_prompts():
    with pytest.raises(ValidationError, match="lctr cannot stand on nothing; give a model"):
        LocalizerConfig(method="lctr")
    with pytest.raises(ValidationError, match="centre looks for what prompts name; give at least one"):
        LocalizerConfig(method="centre")


def test_a_model_lies_beside_the_file_that_names_it(models):
    values = {"method": "ts_cam", "model": "ts_cam"}
    config = LocalizerConfig.model_validate(values, context={"base": models})
    assert config.model == models / "ts_cam" and open_localizer(config).title == "ts_cam"
