"""A studio: one object that plans and renders any sample, the same wherever it is asked."""

import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from pydantic import ValidationError
from rich.console import Console

from samples_suite import SamplesSuite
from synthgen.core.errors import AssetError, ConfigError
from synthgen.engine import GenerationConfig, generate
from synthgen.shards.codec import decode_mask, pixel_hash
from synthgen.shards.reader import ShardDataset
from synthgen.shards.samples import ShardSamples
from synthgen.studio import Studio, StudioConfig
from tiny_assets import write_tiny_assets

RECIPE = {"blend": {"modes": ["feather", "poisson"]}, "camera": {"preset": "cctv-day"}}


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    assets = write_tiny_assets(tmp_path_factory.mktemp("assets"), foregrounds=20, backgrounds=20)
    return {"assets": assets.model_dump(), "size": (64, 96), "samples": {"train": 6, "test": 3}, "recipe": RECIPE}


@pytest.fixture(scope="module")
def studio(values, tmp_path_factory):
    return Studio.open(StudioConfig.model_validate(values), tmp_path_factory.mktemp("cache"))


class TestStudioSamples(SamplesSuite):
    @pytest.fixture
    def samples(self, studio):
        return studio.samples("train")


def test_its_samples_are_those_of_the_shards(values, studio, tmp_path):
    config = GenerationConfig.model_validate({**values, "output": {"path": "unused"}, "engine": {"workers": 1}})
    generate(config, tmp_path / "dataset", console=Console(quiet=True))
    stored = ShardDataset.open(tmp_path / "dataset")
    for split in ("train", "test"):
        samples = studio.samples(split)
        assert len(samples) == stored.count(split) > 0
        for sample, row in zip(samples, stored.rows(split), strict=True):
            assert pixel_hash(sample.image) == row["pixel_hash"]
            assert np.array_equal(sample.mask, decode_mask(row["mask"]["bytes"]))
        for made, read in zip(samples, ShardSamples(stored, split), strict=True):
            assert (made.name, made.group, made.size) == (read.name, read.group, read.size)
            assert made.truth.label == read.truth.label
            assert np.array_equal(made.truth.boxes.xyxy, read.truth.boxes.xyxy)
            assert made.truth.boxes.categories == read.truth.boxes.categories
            assert np.array_equal(made.truth.ignore, read.truth.ignore)


def test_a_sample_is_its_scene_rendered(studio):
    scene = studio.scene("train", 4)
    assert (scene.split, scene.index) == ("train", 4)
    assert np.array_equal(studio.render(scene).image, studio.sample("train", 4).image)


def test_a_studio_that_was_sent_elsewhere_makes_the_same_samples(studio):
    data = pickle.dumps(studio)
    assert len(data) < 100_000, "the decoded assets stay in their file"
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(_pixels, data).result()
    assert np.array_equal(there, studio.sample("test", 2).image)


def _pixels(data):
    return pickle.loads(data).sample("test", 2).image


def test_a_split_is_a_sequence(studio):
    samples = studio.samples("test")
    assert [sample.index for sample in samples] == [0, 1, 2]
    assert [sample.index for sample in samples[1:]] == [1, 2]
    with pytest.raises(IndexError, match="sample 3 of 3"):
        samples[3]


def test_a_sample_tells_its_label_without_being_rendered(studio, monkeypatch):
    samples = studio.samples("train")
    rendered = [sample.label for sample in samples]
    monkeypatch.setattr(type(studio), "render", None)
    planned = [samples.label(index) for index in range(len(samples))]
    assert all(plan >= label for plan, label in zip(planned, rendered, strict=True))  # what is planned may be hidden


def test_a_split_without_samples_is_named(studio):
    assert len(studio.samples("val")) == 0
    with pytest.raises(ConfigError, match=r"samples\.val is 0"):
        studio.scene("val", 0)


def test_a_split_without_assets_is_named(values, tmp_path):
    assets = {**values["assets"], "splits": {"train": 1.0, "val": 0.0, "test": 0.0}}
    with pytest.raises(AssetError, match="split 'test' has no target cutout"):
        Studio.open(StudioConfig.model_validate({**values, "assets": assets}), tmp_path)


@pytest.mark.parametrize("change", [{"samples": {"train": 10**13}}, {"samples": {}}, {"size": (8, 64)}, {"seed": -1}])
def test_what_no_studio_can_make_is_refused(values, change):
    with pytest.raises(ValidationError):
        StudioConfig.model_validate({**values, **change})


def test_a_shard_holds_a_million_rows_at_most(values):
    with pytest.raises(ValidationError, match="shard_rows"):
        GenerationConfig.model_validate({**values, "output": {"path": "unused", "shard_rows": 10**7}})
