"""Classification of the row's label: it learns it, leaves unknown labels out, and can be exported."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from sample_factory import write_dataset
from synthgen.core.errors import TrainingError
from trainers.config.classification import ClassificationConfig
from trainers.learn.checkpoint import load_model, predictor_of, save_model
from trainers.learn.fit import fit
from trainers.learn.identity import identity_of
from trainers.loading.targets import Batch, LabelTargets
from trainers.predict.protocols import LabelPredictor
from trainers.task import TASKS
from trainers.tasks.classification.learner import Classification
from trainers.tasks.classification.scores import LabelScores
from two_classes import SIZE, of_two_classes

CONFIG = ClassificationConfig(
    encoder="test_resnet", epochs=4, batch_size=8, learning_rate=1e-2, augment=False, positive_share=0.5
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    shards = {"train-00000.parquet": of_two_classes(32), "val-00000.parquet": of_two_classes(16, "val")}
    folder = tmp_path_factory.mktemp("c")
    return load_model(fit(CONFIG, write_dataset(folder / "d", shards), folder / "m", progress=False))


def test_it_learns_which_pictures_show_a_target(model):
    predictor, samples = predictor_of(model), of_two_classes(16, "test")
    assert isinstance(predictor, LabelPredictor) and predictor.size == SIZE
    found = predictor.labels(np.stack([sample.image for sample in samples]))
    assert found.shape == (16, 1)
    assert ((found[:, 0] > 0.5) == [sample.label for sample in samples]).mean() > 0.8
    name, value = model.origin.watched
    assert name == "val_balanced_accuracy" and value > 0.8


def test_its_graph_takes_bytes_and_gives_what_the_predictor_gives(model):
    images = np.stack([sample.image for sample in of_two_classes(4)])
    with torch.no_grad():
        found = TASKS["classification"].graph(model)(torch.from_numpy(images))
    np.testing.assert_allclose(found.numpy(), predictor_of(model).labels(images), atol=1e-6)


class Brightness(nn.Module):
    """Gives the red channel's mean, so that a picture's logit is known."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, images):
        return self.scale * images[:, :1].mean((2, 3))


def batch(labels, known):
    images = np.random.default_rng(0).integers(0, 256, (len(labels), *SIZE, 3), np.uint8)
    return Batch(images, LabelTargets(np.float32(labels), np.array(known)), tuple(range(len(labels))), len(labels))


def test_a_picture_of_unknown_label_adds_nothing_to_loss_or_scores():
    learner = Classification(Brightness(), CONFIG)
    known = (True, True, False)
    one, other = batch((0, 1, 0), known), batch((0, 1, 1), known)
    assert learner.loss_of(one).item() == learner.loss_of(other).item()
    assert learner.loss_of(one).item() != learner.loss_of(batch((0, 1, 0), (True, True, True))).item()
    found = []
    for seen in (one, other):
        loss = learner.validate(seen).item()
        found.append((loss, learner.scores()))
    assert found[0] == found[1]


def test_a_batch_of_unknown_labels_teaches_nothing():
    learner = Classification(Brightness(), CONFIG)
    loss = learner.loss_of(batch((0, 0), (False, False)))
    loss.backward()
    assert loss.item() == 0 and not learner.network.scale.grad.any()


def test_balanced_accuracy_by_hand():
    scores = LabelScores()
    scores.update(torch.tensor([1, 1, 0, 0, 0, 0]).bool(), torch.tensor([1, 0, 1, 0, 0, 0]).bool())
    assert scores.compute() == pytest.approx({"accuracy": 4 / 6, "balanced_accuracy": (1 / 2 + 3 / 4) / 2})


def network(**fields):
    return TASKS["classification"].network(ClassificationConfig(**fields))


def test_an_encoder_that_no_library_has_is_refused():
    with pytest.raises(TrainingError, match="unknown encoder 'resnet1'; choose one that timm lists"):
        network(encoder="resnet1")


def test_weights_of_the_encoder_come_from_a_file(tmp_path):
    donor = network(encoder="test_resnet").encoder.state_dict()
    torch.save(donor, tmp_path / "donor.pth")
    loaded = network(encoder="test_resnet", weights=str(tmp_path / "donor.pth")).encoder.state_dict()
    assert all(torch.equal(loaded[name], value) for name, value in donor.items())


def test_torchvisions_mobilenet_begins_with_torchvisions_file_through_an_encoder_that_timm_lacks(tmp_path):
    donor = torchvision.models.mobilenet_v2(weights=None).eval()
    torch.save(donor.state_dict(), tmp_path / "donor.pth")
    encoder = network(encoder="mobilenet_v2", weights=str(tmp_path / "donor.pth")).encoder.eval()
    images = torch.rand(2, 3, *SIZE)
    with torch.no_grad():
        torch.testing.assert_close(encoder(images), donor.features(images).mean(dim=(2, 3)))


def parameters_of(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_resnet50_is_torchvisions_body_below_an_mlp_of_512_units(tmp_path):
    donor = torchvision.models.resnet50(weights=None).eval()
    torch.save(donor.state_dict(), tmp_path / "donor.pth")
    built = network(network="resnet50", weights=str(tmp_path / "donor.pth")).eval()
    assert parameters_of(built.encoder) == 23_508_032
    assert parameters_of(built.head) == 2048 * 512 + 512 + 512 + 1
    donor.fc = nn.Identity()
    images = torch.rand(2, 3, *SIZE)
    with torch.no_grad():
        torch.testing.assert_close(built.encoder(images), donor(images))
        assert built(images).shape == (2, 1)


def test_vgg16_is_torchvisions_body_without_batch_norm_below_an_mlp_of_512_units(tmp_path):
    donor = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["D"])
    weights = {f"features.{name}": value for name, value in donor.state_dict().items()}
    torch.save({**weights, "classifier.6.bias": torch.zeros(1000)}, tmp_path / "donor.pth")
    built = network(network="vgg16", weights=str(tmp_path / "donor.pth"))
    assert parameters_of(built.encoder) == 14_714_688
    assert parameters_of(built.head) == 512 * 7 * 7 * 512 + 512 + 512 + 1
    images = torch.rand(2, 3, *SIZE)
    with torch.no_grad():
        expected = nn.functional.adaptive_avg_pool2d(donor(images), 7).flatten(1)
        torch.testing.assert_close(built.encoder(images), expected)


def test_a_model_of_before_networks_could_be_chosen_loads_and_keeps_its_identity(model, tmp_path):
    assert "network" not in identity_of(CONFIG, None) and CONFIG.title == "classifier-test_resnet"
    path = tmp_path / "model.pt"
    save_model(path, model, {"seed": 0})
    saved = torch.load(path, weights_only=True)
    config = json.loads(saved["config"])
    assert config.pop("network") == "timm"
    torch.save({**saved, "config": json.dumps(config)}, path)
    images = np.stack([sample.image for sample in of_two_classes(4)])
    again = predictor_of(load_model(path)).labels(images)
    np.testing.assert_array_equal(again, predictor_of(model).labels(images))


@pytest.mark.parametrize(("chosen", "complaint"), [(0, "no picture shows"), (1, "every picture shows")])
def test_pictures_of_one_label_are_refused_before_training(chosen, complaint, tmp_path):
    samples = [replace(sample, index=n) for n, sample in enumerate(of_two_classes(4)[chosen::2])]
    dataset = write_dataset(tmp_path / "d", {"train-00000.parquet": samples})
    config = CONFIG.model_copy(update={"positive_share": 0.0})
    with pytest.raises(TrainingError, match=f"classifier-test_resnet: {complaint} a target, so there is nothing to"):
        fit(config, dataset, tmp_path / "m", progress=False)
    assert not (tmp_path / "m").exists()


def test_the_distortion_of_ssd_is_learnt_through(tmp_path):
    shards = {"train-00000.parquet": of_two_classes(8)}
    config = CONFIG.model_copy(update={"augment": "ssd", "epochs": 1, "name": "ssd"})
    model = load_model(fit(config, write_dataset(tmp_path / "d", shards), tmp_path / "m", progress=False))
    assert model.config.augment == "ssd"
