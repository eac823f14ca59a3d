"""What training costs, counted: by hand where that can be done."""

import pytest
from torch import nn

from trainers.config.classification import ClassificationConfig
from trainers.config.segmentation import SegmentationConfig
from trainers.study.cost import Cost, cost_of, within_budget

NETWORK = "trainers.tasks.segmentation.task.build_network"


class OneConvolution(nn.Module):
    """3 → 1 channels, 3 × 3."""

    def __init__(self):
        super().__init__()
        self.head = nn.Conv2d(3, 1, 3, padding=1)

    def forward(self, images):
        return self.head(images)


def test_cost_by_hand(monkeypatch):
    monkeypatch.setattr(NETWORK, lambda config: OneConvolution())
    cost = cost_of(SegmentationConfig(augment=False), (8, 16))
    assert (cost.parameters, cost.trainable) == (28, 28)
    assert cost.forward == 2 * 27 * 8 * 16  # a multiplication and an addition for each weight and pixel
    assert cost.training == 2 * cost.forward  # and the gradient of the weights; the pictures need none


class Depthwise(nn.Module):
    """Two convolutions, the second one of each channel alone."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 3, padding=1, groups=4))

    def forward(self, images):
        return self.layers(images).mean(1, keepdim=True)


def test_grouped_convolutions_are_counted_by_their_own_weights(monkeypatch):
    monkeypatch.setattr(NETWORK, lambda config: Depthwise())
    cost = cost_of(SegmentationConfig(augment=False), (8, 16))
    first, second = 2 * 3 * 4 * 8 * 16, 2 * 4 * 9 * 8 * 16
    assert cost.forward == first + second
    assert cost.training == 2 * first + 3 * second  # the first needs no gradient of the pictures


def test_frozen_encoders_cost_less_to_train():
    costs = [
        cost_of(SegmentationConfig(encoder="mobilenet_v2", freeze_encoder=frozen, augment=False), (32, 32))
        for frozen in (False, True)
    ]
    assert costs[1].training < costs[0].training and costs[1].trainable < costs[0].trainable
    assert costs[1].parameters == costs[0].parameters


def test_any_task_has_a_cost():
    cost = cost_of(ClassificationConfig(encoder="resnet10t"), (32, 32))
    assert cost.parameters == cost.trainable > 0 and cost.training > cost.forward > 0


def test_figures_of_a_training_follow_from_what_it_saw():
    figures = Cost(2, 1, 3e9, 5e9).figures(pictures=1000, seconds=4)
    assert figures == {
        "parameters": 2,
        "trainable": 1,
        "gflop_forward": 3.0,
        "tflop_training": 5.0,
        "images_per_second": 250.0,
    }


@pytest.mark.parametrize(("budget", "epochs", "samples"), [(1.0, 10, 0), (0.25, 2, 0), (0.05, 1, 50), (0.001, 1, 8)])
def test_a_budget_gives_whole_epochs_or_a_part_of_one(budget, epochs, samples):
    config = within_budget(SegmentationConfig(batch_size=8), Cost(1, 1, 1e8, 1e9), present=100, budget=budget)
    assert (config.epochs, config.samples) == (epochs, samples)
