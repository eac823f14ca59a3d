"""model.pt: what it says, what it does not say, and those that were written before."""

import json

import numpy as np
import pytest
import torch

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import TrainingError
from trainers.config.operating_point import OperatingPoint
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.checkpoint import (
    TrainedModel,
    load_model,
    predictor_of,
    save_model,
    saved_identity,
    store_point,
)
from trainers.learn.fit import fit
from trainers.models.registry import build_network

SIZE = (32, 64)
TINY = SegmentationConfig(network="plain_unet", width=2, epochs=2, batch_size=8, augment=False, precision="32-true")
# what counted before models said it
BEFORE = OperatingPoint(threshold=0.5, closing=0, least_area=0.0001, least_score=0)
DATA = {
    "manifest_sha256": "ab",
    "fingerprint": "cd",
    "samples": {"train": 8, "val": 4},
    "categories": ["disc"],
    "licences": {"CC0-1.0": 3},
}


def model_of_before(path, **changes):
    """A file as it was written before there were tasks."""
    config = {"name": "", "network": "plain_unet", "encoder": "mobilenet_v2", "width": 2, "loss": "dice", **changes}
    torch.manual_seed(0)
    network = build_network(TINY)
    origin = {**DATA, "weights": "imagenet.pth", "val_foreground_iou": 0.5}
    saved = {"weights": network.state_dict(), "config": json.dumps(config), "size": list(SIZE)}
    torch.save({**saved, "origin": json.dumps(origin)}, path)
    return network


def test_a_model_of_before_opens_and_predicts(tmp_path):
    network = model_of_before(tmp_path / "model.pt", weights="/home/somebody/imagenet.pth", name="my model (2)").eval()
    model = load_model(tmp_path)
    assert (model.task, model.size, model.title) == ("segmentation", SIZE, "my_model__2_")
    assert model.config.weights == "imagenet.pth" and model.operating_point == BEFORE
    assert model.origin.watched == ("val_foreground_iou", 0.5)
    assert (model.config.weight_decay, model.config.encoder_rate, model.config.schedule) == (0, 1, "constant")
    assert [source.model_dump(mode="json") for source in model.origin.sources] == [DATA]
    images = np.random.default_rng(0).integers(0, 256, (2, *SIZE, 3), np.uint8)
    mean, std = np.array((0.485, 0.456, 0.406)), np.array((0.229, 0.224, 0.225))
    pixels = torch.from_numpy(((images / 255 - mean) / std).transpose(0, 3, 1, 2)).float()
    with torch.no_grad():
        expected = torch.sigmoid(network(pixels)).numpy()
    np.testing.assert_allclose(predictor_of(model).probabilities(images), expected, atol=1e-5)


def test_a_model_of_before_without_validation_has_no_watched_figure(tmp_path):
    model_of_before(tmp_path / "model.pt")
    saved = torch.load(tmp_path / "model.pt", weights_only=True)
    saved["origin"] = json.dumps({**json.loads(saved["origin"]), "val_foreground_iou": None})
    torch.save(saved, tmp_path / "model.pt")
    assert load_model(tmp_path).origin.watched is None


def test_a_training_says_what_it_learnt_from_and_which_figure_chose_it(tmp_path):
    shards = {"train-00000.parquet": make_samples(8, size=SIZE), "val-00000.parquet": make_samples(4, "val", size=SIZE)}
    model = load_model(fit(TINY, write_dataset(tmp_path / "d", shards), tmp_path / "m", progress=False))
    (source,) = model.origin.sources
    assert source.samples == {"train": 8, "val": 4} and source.categories == ("disc",)
    name, value = model.origin.watched
    assert name == "val_foreground_iou" and 0 <= value <= 1
    assert model.config == TINY.decided()


def test_no_folder_of_the_author_is_written(tmp_path):
    folder = tmp_path / "author"
    folder.mkdir()
    torch.save(build_network(SegmentationConfig()).encoder.state_dict(), folder / "donor.pth")
    config = SegmentationConfig(weights=str(folder / "donor.pth"), epochs=1, batch_size=8, augment=False)
    data = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(8, size=SIZE)})
    model = fit(config, data, tmp_path / "m", progress=False)
    for file in (model, model.parent / "checkpoints/last.ckpt"):
        assert str(folder).encode() not in file.read_bytes()
    assert load_model(model).config.weights == load_model(model).origin.weights == "donor.pth"


def test_the_operating_point_is_kept(tmp_path):
    model_of_before(tmp_path / "old.pt")
    old, point = load_model(tmp_path / "old.pt"), OperatingPoint(threshold=0.3, closing=0.07, least_area=0.01)
    new = TrainedModel(old.network, old.config, old.size, old.origin, point)
    save_model(tmp_path / "model.pt", new, {})
    assert load_model(tmp_path).operating_point == predictor_of(load_model(tmp_path)).operating_point == point


def test_a_point_of_before_keeps_its_threshold_and_the_parts_it_had(tmp_path):
    model_of_before(tmp_path / "model.pt")
    saved = torch.load(tmp_path / "model.pt", weights_only=True)
    torch.save({**saved, "operating_point": json.dumps({"threshold": 0.3})}, tmp_path / "model.pt")
    assert load_model(tmp_path).operating_point == BEFORE.model_copy(update={"threshold": 0.3})


def test_another_point_changes_nothing_else_in_the_file(tmp_path):
    model_of_before(tmp_path / "old.pt")
    save_model(tmp_path / "model.pt", load_model(tmp_path / "old.pt"), {"seed": 7})
    before, point = torch.load(tmp_path / "model.pt", weights_only=True), OperatingPoint(threshold=0.7)
    assert store_point(tmp_path, point) == tmp_path / "model.pt"
    after = torch.load(tmp_path / "model.pt", weights_only=True)
    assert load_model(tmp_path).operating_point == point and saved_identity(tmp_path / "model.pt") == {"seed": 7}
    assert all(torch.equal(value, after["weights"][name]) for name, value in before["weights"].items())
    assert {name: value for name, value in after.items() if name not in ("weights", "operating_point")} == {
        name: value for name, value in before.items() if name not in ("weights", "operating_point")
    }
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("content", [None, b"no model"])
def test_a_point_of_no_model_is_one_clear_line(tmp_path, content):
    if content is not None:
        (tmp_path / "model.pt").write_bytes(content)
    with pytest.raises(TrainingError, match=r"model\.pt: (cannot be read|not a model)"):
        store_point(tmp_path, OperatingPoint())
