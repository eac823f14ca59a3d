"""Packages: ONNX gives what torch gives, int8 nearly so, and the card tells where the model comes from."""

import dataclasses
import hashlib
import json
import shutil

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import TrainingError
from trainers.config.classification import ClassificationConfig
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.checkpoint import load_model, predictor_of
from trainers.learn.fit import fit
from trainers.package.export import TOLERANCE, export_onnx
from trainers.package.model_card import model_card
from trainers.package.package import package
from trainers.predict.onnx import load_onnx
from trainers.predict.open import open_predictor
from two_classes import of_two_classes, parted_clip

SIZE = (64, 64)
TINY = SegmentationConfig(network="plain_unet", width=4, epochs=20, batch_size=8, learning_rate=1e-2, augment=False)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    shards = {f"{split}-00000.parquet": make_samples(24, split, size=SIZE) for split in ("train", "val", "test")}
    return write_dataset(tmp_path_factory.mktemp("data") / "d", shards, licences={"CC0-1.0": 5})


@pytest.fixture(scope="module")
def model(dataset, tmp_path_factory):
    return load_model(fit(TINY, dataset, tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture(scope="module")
def packed(model, dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    package(model, folder, dataset=dataset, int8="static")
    return folder


@pytest.mark.parametrize("batch", [1, 3, 5])
def test_onnx_gives_what_torch_gives_for_any_batch(model, packed, batch):
    images = np.random.default_rng(batch).integers(0, 256, (batch, *SIZE, 3), dtype=np.uint8)
    found = open_predictor(packed).probabilities(images)
    assert found.shape == (batch, 1, *SIZE)
    np.testing.assert_allclose(found, predictor_of(model).probabilities(images), atol=TOLERANCE)


def test_the_package_says_what_was_measured(dataset, packed):
    figures = json.loads((packed / "package.json").read_text())
    assert (
        figures["difference"] < TOLERANCE
        and figures["opset"] == onnx.load(packed / "model.onnx").opset_import[0].version
    )
    assert set(figures["latency_ms"]) == {"torch", "onnx", "int8"}
    forms = figures["scores"]["forms"]
    assert forms["onnx"]["foreground_iou"] == pytest.approx(forms["torch"]["foreground_iou"], abs=1e-3)
    assert forms["torch"]["foreground_iou"] > 0.6
    assert forms["int8"]["foreground_iou"] == pytest.approx(forms["torch"]["foreground_iou"], abs=0.1)
    digest = hashlib.sha256((dataset / "manifest.json").read_bytes()).hexdigest()
    card = (packed / "README.md").read_text()
    for part in (digest, "CC0-1.0: 5 files", "24 train", "Intended use", "Limits", "| int8 |", "empty prediction"):
        assert part in card
    assert "may show disc in photographs" in card and "firearm" not in card


def test_the_weights_are_those_that_the_training_began_with(model, tmp_path):
    begun = dataclasses.replace(model, origin=model.origin.model_copy(update={"weights": "encoder.pth"}))
    figures = package(begun, tmp_path)
    assert figures["network"]["weights"] == figures["origin"]["weights"] == "encoder.pth"
    assert "weights it began with: encoder.pth" in (tmp_path / "README.md").read_text()


def test_a_classifier_over_a_clip_is_one_graph_with_it_and_gives_its_map_too(tmp_path):
    dataset = write_dataset(tmp_path / "d", {"train-00000.parquet": of_two_classes(8)})
    clip = parted_clip(tmp_path / "tiny")
    config = ClassificationConfig(network="danger_clip", clip=clip, layers=1, batch_size=4, epochs=1)
    model = load_model(fit(config, dataset, tmp_path / "m", progress=False))
    figures = package(model, tmp_path / "packed")
    assert figures["outputs"] == ["labels", "maps"] and figures["difference"] < TOLERANCE
    card = (tmp_path / "packed/README.md").read_text()
    assert "`labels` and `maps`, float32" in card and "weights it began with: local-dir:tiny" in card
    shutil.rmtree(tmp_path / "tiny")  # it is in the graph
    images = np.stack([sample.image for sample in of_two_classes(4, "test")])
    both = [each.labels_and_maps(images) for each in (open_predictor(tmp_path / "packed"), predictor_of(model))]
    for found, expected in zip(*both, strict=True):
        np.testing.assert_allclose(found, expected, atol=TOLERANCE)
    assert str(tmp_path) not in card + (tmp_path / "packed/package.json").read_text()


def test_a_classifier_is_packed_by_the_same_code(dataset, tmp_path):
    model = load_model(
        fit(
            ClassificationConfig(epochs=1, batch_size=24, schedule="constant", precision="32-true"),
            dataset,
            tmp_path / "m",
        )
    )
    figures = package(model, tmp_path / "packed", dataset=dataset)
    assert figures["scores"]["headline"] == "balanced_accuracy"
    ours, packed = (figures["scores"]["forms"][form] for form in ("torch", "onnx"))
    for name in ours.keys() | packed.keys():  # ranks move where probabilities all but tie
        np.testing.assert_allclose(packed[name], ours[name], atol=0.02)
    images = np.stack([sample.image for sample in make_samples(3, size=SIZE)])
    found = open_predictor(tmp_path / "packed").labels(images)
    np.testing.assert_allclose(found, predictor_of(model).labels(images), atol=TOLERANCE)
    assert "Sorting out pictures that may show disc" in (tmp_path / "packed/README.md").read_text()


def test_the_card_names_all_categories(packed):
    figures = json.loads((packed / "package.json").read_text()) | {"categories": ["knife", "handgun", "rifle"]}
    assert "may show knife, handgun or rifle in photographs" in model_card(figures)


def test_int8_is_smaller_in_its_weights(packed):
    def bytes_of_weights(file):
        return sum(len(weight.raw_data) for weight in onnx.load(packed / file).graph.initializer)

    assert bytes_of_weights("model-int8.onnx") < 0.5 * bytes_of_weights("model.onnx")
    assert load_onnx(packed / "model-int8.onnx").title == "plain_unet int8"


def test_int8_as_ranges_come_needs_no_dataset(model, tmp_path):
    figures = package(model, tmp_path, int8="dynamic")
    assert figures["scores"] is None
    images = np.stack([sample.image for sample in make_samples(4, size=SIZE)])
    found = load_onnx(tmp_path / "model-int8.onnx").probabilities(images)
    near = np.abs(found - predictor_of(model).probabilities(images))
    assert near.mean() < 0.05
    assert "No other dataset was given" in (tmp_path / "README.md").read_text()


def test_static_int8_asks_for_a_dataset(model, tmp_path):
    with pytest.raises(TrainingError, match="static int8 takes the ranges of activations from a dataset"):
        package(model, tmp_path, int8="static")


@pytest.mark.parametrize(
    "options",
    [
        {"network": "unet", "encoder": "efficientnet-b0"},
        {"network": "transfer", "encoder": "mobilenet_v2", "width": 4},
        {"network": "plain_unet", "width": 2, "kernel": 4, "batch_norm": False},
    ],
    ids=lambda options: options["network"],
)
def test_every_kind_of_network_can_be_exported(dataset, tmp_path, options):
    config = SegmentationConfig(**options, epochs=1, batch_size=24)
    trained = load_model(fit(config, dataset, tmp_path / "m"))
    assert export_onnx(trained, tmp_path).difference < TOLERANCE
    found = predictor_of(trained).probabilities(np.zeros((1, *SIZE, 3), np.uint8))
    assert found.shape == (1, 1, *SIZE)  # the network is as it was


def test_onnx_that_differs_from_torch_is_not_kept(model, tmp_path, monkeypatch):
    monkeypatch.setattr("trainers.package.export._difference", lambda *_: 0.01)
    with pytest.raises(TrainingError, match=r"ONNX and torch differ by 1\.0e-02"):
        export_onnx(model, tmp_path)
    assert not (tmp_path / "model.onnx").exists()


def test_another_kind_of_onnx_is_refused(tmp_path):
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 8, 8]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", values[:1], values[1:])
    other = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(other, tmp_path / "other.onnx")
    with pytest.raises(TrainingError, match=r"other\.onnx: takes and gives x, y"):
        open_predictor(tmp_path / "other.onnx")
