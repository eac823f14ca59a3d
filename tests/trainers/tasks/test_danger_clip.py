"""DangerCLIP learns labels, and where to look from masks, over a CLIP that stays as it is."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sample_factory import write_dataset
from trainers.clip.features import Features
from trainers.config.classification import ClassificationConfig
from trainers.learn.checkpoint import load_model, predictor_of
from trainers.learn.fit import fit
from trainers.learn.log import logged
from trainers.loading.memory import BatchMemory
from trainers.loading.targets import Batch, Dense
from trainers.task import TASKS
from trainers.tasks.classification.dense_losses import dice_loss, focal_loss
from two_classes import SIZE, of_two_classes, parted_clip

TASK = TASKS["classification"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return parted_clip(tmp_path_factory.mktemp("clip") / "tiny")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_dataset(tmp_path_factory.mktemp("d") / "d", {"train-00000.parquet": of_two_classes(32)})


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/synthgen/features"


def config_of(clip, **fields):
    usual = {"network": "danger_clip", "clip": clip, "layers": 1, "batch_size": 8, "epochs": 20, "learning_rate": 2e-2}
    return ClassificationConfig(**{**usual, "schedule": "poly", "warmup": 0.1, "augment": False, **fields})


def trained(config, dataset, output):
    return predictor_of(load_model(fit(config, dataset, output, progress=False)))


def contrast(predictor, samples):
    """How much higher maps are on targets than beside them."""
    masks = np.stack([sample.mask > 0 for sample in samples])
    _, maps = predictor.labels_and_maps(np.stack([sample.image for sample in samples]))
    shown = masks.any((1, 2))
    return maps[shown][masks[shown]].mean() - maps[shown][~masks[shown]].mean()


def test_it_learns_which_pictures_show_a_target_and_where(clip, dataset, tmp_path):
    predictor = trained(config_of(clip), dataset, tmp_path / "m")
    _, losses = logged(tmp_path / "m/metrics.csv", "train_loss")
    assert losses[-1] < losses[0] / 2
    samples = of_two_classes(16, "test")
    found, maps = predictor.labels_and_maps(np.stack([sample.image for sample in samples]))
    assert found.shape == (16, 1) and maps.shape == (16, *SIZE)
    assert ((found[:, 0] > 0.5) == [sample.label for sample in samples]).mean() > 0.9
    assert contrast(predictor, samples) > 0.2


def test_without_masks_it_learns_labels_alone_and_need_not_look_at_targets(clip, dataset, tmp_path):
    config = config_of(clip, dense=False)
    predictor, samples = trained(config, dataset, tmp_path / "m"), of_two_classes(16, "test")
    found = predictor.labels(np.stack([sample.image for sample in samples]))
    assert ((found[:, 0] > 0.5) == [sample.label for sample in samples]).mean() > 0.9
    assert TASK.collate(config).columns == {"label"}
    assert TASK.collate(config_of(clip)).columns == {"label", "mask", "ignore"}
    assert contrast(predictor, samples) < 0.1


def learner_of(config):
    torch.manual_seed(0)
    return TASK.learner(TASK.network(config), config).eval()


def batch_of(samples, truths=None):
    collate = Dense()
    targets = collate.room(len(samples), SIZE, BatchMemory())
    for place, sample in enumerate(samples):
        collate.put(targets, place, sample.truth if truths is None else truths[place])
    images = np.stack([sample.image for sample in samples])
    return Batch(images, targets, tuple(range(len(samples))), len(samples))


def test_the_loss_is_that_of_labels_and_twice_focal_and_dice_of_the_mean_map(clip):
    learner, samples = learner_of(config_of(clip, layers=3)), of_two_classes(4)
    batch = batch_of(samples)
    pixels = torch.from_numpy(batch.images).permute(0, 3, 1, 2).float() / 255
    logits, scores = learner.network.head.look(*learner.network.tower.tokens(pixels))
    mean = scores.mean(1).view(4, 1, 4, 4)  # patches of 8 pixels
    found = torch.nn.functional.interpolate(mean, size=SIZE, mode="bilinear", align_corners=False)[:, 0]
    masks = torch.from_numpy(np.stack([sample.mask > 0 for sample in samples])).float()
    everywhere, labels = torch.ones_like(masks), torch.tensor([[0.0], [1.0]] * 2)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels)
    expected += 2 * focal_loss(found, masks, everywhere) + dice_loss(found, masks, everywhere)
    torch.testing.assert_close(learner.loss_of(batch), expected)


def test_a_picture_known_by_its_label_alone_takes_no_part_in_the_losses_of_maps(clip):
    learner, samples = learner_of(config_of(clip)), of_two_classes(4)
    plain, shown = samples[0], samples[1]
    by_label = [replace(sample.truth, mask=None) for sample in (plain, shown)]
    nowhere = replace(plain.truth, mask=None)
    both = learner.loss_of(batch_of([plain, shown], by_label))
    dense = learner.loss_of(batch_of([plain, shown], [nowhere, shown.truth]))
    assert both < dense
    # nothing is seen in a picture of label 0, so its mask is known
    masks = learner.loss_of(batch_of([plain], [nowhere])), learner.loss_of(batch_of([plain]))
    assert masks[0] == masks[1]
    labels = learner_of(config_of(clip, dense=False)).loss_of(batch_of([shown]))
    torch.testing.assert_close(learner.loss_of(batch_of([shown], [by_label[1]])), labels)


def test_hidden_targets_count_nowhere(clip):
    learner, shown = learner_of(config_of(clip)), of_two_classes(2)[1]
    ignored = replace(shown.truth, ignore=shown.mask > 0)
    moved = replace(shown.truth, mask=np.zeros_like(shown.mask), ignore=shown.mask > 0)
    assert learner.loss_of(batch_of([shown], [ignored])) == learner.loss_of(batch_of([shown], [moved]))


def test_views_recur_and_the_clip_looks_at_each_once(clip, dataset, tmp_path, cache, monkeypatch):
    config = config_of(clip, views=2, augment="ssd", epochs=5)
    looked = []
    look = Features._look

    def counted(self, images):
        looked.append(len(images))
        return look(self, images)

    monkeypatch.setattr(Features, "_look", counted)
    trained(config, dataset, tmp_path / "m")
    kept = [*cache.rglob("*.npy")]
    assert sum(looked) == len(kept) == 2 * 32
    trained(config.model_copy(update={"seed": 0, "layers": 2}), dataset, tmp_path / "again")
    assert sum(looked) == 2 * 32  # another head needs no new look


def test_a_moving_average_leaves_the_clip_as_it_is(clip, dataset, tmp_path):
    predictor = trained(config_of(clip, ema=0.9, epochs=2), dataset, tmp_path / "m")
    assert predictor.model.network.tower.digest == TASK.network(config_of(clip)).tower.digest


def test_a_resumed_training_drops_out_what_an_uninterrupted_one_does(clip, dataset, tmp_path):
    config = config_of(clip, epochs=2, schedule="constant", warmup=0)
    fit(config.model_copy(update={"epochs": 1}), dataset, tmp_path / "m", progress=False)
    models = [
        fit(config, dataset, tmp_path / name, resume=name == "m", progress=False) for name in ("m", "uninterrupted")
    ]
    one, other = (load_model(path).network.head.state_dict() for path in models)
    assert all(torch.equal(one[name], value) for name, value in other.items())


def test_what_is_kept_is_what_the_clip_sees(clip):
    batch = batch_of(of_two_classes(4))
    live, kept = learner_of(config_of(clip)), learner_of(config_of(clip, views=1))
    torch.testing.assert_close(live.loss_of(batch), kept.loss_of(batch), atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(live.validate(batch), kept.validate(batch), atol=1e-3, rtol=1e-3)


def test_masks_follow_pictures_that_are_mirrored(clip):
    sample = of_two_classes(2)[1]
    config = config_of(clip, augment=({"RandomHorizontalFlip": {"p": 1.0}},))
    mirrored = replace(sample.truth, mask=sample.mask[:, ::-1])
    flipped = batch_of([replace(sample, image=np.ascontiguousarray(sample.image[:, ::-1]))], [mirrored])
    plain = learner_of(config_of(clip))
    torch.testing.assert_close(learner_of(config).loss_of(batch_of([sample])), plain.loss_of(flipped))
