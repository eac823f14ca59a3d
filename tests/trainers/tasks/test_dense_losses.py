"""Losses of labels, and of maps against masks: by hand, and what counts nowhere."""

import pytest
import torch

from trainers.tasks.classification.dense_losses import dice_loss, focal_loss
from trainers.tasks.classification.learner import label_loss

LOGITS = torch.tensor([2.0, -1.0, 0.5, -3.0]).view(1, 2, 2)
MASKS = torch.tensor([1.0, 0.0, 1.0, 0.0]).view(1, 2, 2)
EVERYWHERE = torch.ones(1, 2, 2)
OTHER = torch.tensor([3.0, -2.0, 1.0, 0.0]).view(1, 2, 2)


def test_all_three_are_those_of_the_specification():
    logits, labels = LOGITS.view(4, 1), MASKS.view(4, 1)
    assert label_loss(logits, labels, torch.ones(4, 1)).item() == pytest.approx(0.2407135, abs=1e-7)
    assert focal_loss(LOGITS, MASKS, EVERYWHERE).item() == pytest.approx(0.00860494, abs=1e-8)
    assert dice_loss(LOGITS, MASKS, EVERYWHERE).item() == pytest.approx(0.1687084, abs=1e-7)


def test_pictures_without_a_target_count_for_focal_and_not_for_dice():
    logits, masks = torch.cat([LOGITS, OTHER]), torch.cat([MASKS, torch.zeros(1, 2, 2)])
    counted = torch.ones(2, 2, 2)
    alone = focal_loss(OTHER, torch.zeros(1, 2, 2), EVERYWHERE)
    assert focal_loss(logits, masks, counted).item() == pytest.approx((0.00860494 + alone.item()) / 2)
    assert dice_loss(logits, masks, counted).item() == pytest.approx(0.1687084)


def test_pixels_that_do_not_count_change_nothing():
    counted = torch.tensor([1.0, 1.0, 0.0, 1.0]).view(1, 2, 2)
    changed = LOGITS.clone()
    changed[0, 1, 0] = -9
    for loss in (focal_loss, dice_loss):
        assert loss(LOGITS, MASKS, counted) == loss(changed, MASKS, counted) != loss(LOGITS, MASKS, EVERYWHERE)


def test_where_nothing_counts_there_is_no_loss_and_no_gradient():
    logits = LOGITS.clone().requires_grad_()
    loss = focal_loss(logits, MASKS, torch.zeros(1, 2, 2)) + dice_loss(logits, MASKS, torch.zeros(1, 2, 2))
    loss.backward()
    assert loss.item() == 0 and not logits.grad.any()
