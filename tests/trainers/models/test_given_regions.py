"""Fast R-CNN and R-CNN: the published figures, which regions are learnt from, and what of a picture is looked at."""

import pytest
import torch
import torchvision
from torch.nn.functional import adaptive_max_pool2d, max_pool2d
from torchvision.ops import RoIPool

from synthgen.core.errors import TrainingError
from trainers.config.detection import DetectionConfig
from trainers.config.registry import DETECTORS
from trainers.models.detectors.given_regions import Judge, region_losses
from trainers.models.detectors.rcnn import crops_of
from trainers.models.detectors.trunk import AlexNet

NAMES = ("fast_rcnn", "rcnn")
NOTHING = torch.zeros(0, 4)
TARGET = [10.0, 10, 50, 40]


def built(name, **options):
    torch.manual_seed(0)
    return DETECTORS[name](DetectionConfig(network=name, **{"encoder": "tu-test_resnet", "width": 8, **options}))


def target(boxes=(), regions=(), ignored=()):
    corners, given, excused = (
        torch.tensor(part, dtype=torch.float32).reshape(-1, 4) for part in (boxes, regions, ignored)
    )
    labels = torch.ones(len(corners), dtype=torch.long)
    return {"boxes": corners, "labels": labels, "ignored": excused, "regions": given}


def test_alexnet_has_the_published_size():
    """All layers counted, for one class beside background."""
    with torch.device("meta"):
        network = built("fast_rcnn", encoder="alexnet")
        maps = network.trunk(torch.zeros(1, 3, 480, 640))
    assert sum(parameter.numel() for parameter in network.parameters()) == 57_044_810
    assert sum(parameter.numel() for parameter in network.judge.parameters()) == 4097 * (2 + 8)
    assert maps.shape == (1, 256, 29, 39)


def test_pooling_of_a_region_by_hand():
    picture = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert RoIPool(2, 1.0)(picture, torch.tensor([[0.0, 0, 0, 3, 3]]))[0, 0].tolist() == [[5, 7], [13, 15]]


def test_boxes_are_coded_in_units_of_their_deviations():
    region, wanted = torch.tensor([TARGET]), torch.tensor([[14.0, 8, 58, 44]])
    coder = Judge(4, 2, 8).box_coder
    (found,) = coder.encode([wanted], [region])
    assert found[0].tolist() == pytest.approx([1.5, 1 / 3, 0.476551, 0.911608], abs=1e-6)
    assert torch.allclose(coder.decode(found, [region])[0, 0], wanted, atol=1e-4)


def test_losses_by_hand():
    """A target that is off by (.5, 2, 0, 0), and a background, whose offsets count for nothing."""
    logits, labels = torch.zeros(2, 2), torch.tensor([1, 0])
    offsets, wanted = torch.zeros(2, 8), torch.tensor([[0.5, 2.0, 0, 0], [9.0, 9, 9, 9]])
    found = region_losses(logits, offsets, labels, wanted)
    assert found["loss_classifier"].item() == pytest.approx(0.693147, abs=1e-6)
    assert found["loss_box_reg"].item() == pytest.approx((0.5**2 / 2 + 2 - 0.5) / 2)  # β = 1


def test_new_layers_begin_small():
    torch.manual_seed(0)
    layers = Judge(4096, 21, 64).box_predictor
    assert layers.cls_score.weight.std().item() == pytest.approx(0.01, rel=0.05)
    assert layers.bbox_pred.weight.std().item() == pytest.approx(0.001, rel=0.05)
    assert not layers.cls_score.bias.any() and not layers.bbox_pred.bias.any()


def test_regions_are_targets_background_or_neither():
    """Overlaps with the target, 40×30: all, a half, a quarter, a hundredth; none; and a true box is always there."""
    regions = torch.tensor([TARGET, [10, 10, 30, 40], [10, 10, 20, 40], [10, 10, 14, 13], [60, 60, 90, 90]])
    (labels,) = Judge(4, 2, 8).assign_targets_to_proposals([regions], [torch.tensor([TARGET])], [torch.tensor([1])])[1]
    assert labels.tolist() == [1, 1, 0, -1, -1]
    (empty,) = Judge(4, 2, 8).assign_targets_to_proposals([regions], [NOTHING], [torch.zeros(0).long()])[1]
    assert empty.tolist() == [0] * 5


def test_a_quarter_of_what_is_learnt_are_targets():
    torch.manual_seed(0)
    on, beside = [TARGET] * 30, [[10, 10, 20, 40]] * 90
    _, _, labels, offsets = Judge(4, 2, 64).select_training_samples([torch.tensor(on + beside)], [target([TARGET])])
    assert labels[0].tolist().count(1) == 16 and labels[0].tolist().count(0) == 48 and offsets[0].shape == (64, 4)


def test_regions_of_what_is_to_be_ignored_are_no_background():
    regions = torch.tensor([[60.0, 60, 90, 90], [0, 0, 20, 20]])
    proposals, _, labels, _ = Judge(4, 2, 8).select_training_samples([regions], [target(ignored=[[55, 55, 95, 95]])])
    assert proposals[0].tolist() == [[0, 0, 20, 20]] and labels[0].tolist() == [0]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_picture_teaches_and_one_without_a_proposal_is_a_region_itself(name):
    network, images = built(name), torch.rand(2, 3, 70, 96)
    losses = network(images, [target(), target(ignored=[[0, 0, 96, 70]])])
    assert losses["loss_classifier"] > 0 and losses["loss_box_reg"] == 0
    sum(losses.values()).backward()
    found = network.eval()(images, regions=[NOTHING, torch.tensor([[8, 8, 40, 40], [20, 20, 60, 60]])])
    assert [len(each["boxes"]) for each in found] == [1, 2]
    assert torch.allclose(found[0]["boxes"], torch.tensor([[0.0, 0, 96, 70]]), atol=1)


def test_an_rcnn_looks_at_the_first_regions_alone():
    network = built("rcnn").eval()
    network.most = 3
    seen = []
    network.described = lambda images, regions: seen.append(regions) or torch.zeros(len(regions[0]), 32)
    regions = torch.arange(40).reshape(10, 4)
    network(torch.rand(1, 3, 64, 64), regions=[regions])
    assert torch.equal(seen[0][0], regions[:3].float())


def test_a_region_is_cut_out_and_stretched():
    ramp = torch.arange(100.0).repeat(80, 1)[None, None]
    crops = crops_of(ramp, torch.tensor([[0.0, 20, 10, 60, 70]]))
    assert crops.shape == (1, 1, 227, 227)
    places = 20 - 0.5 + (torch.arange(227) + 0.5) * 40 / 227  # centres of pixels lie half a pixel off their edges
    assert torch.allclose(crops[0, 0], places.expand(227, 227), atol=1e-3)


def test_pooling_of_a_crop_is_alexnets_own():
    maps = torch.rand(1, 4, 13, 13)  # of 227 pixels
    assert torch.equal(adaptive_max_pool2d(maps, 6), max_pool2d(maps, 3, 2))


def test_weights_of_alexnet_are_those_of_its_first_seven_layers(tmp_path):
    torch.manual_seed(1)
    whole = torchvision.models.alexnet().eval()
    torch.save(whole.state_dict(), tmp_path / "alexnet.pth")
    network = built("rcnn", encoder="alexnet", weights=str(tmp_path / "alexnet.pth")).eval()
    assert isinstance(network.encoder, AlexNet)
    crops = torch.rand(1, 3, 227, 227)
    found = whole.classifier[-1](network._features(crops))
    assert torch.allclose(found, whole(crops), atol=1e-5)
    torch.save({"features.0.weight": torch.zeros(2)}, tmp_path / "other.pth")
    with pytest.raises(TrainingError, match="does not fit AlexNet: 13 tensors are missing"):
        built("fast_rcnn", encoder="alexnet", weights=str(tmp_path / "other.pth"))


@pytest.mark.parametrize("scale", [1, 300])
def test_an_encoders_scale_does_not_matter(scale):
    network, images = built("fast_rcnn").eval(), torch.rand(1, 3, 64, 96)
    stages = network.trunk.stages
    stages.register_forward_hook(lambda module, given, maps: [scale * each for each in maps])
    assert 0.9 < network.trunk(images).std().item() < 1.1


def test_only_what_begins_with_weights_is_the_encoder():
    network = built("fast_rcnn")
    inner = sum(parameter.numel() for parameter in network.encoder.parameters())
    fully = (192 * 36 + 1) * 32 + 33 * 32 + 2 * 192  # scale and shift of each channel
    assert sum(parameter.numel() for parameter in network.parameters()) == inner + fully + 33 * (2 + 8)
