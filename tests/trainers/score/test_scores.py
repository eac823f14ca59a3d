"""Loss and scores against values worked out by hand."""

import numpy as np
import pytest
import torch

from trainers.config.registry import LOSSES
from trainers.tasks.segmentation.confusion import scores_of
from trainers.tasks.segmentation.losses import BoundaryLoss
from trainers.tasks.segmentation.scores import MaskScores

# 8 pixels: 2 hits, 1 false alarm, 1 miss, 4 true negatives
TRUTH = torch.tensor([1, 1, 1, 0, 0, 0, 0, 0]).view(1, 1, 2, 4)
PREDICTION = torch.tensor([1, 1, 0, 1, 0, 0, 0, 0]).view(1, 1, 2, 4).bool()


def scored(prediction, truth):
    scores = MaskScores()
    scores.update(prediction, truth)
    return scores.compute()


def test_scores_by_hand():
    assert scored(PREDICTION, TRUTH) == pytest.approx(
        {"foreground_iou": 2 / 4, "mean_iou": (2 / 4 + 4 / 6) / 2, "dice": 4 / 6, "precision": 2 / 3, "recall": 2 / 3}
    )


def test_pixels_are_pooled_over_batches():
    scores = MaskScores()
    scores.update(PREDICTION, TRUTH)
    scores.update(torch.zeros(1, 1, 2, 4, dtype=torch.bool), torch.ones(1, 1, 2, 4, dtype=torch.int))
    assert scores.compute()["foreground_iou"] == pytest.approx(2 / 12)


def test_the_empty_prediction_scores_half_on_mean_iou_and_nothing_elsewhere():
    scores = scored(torch.zeros_like(TRUTH, dtype=torch.bool), TRUTH)
    assert scores["mean_iou"] == pytest.approx(5 / 8 / 2)
    assert [scores[name] for name in ("foreground_iou", "dice", "precision", "recall")] == [0, 0, 0, 0]


def test_nothing_found_where_nothing_is_counts_as_right():
    assert set(scores_of(tp=0, fp=0, tn=8, fn=0).values()) == {1.0}


def test_dice_loss_is_one_minus_soft_dice():
    logits = torch.tensor([[[[2.0, -1.0], [0.0, -3.0]]]])
    truth = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]])
    probability = torch.sigmoid(logits)
    dice = (
        2 * ((probability * truth).sum() + 1) / (probability.sum() + truth.sum() + 2)
    )  # smooth = 1, in Tversky's form
    assert LOSSES["dice"]()(logits, truth).item() == pytest.approx(1 - dice.item(), abs=1e-6)


IGNORED = torch.zeros(2, 1, 16, 16, dtype=torch.bool)
IGNORED[0, :, :6], IGNORED[1, :, 10:] = True, True


def noisy(seed):
    truth = torch.zeros(2, 1, 16, 16)
    truth[0, :, 4:12, 4:12] = 1
    return torch.randn(truth.shape, generator=torch.Generator().manual_seed(seed)), truth


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_does_not_see_ignored_pixels(name):
    loss, (logits, truth) = LOSSES[name](), noisy(1)
    changed = torch.where(IGNORED, 9.0, logits).requires_grad_()
    found = loss(changed, truth, IGNORED)
    assert found.item() == pytest.approx(loss(logits, truth, IGNORED).item(), abs=1e-6)
    assert found.item() != pytest.approx(loss(logits, truth).item(), abs=1e-4)
    found.backward()
    assert not changed.grad[IGNORED].any() and changed.grad[~IGNORED].any()


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_nothing_where_everything_is_ignored(name):
    logits, truth = noisy(2)
    loss = LOSSES[name]()(logits.requires_grad_(), truth, torch.ones_like(truth, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0 and not logits.grad.any()


def test_pooled_losses_are_those_of_the_pixels_that_are_left():
    logits, truth = noisy(3)
    left = (part[~IGNORED].view(1, 1, 1, -1) for part in (logits, truth))
    assert LOSSES["dice"]()(logits, truth, IGNORED).item() == pytest.approx(LOSSES["dice"]()(*left).item(), abs=1e-6)


def test_ignored_pixels_are_not_scored():
    scores = MaskScores()
    scores.update(PREDICTION, TRUTH, torch.tensor([0, 0, 1, 1, 0, 0, 0, 0]).view(1, 1, 2, 4).bool())
    assert scores.compute() == dict.fromkeys(("foreground_iou", "mean_iou", "dice", "precision", "recall"), 1.0)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_falls_as_the_prediction_improves_and_leads_there(name):
    truth = torch.zeros(2, 1, 16, 16)
    truth[0, :, 4:12, 4:12] = 1
    losses = [LOSSES[name]()((2 * truth - 1) * sure, truth).item() for sure in (-4, 0, 4)]
    assert losses == sorted(losses, reverse=True) and losses[0] > losses[2]
    logits = torch.zeros_like(truth, requires_grad=True)
    LOSSES[name]()(logits, truth).backward()
    assert torch.isfinite(logits.grad).all()
    assert logits.grad[0, 0, 8, 8] < 0  # more there lowers the loss


def test_boundary_loss_by_hand():
    # one row, the target its right half: signed distances 2, 1, -1, -2 in pixels
    truth = torch.tensor([[[[0.0, 0.0, 1.0, 1.0]]]])
    probability = torch.tensor([0.1, 0.2, 0.7, 0.9])
    expected = (probability * torch.tensor([2.0, 1.0, -1.0, -2.0])).mean() / np.hypot(1, 4)
    loss = BoundaryLoss()(torch.logit(probability).view(1, 1, 1, 4), truth)
    assert loss.item() == pytest.approx(expected.item(), abs=1e-6)
    assert BoundaryLoss()(torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 4, 4)).item() == 0
