"""What a training is told of fine-tuning: what follows from weights, and what does not go together."""

from pathlib import Path

import pytest

from synthgen.core.errors import ConfigError
from synthgen.core.paths import FromCommandLine
from synthgen.core.yaml_file import validated
from trainers.config.classification import ClassificationConfig
from trainers.config.loop import PRETRAINED_RATE
from trainers.config.segmentation import SegmentationConfig


@pytest.mark.parametrize(
    ("options", "rate", "frozen"),
    [
        ({}, 1.0, False),
        ({"weights": "imagenet"}, PRETRAINED_RATE, True),
        ({"weights": "imagenet", "encoder_rate": 0.5, "freeze_batch_norm": False}, 0.5, False),
        ({"encoder_rate": 0.5, "freeze_batch_norm": True}, 0.5, True),
        ({"weights": "imagenet", "network": "plain_unet"}, 1.0, False),
    ],
    ids=str,
)
def test_an_encoder_that_begins_with_weights_learns_slowly_and_keeps_its_statistics(options, rate, frozen):
    decided = SegmentationConfig(**options).decided()
    assert (decided.encoder_rate, decided.freeze_batch_norm) == (rate, frozen)
    assert decided.decided() == decided == SegmentationConfig.model_validate_json(decided.model_dump_json())


@pytest.mark.parametrize("field", ["weights", "finetune"])
def test_files_are_relative_to_where_they_were_written(field, tmp_path, monkeypatch):
    for folder in ("here", "beside-the-file"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "own.pth").touch()
    monkeypatch.chdir(tmp_path / "here")
    for value, folder in (("own.pth", "beside-the-file"), (FromCommandLine("own.pth"), "here")):
        config = validated(SegmentationConfig, {field: value}, "experiment", base=tmp_path / "beside-the-file")
        assert getattr(config, field) == str(tmp_path / folder / "own.pth")


def test_a_classifiers_encoder_does_so_too():
    assert ClassificationConfig(weights="imagenet").decided().encoder_rate == PRETRAINED_RATE


@pytest.mark.parametrize(
    ("model", "values", "complaint"),
    [
        (SegmentationConfig, {"encoder_rate": 0}, "encoder_rate: Input should be greater than 0"),
        (SegmentationConfig, {"head_first": 1}, "head_first: Input should be less than 1"),
        (SegmentationConfig, {"head_first": 0.1, "freeze_encoder": True}, "head_first goes without freeze_encoder"),
        (SegmentationConfig, {"head_first": 0.1, "devices": 2}, "head_first goes with one device"),
        (
            SegmentationConfig,
            {"head_first": 0.1, "network": "transfer"},
            "head_first does not go with network transfer",
        ),
        (SegmentationConfig, {"head_first": 0.1, "network": "plain_unet"}, "plain_unet, which has no encoder"),
        (SegmentationConfig, {"warmup": 0.1}, "warmup goes with schedule cosine or poly, and this one is onecycle"),
        (SegmentationConfig, {"rate_floor": 0.1, "schedule": "poly"}, "rate_floor goes with schedule cosine, and this"),
        (SegmentationConfig, {"weight_decay": -1}, "weight_decay: Input should be greater than or equal to 0"),
        (SegmentationConfig, {"steps": -1}, "steps: Input should be greater than or equal to 0"),
        (SegmentationConfig, {"size": [0, 64]}, "size.0: Input should be greater than or equal to 1"),
        (SegmentationConfig, {"crop": {"scale": {"min": 0, "max": 1}}}, "0.0–1.0 is not within 0–1, 0 excluded"),
        (SegmentationConfig, {"crop": {"ratio": {"min": 0, "max": 1}}}, "0.0–1.0 is not within 0.1–10"),
        (SegmentationConfig, {"crop": {"probability": 0}}, "crop.probability: Input should be greater than 0"),
        (SegmentationConfig, {"precision": "bf16"}, "precision: Input should be 'auto', '32-true'"),
        (ClassificationConfig, {"crop": {}}, "crop does not go with classification"),
    ],
    ids=str,
)
def test_what_is_wrong_is_one_line(model, values, complaint):
    with pytest.raises(ConfigError) as error:
        validated(model, values, "training", base=Path())
    assert complaint in str(error.value) and "\n" not in str(error.value)
