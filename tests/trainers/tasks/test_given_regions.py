"""Detection in given regions: found before training, moved with the pictures, and asked for in prediction."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from bright_boxes import SIZE, bright_dataset, bright_sample
from synthgen.core.errors import TrainingError
from synthgen.core.files import cache_folder
from synthgen.core.picture import Boxes
from trainers.config.detection import DetectionConfig
from trainers.learn.checkpoint import load_model, predictor_of
from trainers.learn.fit import fit
from trainers.learn.log import logged
from trainers.loading.loader import ShardLoader
from trainers.loading.targets import Batch, BoxTargets
from trainers.package.export import export_onnx
from trainers.proposals.store import ProposalStore
from trainers.study.cost import cost_of
from trainers.task import TASKS
from trainers.tasks.detection.learner import Detection

NAMES = ("fast_rcnn", "rcnn")
FLIPS = ({"RandomHorizontalFlip": {"p": 0.5}},)
TINY = {
    **{"encoder": "tu-test_resnet", "width": 16, "precision": "32-true", "schedule": "constant", "device": "cpu"},
    **{"batch_size": 4, "learning_rate": 3e-3, "epochs": 4, "threads": 1, "augment": FLIPS},
}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """A user's cache of one's own."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return bright_dataset(tmp_path_factory.mktemp("bright") / "d")


@pytest.fixture(scope="module")
def models(dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {name: fit(tiny(name), dataset, folder / name, progress=False) for name in NAMES}


def tiny(name, **changes):
    return DetectionConfig.model_validate({**TINY, "network": name, **changes})


@pytest.mark.parametrize("name", NAMES)
def test_it_learns_to_find_bright_boxes(models, name):
    metrics = models[name].parent / "metrics.csv"
    losses, precision = (logged(metrics, column)[1] for column in ("train_loss", "val_ap50"))
    assert losses[-1] < 0.8 * losses[0] and max(precision) > 0.3
    predictor, sample = predictor_of(load_model(models[name])), bright_sample(1, "val")
    wide = np.zeros((64, 256, 3), np.uint8)
    wide[:, 64:128] = sample.image
    found, elsewhere = predictor.boxes([sample.image, wide])
    assert len(found) and (found.scores > 0.05).all() and (elsewhere.xyxy <= [256, 64, 256, 64]).all()


def test_proposals_are_found_before_training_and_not_again(dataset, tmp_path):
    config = tiny("fast_rcnn", proposals=str(tmp_path / "p"), epochs=1)
    fit(config, dataset, tmp_path / "m", progress=False)
    files = {file: file.stat().st_mtime_ns for file in (tmp_path / "p").rglob("*.npy")}
    assert len(files) == 16 + 6  # of both splits
    store = ProposalStore(tmp_path / "p")
    for batch in ShardLoader(dataset, "val", batch_size=6, seed=0, shuffle=False):
        assert all(store.has(image) for image in batch.images)
    fit(config.model_copy(update={"seed": 1}), dataset, tmp_path / "n", progress=False)
    assert files == {file: file.stat().st_mtime_ns for file in (tmp_path / "p").rglob("*.npy")}
    assert load_model(tmp_path / "m").config.proposals == ""  # nobody's folder


@pytest.mark.slow
def test_several_workers_find_what_one_does(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("trainers.proposals.store.BATCH", 4)
    fit(tiny("fast_rcnn", proposals=str(tmp_path / "p"), epochs=1, threads=2), dataset, tmp_path / "m", progress=False)
    assert len([*(tmp_path / "p").rglob("*.npy")]) == 16 + 6


def test_the_cache_is_the_users(cache, monkeypatch, tmp_path):
    assert cache_folder("proposals") == cache / "synthgen/proposals"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("proposals") == tmp_path / ".cache/synthgen/proposals"


def test_they_are_of_the_picture_before_it_is_augmented(dataset, cache):
    """The loader compresses one picture in five, and the device mirrors half of them; proposals do not care."""
    config = tiny("fast_rcnn", augment=True)
    collate = TASKS["detection"].collate(config)
    (plain,) = ShardLoader(dataset, "train", collate=collate, batch_size=16, seed=0, shuffle=False)
    assert set(plain.targets.regions) == set(range(16))
    expected = ProposalStore(cache_folder("proposals")).search(plain.images[3])
    assert np.array_equal(plain.targets.regions[3], expected)


def test_they_move_as_the_boxes_do():
    shift = ({"RandomTranslate": {"translate_x": (0.5, 0.5), "p": 1.0}},)
    config = tiny("fast_rcnn", augment=shift)
    learner = Detection(TASKS["detection"].network(config), config)
    regions = np.array([(4, 8, 24, 40), (0, 0, 64, 64), (40, 8, 60, 40)], np.int16)
    targets = BoxTargets([Boxes.of([(4, 8, 24, 40)], [""])], {0: np.float32([[0, 0, 10, 10]])}, regions={0: regions})
    batch = Batch(np.zeros((1, *SIZE, 3), np.uint8), targets, (0,), 1)
    _, moved = learner.known_of(batch).augmented(torch.zeros(1, 3, *SIZE), learner.augmentation, (0,))
    (target,) = moved.targets([0])
    assert target["boxes"].tolist() == [[36, 8, 56, 40]] and target["ignored"].tolist() == [[32, 0, 42, 10]]
    assert target["regions"].tolist() == [[36, 8, 56, 40], [32, 0, 64, 64]]  # one has left the picture


def test_its_cost_is_that_of_all_the_regions_it_looks_at():
    config = tiny("fast_rcnn")
    cost, whole = cost_of(config, SIZE), TASKS["detection"].network(config)
    each = 192 * 36 * 16 * 4 * 2  # the first layer of a region
    assert cost.forward > whole.most * each and cost.training > 0


def test_sgd_has_a_momentum_and_ten_times_the_rate_in_new_layers(dataset, tmp_path):
    config = tiny("fast_rcnn", optimizer="sgd", learning_rate=1e-2, encoder_rate=0.1, epochs=1, samples=4)
    fit(config, dataset, tmp_path, progress=False)
    last = torch.load(tmp_path / "checkpoints/last.ckpt", weights_only=True)
    new, encoder = last["optimizer_states"][0]["param_groups"]
    assert new["momentum"] == encoder["momentum"] == 0.9
    assert new["lr"] == pytest.approx(1e-2) and encoder["lr"] == pytest.approx(1e-3)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"crop": {}}, "crop does not go with fast_rcnn: proposals are found once, in whole pictures"),
        ({"devices": 2}, "fast_rcnn goes with one device"),
        ({"network": "ssdlite", "proposals": "p"}, "proposals go with fast_rcnn and rcnn; ssdlite finds its own"),
    ],
)
def test_contradictions_are_refused(values, said):
    with pytest.raises(ValidationError, match=said):
        DetectionConfig.model_validate({"network": "fast_rcnn", **values})


def test_a_package_of_it_is_refused_as_its_regions_come_from_outside(models, tmp_path):
    with pytest.raises(TrainingError, match=r"fast_rcnn.*cannot be packaged, as its regions come from outside"):
        export_onnx(load_model(models["fast_rcnn"]), tmp_path)
