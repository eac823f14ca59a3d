"""A model that goes by the pictures it is scored on; the one it was made of stays as it is."""

import numpy as np
import pytest
import torch

from synthgen.core.errors import DatasetError, TrainingError
from synthgen.core.picture import DecodedPicture
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.checkpoint import DataSource, Origin, TrainedModel
from trainers.models.registry import build_network
from trainers.score.adapted import adapted, check_adaptable

SIZE = (32, 48)
ORIGIN = Origin(
    sources=(DataSource(manifest_sha256="", fingerprint="", samples={}, categories=(), licences={}),),
    weights="none",
    watched=None,
)


def model(**options):
    config = SegmentationConfig(network="plain_unet", width=2, **options)
    torch.manual_seed(0)
    return TrainedModel(build_network(config).eval(), config, SIZE, ORIGIN)


def pictures(count, *, dark=1):
    rng = np.random.default_rng(3)
    return [
        DecodedPicture(str(number), "", rng.integers(0, 256 // dark, (40, 48, 3), dtype=np.uint8))
        for number in range(count)
    ]


def means(trained):
    return {name: value.clone() for name, value in trained.network.state_dict().items() if name.endswith("mean")}


def test_statistics_follow_the_pictures_and_the_given_model_stays():
    trained = model()
    before = {name: value.clone() for name, value in trained.network.state_dict().items()}
    bright, dark = adapted(trained, pictures(5)), adapted(trained, pictures(5, dark=4))
    assert all(torch.equal(value, before[name]) for name, value in trained.network.state_dict().items())
    assert (means(bright)["down.0.1.running_mean"] != means(dark)["down.0.1.running_mean"]).all()
    assert not any(module.training for module in bright.network.modules())
    again = adapted(trained, pictures(5))
    assert all(torch.equal(value, means(again)[name]) for name, value in means(bright).items())


def test_the_pictures_are_seen_as_they_are_when_they_are_scored():
    stretched, boxed = (means(adapted(model(), pictures(4), fit)) for fit in ("stretch", "letterbox"))
    assert any(not torch.equal(value, boxed[name]) for name, value in stretched.items())


@pytest.mark.parametrize("count", [2, 32, 33, 65])
def test_no_picture_is_left_alone_in_a_batch(count, monkeypatch):
    seen = []
    monkeypatch.setattr(TrainedModel, "outputs", lambda self, images: seen.append(len(images)))
    adapted(model(), pictures(count))
    assert sum(seen) == count and min(seen) > 1


def test_what_cannot_be_estimated_is_refused():
    with pytest.raises(TrainingError, match="has no batch norm whose statistics could be estimated; leave --adapt out"):
        check_adaptable(model(batch_norm=False))
    with pytest.raises(DatasetError, match="cannot be estimated on 1 picture; give two or more"):
        adapted(model(), pictures(1))
