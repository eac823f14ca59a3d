"""Classification of the row's label: it learns it, leaves unknown labels out, and can be exported."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import TrainingError
from trainers.config.classification import ClassificationConfig
from trainers.learn.checkpoint import load_model, predictor_of
from trainers.learn.fit import fit
from trainers.loading.targets import Batch, LabelTargets
from trainers.models.classifier import Classifier
from trainers.predict.protocols import LabelPredictor
from trainers.task import TASKS
from trainers.tasks.classification.learner import Classification
from trainers.tasks.classification.scores import LabelScores

SIZE = (32, 32)
CONFIG = ClassificationConfig(
    encoder="test_resnet", epochs=4, batch_size=8, learning_rate=1e-2, augment=False, positive_share=0.5
)


def of_two_classes(count, split="train"):
    """Discs where the index is odd, none elsewhere."""
    samples = make_samples(2 * count, split, size=SIZE)
    halves = zip(samples[0::4], samples[3::4], strict=True)  # no disc, three discs
    return [replace(sample, index=index) for index, sample in enumerate(s for pair in halves for s in pair)]


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


def test_an_encoder_that_timm_lacks_is_refused():
    with pytest.raises(TrainingError, match="unknown encoder 'resnet1'; choose one that timm lists"):
        Classifier("resnet1", "none")


def test_weights_of_the_encoder_come_from_a_file(tmp_path):
    donor = Classifier("test_resnet", "none").encoder.state_dict()
    torch.save(donor, tmp_path / "donor.pth")
    loaded = Classifier("test_resnet", str(tmp_path / "donor.pth")).encoder.state_dict()
    assert all(torch.equal(loaded[name], value) for name, value in donor.items())
