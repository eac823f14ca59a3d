"""`synthgen train`: a few options, and --set for every other field of the config models."""

import inspect
import typing

import pytest

from synthgen.core.errors import ConfigError
from trainers.commands.evaluate import evaluate
from trainers.commands.train import train, training_of
from trainers.config.classification import ClassificationConfig
from trainers.config.evaluation import EvaluationConfig
from trainers.config.inspection import Inspection
from trainers.config.judging import JudgingConfig
from trainers.config.segmentation import SegmentationConfig

PHOTOGRAPHS = {"images", "masks", "boxes", "labels", "pseudo_masks", "share", "fit"}  # of train: one field of them all
OWN = {
    "dataset",
    "output",
    "set_",
    "resume",
    "model",
    "choose",
    "domain",
    "localizer",
}  # of the command, not of the config


def options_of(command):
    """Type and help of each option that stands for a field of a config."""
    hints = typing.get_type_hints(command, include_extras=True)
    names = [name for name in inspect.signature(command).parameters if name not in OWN]
    return {name: (typing.get_args(hints[name])[0], typing.get_args(hints[name])[1]) for name in names}


def plain(annotation):
    """The type that a command line gives for a field."""
    if typing.get_origin(annotation) is typing.Literal:
        return str
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return plain(typing.get_args(annotation)[0])
    kinds = [plain(part) for part in typing.get_args(annotation) if part is not type(None)]
    return kinds[0] if kinds else annotation


@pytest.mark.parametrize(
    ("command", "models"), [(train, [SegmentationConfig]), (evaluate, [EvaluationConfig, Inspection, JudgingConfig])]
)
def test_options_agree_with_the_config_models(command, models):
    fields = {name: field for model in models for name, field in model.model_fields.items()}
    for name, (kind, option) in options_of(command).items():
        if command is train and name in PHOTOGRAPHS:
            continue
        field = fields[name]
        assert plain(kind) is plain(field.annotation), name
        assert inspect.signature(command).parameters[name].default is None, name
        if field.default not in (None, False, ""):
            assert option.show_default == str(field.default), name


def test_options_and_overrides_make_one_training():
    config = training_of({"network": "plain_unet", "epochs": 5}, ["ema=0.9", "augment=[{RandomHorizontalFlip: {}}]"])
    assert isinstance(config, SegmentationConfig)
    assert (config.network, config.epochs, config.ema) == ("plain_unet", 5, 0.9)
    assert config.augment == ({"RandomHorizontalFlip": {}},)


def test_a_task_picks_its_config():
    assert isinstance(training_of({"task": "classification", "encoder": "resnet18"}, ()), ClassificationConfig)
    assert isinstance(training_of({}, ["task=classification"]), ClassificationConfig)


@pytest.mark.parametrize(
    ("options", "overrides", "complaint"),
    [
        ({}, ["epoch=3"], "training: epoch: unknown key"),
        ({"epochs": 0}, [], "training: epochs: Input should be greater than or equal to 1"),
        ({"epochs": 3}, ["epochs=4"], "--set epochs=4: --epochs is given, too; give one of them"),
        (
            {"task": "classification", "network": "unet"},
            [],
            "training: network: unknown network 'unet'; choose one of: timm",
        ),
        ({"task": "poetry"}, [], "unknown task 'poetry'; choose one of: "),
        ({}, ["name=../../x"], "training: name: '../../x' cannot be the name of a folder"),
        ({}, ["ema"], "--set ema: expected key=value"),
    ],
)
def test_what_is_wrong_is_one_line(options, overrides, complaint):
    with pytest.raises(ConfigError) as error:
        training_of(options, overrides)
    assert complaint in str(error.value) and "\n" not in str(error.value)
