"""Detectors: shapes and parameters, what is neither target nor background, encoders that only torchvision has."""

import pytest
import torch
import torchvision
from torch import nn

from synthgen.core.errors import TrainingError
from trainers.config.detection import DetectionConfig
from trainers.config.registry import DETECTORS
from trainers.models.detectors.ignoring import within
from trainers.models.detectors.ssdlite import SSDLite
from trainers.models.detectors.two_stages import Proposals, Regions
from trainers.models.staged import ClassifierStages, staged_encoder

NAMES = tuple(DETECTORS)
TINY = {"encoder": "tu-test_resnet", "width": 8}
NOTHING = torch.zeros(0, 4)


def built(name, **options):
    torch.manual_seed(0)
    return DETECTORS[name](DetectionConfig(network=name, **TINY, **options))


def target(boxes=(), ignored=(), size=(64, 96), masks=True):
    """Targets of class 1, each of whose masks fills its box."""
    corners = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    layers = torch.zeros(len(corners), *size, dtype=torch.uint8)
    for layer, (x0, y0, x1, y1) in zip(layers, corners.int().tolist(), strict=True):
        layer[y0:y1, x0:x1] = 1
    found = {"boxes": corners, "labels": torch.ones(len(corners), dtype=torch.long)}
    found["ignored"] = torch.tensor(ignored, dtype=torch.float32).reshape(-1, 4)
    found["regions"] = NOTHING
    return {**found, "masks": layers} if masks else found


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_boxes_in_evaluation_and_losses_with_targets_in_either_mode(name):
    network, images = built(name, classes=("a", "b")), torch.rand(2, 3, 70, 96)  # no multiple of 32
    for mode in (False, True):
        network.train(mode)
        found = network(images)
        assert len(found) == 2 and {"boxes", "labels", "scores"} <= set(found[0])
        for each in found:
            assert (each["boxes"] >= 0).all() and (each["boxes"] <= torch.tensor([96, 70, 96, 70])).all()
            assert set(each["labels"].tolist()) <= {1, 2} and (each["scores"] > 0.05).all()
            assert each["scores"].tolist() == sorted(each["scores"].tolist(), reverse=True)
            assert ("masks" in each) == (name == "mask_rcnn")
        losses = network(images, [target([(8, 8, 40, 60)], size=(70, 96)), target(size=(70, 96))])
        assert all(loss.isfinite() and loss.ndim == 0 for loss in losses.values())
        assert network.training is mode and all(module.training is mode for module in network.modules())


def test_parameters_by_hand():
    """What stands above the encoder, counted layer by layer for width 8 and two classes beside background."""
    faster, mask = (built(name, classes=("a", "b")) for name in ("faster_rcnn", "mask_rcnn"))
    pyramid = sum(channels * 8 + 8 + 9 * 8 * 8 + 8 for channels in (48, 192, 96))
    proposals = 9 * 8 * 8 + 8 + (8 + 1) * 6 * (1 + 4)  # two sides in three shapes at each place
    regions = 8 * 49 * 32 + 32 + 32 * 32 + 32 + (32 + 1) * 3 * (1 + 4)
    assert beside_encoder(faster) == pyramid + proposals + regions
    masks = 4 * (9 * 8 * 8 + 8) + 4 * 8 * 8 + 8 + (8 + 1) * 3
    assert beside_encoder(mask) - beside_encoder(faster) == masks


def beside_encoder(network):
    return sum(p.numel() for p in network.parameters()) - sum(p.numel() for p in network.encoder.parameters())


def test_an_ssd_has_boxes_at_every_stride_from_16():
    network = built("ssdlite")
    maps = network.backbone(torch.zeros(1, 3, 320, 320))
    assert [level.shape[-1] for level in maps.values()] == [20, 10, 5, 3, 2, 1]
    assert network.anchor_generator.num_anchors_per_location() == [6] * 6


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_picture_teaches_that_nothing_is_there(name):
    network = built(name)
    losses = network(torch.rand(1, 3, 64, 96), [target()])
    sum(losses.values()).backward()
    assert float(sum(losses.values()).detach()) > 0
    learnt = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d) and layer.weight.grad is not None]
    assert any(layer.weight.grad.any() for layer in learnt)


def test_a_box_lies_within_another_by_half():
    boxes = torch.tensor([[0.0, 0, 10, 10], [5, 0, 15, 10], [6, 0, 16, 10], [20, 20, 30, 30]])
    assert within(boxes, torch.tensor([[0.0, 0, 10, 10]])).tolist() == [True, True, False, False]
    assert within(boxes, NOTHING).tolist() == [False] * 4


def test_anchors_and_regions_in_an_ignored_box_are_neither_target_nor_background():
    places = torch.tensor([[0.0, 0, 32, 32], [2, 2, 30, 30], [60, 0, 92, 32], [60, 32, 92, 64]])
    truth = target([(60, 0, 92, 32)], ignored=[(0, 0, 40, 40), (50, 0, 96, 30)])
    labels, _ = Proposals(8).assign_targets_to_anchors([places], [truth])
    assert labels[0].tolist() == [-1, -1, 1, 0]
    torch.manual_seed(0)
    (chosen,), _, (classes,), _ = Regions(8, 2).select_training_samples([places], [truth])
    assert chosen[classes == 0].tolist() == [places[3].tolist()]
    assert (classes == 1).sum() == 2  # the proposal on the target, and the target itself


def test_where_all_is_ignored_regions_stay_finite():
    everywhere = target(ignored=[(0, 0, 96, 64)])
    for name in NAMES:
        losses = built(name)(torch.rand(1, 3, 64, 96), [everywhere])
        assert all(loss.isfinite() for loss in losses.values()), name


def test_an_ignored_box_of_an_ssd_adds_nothing():
    """Whatever the network says of it, the loss is the same."""
    network = built("ssdlite")
    anchors = [torch.tensor([[0.0, 0, 20, 20], [40, 40, 60, 60], [60, 0, 90, 30], [30, 0, 50, 20]])]
    matched = [torch.tensor([-1, 0, -1, -1])]
    truth = [target([(40, 40, 60, 60)], ignored=[(55, 0, 96, 32)])]

    def loss(*logits):
        outputs = {"cls_logits": torch.tensor([logits]), "bbox_regression": torch.zeros(1, 4, 4)}
        return float(network.compute_loss(truth, outputs, anchors, matched)["classification"])

    sure, unsure = [0.0, 4.0], [2.0, 0.0]
    assert loss(unsure, unsure, sure, unsure) == loss(unsure, unsure, unsure, unsure)
    assert loss(sure, unsure, unsure, unsure) > loss(unsure, unsure, unsure, unsure)


def test_empty_pictures_of_an_ssd_by_hand():
    """Logits 0: each box has the loss log 2; three hardest ones beside a batch without positives."""
    network = built("ssdlite")
    outputs = {"cls_logits": torch.zeros(1, 8, 2), "bbox_regression": torch.zeros(1, 8, 4)}
    anchors, matched = [torch.tensor([[0.0, 0, 8, 8]] * 8)], [torch.full((8,), -1)]
    losses = network.compute_loss([target()], outputs, anchors, matched)
    assert float(losses["classification"]) == pytest.approx(3 * 0.693147)
    assert isinstance(network, SSDLite)


def test_without_masks_of_a_picture_there_is_no_loss_of_masks():
    network, images = built("mask_rcnn"), torch.rand(1, 3, 64, 96)
    assert "loss_mask" in network(images, [target([(8, 8, 40, 60)])])
    assert "loss_mask" not in network(images, [target([(8, 8, 40, 60)], masks=False)])
    assert "masks" in network(images)[0]


@pytest.mark.parametrize(
    ("name", "channels"), [("alexnet", (3, 0, 64, 192, 256, 256)), ("squeezenet1_0", (3, 96, 256, 512, 512, 512))]
)
def test_classifiers_of_torchvision_give_maps_at_whole_strides_and_take_its_files(tmp_path, name, channels):
    donor = getattr(torchvision.models, name)(weights=None).state_dict()
    torch.save(donor, tmp_path / "donor.pth")
    encoder = staged_encoder(name, str(tmp_path / "donor.pth"))
    assert isinstance(encoder, ClassifierStages) and encoder.out_channels == channels
    loaded = encoder.state_dict()
    assert loaded and all(torch.equal(donor[key], value) for key, value in loaded.items())
    assert {*donor} - {*loaded} == {key for key in donor if key.startswith("classifier.")}
    maps = encoder(torch.zeros(1, 3, 64, 96))
    assert [stage.shape[1] for stage in maps] == list(channels)
    assert [stage.shape[2:] for stage in maps[2:]] == [(16, 24), (8, 12), (4, 6), (2, 3)]


def test_weights_are_fetched_from_the_hub_by_name(monkeypatch):
    def unreachable(*arguments, **options):
        raise OSError("no route")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", unreachable)
    with pytest.raises(TrainingError, match="weights of alexnet cannot be fetched from the hub"):
        staged_encoder("alexnet", "imagenet")


@pytest.mark.parametrize(
    ("encoder", "said"),
    [
        ("resnet1", "unknown encoder 'resnet1'; choose one that .* or alexnet or squeezenet1_0"),
        ("tu-vit_tiny_patch16_224", "encoder tu-vit_tiny_patch16_224 gives no maps at strides 2 to 32"),
    ],
)
def test_what_has_no_stages_is_refused(encoder, said):
    with pytest.raises(TrainingError, match=said) as error:
        staged_encoder(encoder, "none")
    assert "\n" not in str(error.value)
