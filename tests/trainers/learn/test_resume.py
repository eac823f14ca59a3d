"""Going on with a training: only with the same one; "auto" finds out for itself."""

import json

import pytest
import torch

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import TrainingError
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.fit import fit
from trainers.learn.learner import Learner

TINY = SegmentationConfig(
    network="plain_unet", width=2, epochs=2, batch_size=8, augment=False, schedule="constant", loss="dice"
)
SIZE = (32, 32)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_dataset(
        tmp_path_factory.mktemp("r") / "d",
        {"train-00000.parquet": make_samples(8, size=SIZE), "val-00000.parquet": make_samples(4, "val", size=SIZE)},
    )


def train(dataset, output, resume=False, **changes):
    return fit(TINY.model_copy(update=changes), dataset, output, resume=resume, progress=False)


@pytest.mark.parametrize("schedule", ["cosine", "onecycle"])
def test_a_schedule_is_not_stretched(dataset, tmp_path, schedule):
    train(dataset, tmp_path, schedule=schedule, epochs=1)
    with pytest.raises(TrainingError, match=f"schedule {schedule} was laid out for 1 epochs, not for 3"):
        train(dataset, tmp_path, resume=True, schedule=schedule, epochs=3)


def test_with_a_constant_rate_epochs_may_be_added_but_not_taken_away(dataset, tmp_path):
    train(dataset, tmp_path, epochs=1)
    train(dataset, tmp_path, resume=True, epochs=2)
    with pytest.raises(TrainingError, match="2 epochs are done, 1 are asked for; resume with at least 2"):
        train(dataset, tmp_path, resume=True, epochs=1)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"width": 4}, "width 2 before, 4 now"),
        ({"network": "unet", "encoder": "mobilenet_v2"}, "network 'plain_unet' before, 'unet' now"),
        ({"loss": "bce"}, "loss 'dice' before, 'bce' now"),
        ({"batch_size": 4}, "samples_per_step 8 before, 4 now"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_training_is_not_resumed(dataset, tmp_path, changes, complaint):
    train(dataset, tmp_path, epochs=1)
    with pytest.raises(TrainingError, match=f"is of another training: {complaint}; resume with the same"):
        train(dataset, tmp_path, resume=True, **{"epochs": 1, **changes})


def test_what_decides_nothing_may_change(dataset, tmp_path):
    train(dataset, tmp_path, epochs=1)
    train(dataset, tmp_path, resume=True, name="other", threads=1)


def test_a_checkpoint_of_before_that_is_of_another_network_is_named(dataset, tmp_path):
    train(dataset, tmp_path, epochs=1)
    last = tmp_path / "checkpoints/last.ckpt"
    saved = torch.load(last, weights_only=True)
    del saved["identity"]
    torch.save(saved, last)
    with pytest.raises(TrainingError, match="the checkpoint is of another network; resume with the one"):
        train(dataset, tmp_path, resume=True, width=4)


def test_there_must_be_something_to_resume(dataset, tmp_path):
    with pytest.raises(TrainingError, match="nothing to resume"):
        train(dataset, tmp_path, resume=True)


class Epochs:
    """Counts the epochs that are trained; may break off before one."""

    def __init__(self, monkeypatch):
        self.begun, self.breaks_before = [], None
        begin = Learner.on_train_epoch_start

        def note(learner):
            if learner.current_epoch == self.breaks_before:
                raise InterruptedError
            self.begun.append(learner.current_epoch)
            begin(learner)

        monkeypatch.setattr(Learner, "on_train_epoch_start", note)


def test_auto_trains_what_is_not_there_goes_on_where_it_broke_off_and_repeats_nothing(dataset, tmp_path, monkeypatch):
    epochs = Epochs(monkeypatch)
    epochs.breaks_before = 1
    with pytest.raises(InterruptedError):
        train(dataset, tmp_path, resume="auto")
    epochs.breaks_before = None
    model = train(dataset, tmp_path, resume="auto")
    assert epochs.begun == [0, 1]
    assert train(dataset, tmp_path, resume="auto") == model and epochs.begun == [0, 1]


@pytest.mark.parametrize("change", [{"epochs": 1}, {"loss": "bce"}, {"seed": 1}], ids=str)
def test_auto_trains_anew_what_is_of_another_config(dataset, tmp_path, monkeypatch, change):
    train(dataset, tmp_path)
    epochs = Epochs(monkeypatch)
    model = train(dataset, tmp_path, resume="auto", **change)
    assert epochs.begun == list(range(change.get("epochs", 2)))
    config = json.loads(torch.load(model, weights_only=True)["config"])
    assert config == {**config, **change}


def test_auto_trains_anew_on_another_dataset(dataset, tmp_path, monkeypatch):
    train(dataset, tmp_path / "m")
    other = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(9, size=SIZE)})
    epochs = Epochs(monkeypatch)
    train(other, tmp_path / "m", resume="auto")
    assert epochs.begun == [0, 1]
