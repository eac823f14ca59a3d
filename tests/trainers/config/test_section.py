"""The section `training`: each entry of the task that it names; wrong ones are named by their place."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from trainers.config.classification import ClassificationConfig
from trainers.config.registry import CONFIGS, LOSSES, NETWORKS
from trainers.config.section import TrainingSection, training_config
from trainers.config.segmentation import SegmentationConfig
from trainers.task import TASKS


def test_an_entry_without_a_task_is_segmentation():
    first, second = TrainingSection.model_validate([{"epochs": 2}, {"task": "classification"}]).root
    assert isinstance(first, SegmentationConfig) and first.epochs == 2
    assert isinstance(second, ClassificationConfig)


@pytest.mark.parametrize(
    ("entry", "place", "complaint"),
    [
        ({"epochs": "many"}, (1, "epochs"), "valid integer"),
        ({"task": "poetry"}, (1,), "unknown task 'poetry'; choose one of: segmentation, classification"),
        ({"task": "classification", "loss": "dice"}, (1, "loss"), "Extra inputs"),
        ({"network": "net"}, (1, "network"), "unknown network 'net'; choose one of: unet"),
        ({"loss": "pain"}, (1, "loss"), "unknown loss 'pain'; choose one of: dice"),
        (3, (1,), "dictionary"),
    ],
    ids=str,
)
def test_a_wrong_entry_is_named_by_its_place(entry, place, complaint):
    with pytest.raises(ValidationError) as caught:
        TrainingSection.model_validate([{}, entry])
    (problem,) = caught.value.errors()
    assert problem["loc"] == place and complaint in problem["msg"]


def test_two_trainings_of_one_name_are_refused():
    with pytest.raises(ValidationError, match="two trainings are called 'unet-mobilenet_v2'"):
        TrainingSection.model_validate([{}, {"seed": 1}])


@pytest.mark.parametrize("task", CONFIGS)
def test_a_config_survives_json(task):
    config = training_config({"task": task, "epochs": 7})
    assert CONFIGS[task].model_validate_json(config.model_dump_json()) == config
    assert config.task == task and task in TASKS


@pytest.mark.parametrize("registry", [NETWORKS, LOSSES, TASKS, CONFIGS], ids=lambda registry: registry.noun)
def test_every_name_stands_for_something(registry):
    assert len(registry) > 1 and all(registry[name] is not None for name in registry)


def test_names_are_checked_without_torch():
    code = (
        "import sys; from trainers.config.section import TrainingSection as S; "
        "S.model_validate([{'network': 'fpn', 'loss': 'focal'}, {'task': 'classification'}]); "
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
