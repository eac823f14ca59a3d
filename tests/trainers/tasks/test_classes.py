"""Several classes: what outputs mean, losses by class, scores by hand, photographs with boxes, the learner."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from classed import CATEGORIES
from synthgen.core.picture import Boxes
from trainers.config.registry import LOSSES
from trainers.config.segmentation import SegmentationConfig
from trainers.loading.targets import Batch, MaskTargets
from trainers.predict.foreground import foreground, surest_classes
from trainers.tasks.segmentation.class_losses import class_loss
from trainers.tasks.segmentation.confusion import classes_scored, confusion_scores, scores_of
from trainers.tasks.segmentation.learner import Segmentation
from trainers.tasks.segmentation.outputs import class_logits, class_probabilities, found_classes, numbers_of
from trainers.tasks.segmentation.scores import MaskScores
from trainers.tasks.segmentation.weak import box_loss

SOFTMAX = pytest.mark.parametrize("softmax", [True, False], ids=["softmax", "overlap"])
NAMES = ("cat", "dog")


def truth(size=16):
    """Two pictures of three classes: a square of the first and one of the third; the second class is not shown."""
    masks = torch.zeros(2, 3, size, size)
    masks[0, 0, 2:8, 2:8] = 1
    masks[1, 2, 6:14, 4:12] = 1
    return masks


def outputs_of(masks, sure, *, softmax):
    """Outputs that give the true classes with logits of ± `sure`."""
    logits = (2 * masks - 1) * sure
    return torch.cat([-logits.amax(dim=1, keepdim=True), logits], dim=1) if softmax else logits


@SOFTMAX
@given(seed=st.integers(0, 2**31))
def test_a_classs_own_logit_is_that_of_its_probability(softmax, seed):
    outputs = 3 * torch.randn(2, 4, 3, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    found = class_probabilities(outputs, softmax=softmax)
    torch.testing.assert_close(class_logits(outputs, softmax=softmax).sigmoid(), found)
    assert found.shape == (2, 3 if softmax else 4, 3, 3)
    assert not softmax or (found.sum(dim=1) <= 1).all()


def test_two_outputs_by_softmax_are_one_by_sigmoid():
    logits = torch.randn(1, 1, 4, 4)
    both = torch.cat([torch.zeros_like(logits), logits], dim=1)
    torch.testing.assert_close(class_probabilities(both, softmax=True), class_probabilities(logits, softmax=False))


def test_gradients_stay_finite_where_a_class_is_certain():
    outputs = torch.tensor([0.0, 80.0, -80.0]).view(1, 3, 1, 1).requires_grad_()
    class_logits(outputs, softmax=True).sum().backward()
    assert torch.isfinite(outputs.grad).all()


def test_a_pixel_is_of_its_surest_class_where_it_is_more_probably_of_any_than_of_none():
    probabilities = torch.tensor([[0.8, 0.2, 0.3, 0.3], [0.1, 0.2, 0.4, 0.1]]).view(1, 2, 1, 4)
    assert found_classes(probabilities.logit()).flatten().tolist() == [1, 0, 2, 0]
    assert surest_classes(probabilities[0].numpy(), 0.5).flatten().tolist() == [1, 0, 2, 0]
    np.testing.assert_allclose(foreground(probabilities[0].numpy()).flatten(), [0.9, 0.4, 0.7, 0.4])
    assert found_classes(torch.tensor([0.1, -0.1]).view(1, 1, 1, 2)).flatten().tolist() == [1, 0]
    assert numbers_of(torch.tensor([[1, 0, 0], [0, 0, 1]]).view(1, 2, 1, 3) > 0).flatten().tolist() == [1, 0, 2]


@SOFTMAX
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_falls_as_the_prediction_improves_and_leads_there(name, softmax):
    masks, loss = truth(), class_loss(name, softmax=softmax)
    losses = [loss(outputs_of(masks, sure, softmax=softmax), masks).item() for sure in (-4, 0, 4)]
    assert losses == sorted(losses, reverse=True) and losses[0] > losses[2]
    outputs = torch.zeros(2, 3 + softmax, 16, 16, requires_grad=True)
    loss(outputs, masks).backward()
    assert torch.isfinite(outputs.grad).all()
    assert outputs.grad[0, int(softmax), 4, 4] < 0  # more of the first class there lowers the loss


@SOFTMAX
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_does_not_see_ignored_pixels_and_is_nothing_where_all_are(name, softmax):
    masks, loss = truth(), class_loss(name, softmax=softmax)
    ignore = torch.zeros(2, 1, 16, 16, dtype=torch.bool)
    ignore[:, :, :5] = True
    outputs = torch.randn(2, 3 + softmax, 16, 16, generator=torch.Generator().manual_seed(1))
    changed = torch.where(ignore, 5.0, outputs).requires_grad_()
    found = loss(changed, masks, ignore)
    assert found.item() == pytest.approx(loss(outputs, masks, ignore).item(), abs=1e-6)
    found.backward()
    assert not changed.grad[ignore.expand_as(changed)].any() and changed.grad.any()
    assert loss(outputs, masks, torch.ones_like(ignore)).item() == 0


def test_cross_entropy_is_that_of_all_classes_and_background():
    masks, outputs = truth(), torch.randn(2, 4, 16, 16)
    target = numbers_of(masks > 0)[:, 0]
    assert class_loss("bce", softmax=True)(outputs, masks).item() == pytest.approx(
        cross_entropy(outputs, target).item(), abs=1e-6
    )


def test_the_sum_is_of_cross_entropy_and_dice_over_the_classes_that_are_shown():
    masks, outputs = truth(), torch.randn(2, 4, 16, 16)
    own = class_logits(outputs, softmax=True)
    dice = [LOSSES["dice"]()(own[:, n : n + 1], masks[:, n : n + 1]).item() for n in (0, 2)]  # the second is not shown
    expected = class_loss("bce", softmax=True)(outputs, masks).item() + sum(dice) / 2
    assert class_loss("bce_dice", softmax=True)(outputs, masks).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_one_class_by_softmax_has_the_loss_of_one_by_sigmoid(name):
    masks = truth()[:, :1]
    logits = torch.randn(2, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    both = torch.cat([torch.zeros_like(logits), logits], dim=1)
    one = LOSSES[name]()(logits, masks).item()
    assert class_loss(name, softmax=True)(both, masks).item() == pytest.approx(one, abs=1e-5)


# true \\ found: background, cat, dog
CONFUSION = np.array([[80, 2, 0], [3, 6, 1], [0, 4, 4]])


def test_scores_by_hand():
    found = confusion_scores(CONFUSION, NAMES)
    cat, dog, background = 6 / (10 + 12 - 6), 4 / (8 + 5 - 4), 80 / (82 + 83 - 80)
    assert found["iou of cat"] == pytest.approx(cat) and found["iou of dog"] == pytest.approx(dog)
    assert found["foreground_iou"] == pytest.approx((cat + dog) / 2)
    assert found["mean_iou"] == pytest.approx((cat + dog + background) / 3)
    assert found["precision of cat"] == pytest.approx(6 / 12) and found["recall of dog"] == pytest.approx(4 / 8)
    assert found["dice of cat"] == pytest.approx(12 / 22) and classes_scored(found) == NAMES


def test_a_class_that_is_not_shown_has_no_scores_and_counts_in_no_mean():
    found = confusion_scores(np.array([[80, 2, 5], [3, 6, 1], [0, 0, 0]]), NAMES)
    assert math.isnan(found["iou of dog"]) and found["foreground_iou"] == found["iou of cat"]
    nothing = confusion_scores(np.array([[80, 0, 0], [0, 0, 0], [0, 0, 0]]), NAMES)
    assert [nothing[name] for name in ("foreground_iou", "mean_iou", "recall")] == [1, 1, 1]
    assert confusion_scores(np.array([[78, 2, 0], [0, 0, 0], [0, 0, 0]]), NAMES)["foreground_iou"] == 0


@given(st.lists(st.integers(0, 10**9), min_size=4, max_size=4))
def test_one_class_has_the_scores_of_its_counts(counts):
    tn, fp, fn, tp = counts
    assert confusion_scores(np.array([[tn, fp], [fn, tp]]), ()) == scores_of(tp=tp, fp=fp, tn=tn, fn=fn)


def test_pixels_are_counted_by_class_over_batches():
    scores = MaskScores(NAMES)
    scores.update(torch.tensor([0, 1, 2, 2]), torch.tensor([0, 1, 1, 2]))
    scores.update(torch.tensor([1, 1]), torch.tensor([2, 1]), torch.tensor([True, False]))
    assert scores.compute()["iou of cat"] == pytest.approx(2 / 3) and scores.compute()["iou of dog"] == 1 / 2


class Colours(torch.nn.Module):
    """A logit for each colour: how much more of it there is than of the others, and for background how little."""

    def __init__(self, *, softmax):
        super().__init__()
        self.scale, self.softmax = torch.nn.Parameter(torch.tensor(4.0)), softmax

    def forward(self, images):
        own = images - images.mean(dim=1, keepdim=True) - 0.5
        return self.scale * (torch.cat([torch.zeros_like(own[:, :1]), own], dim=1) if self.softmax else own)


def learner(*, softmax=True, **options):
    config = SegmentationConfig(classes=CATEGORIES, overlap=not softmax, augment=False, **options)
    return Segmentation(Colours(softmax=softmax), config)


def batch(boxes=None):
    """A picture of a red and a blue square, as masks or known by its boxes."""
    images, masks = np.full((2, 32, 32, 3), 90, np.uint8), np.zeros((2, 32, 32), np.uint8)
    for corner, colour, number in ((2, (230, 30, 30), 1), (18, (30, 30, 230), 3)):
        images[:, corner : corner + 10, corner : corner + 10] = colour
        masks[:, corner : corner + 10, corner : corner + 10] = number
    if boxes is not None:
        masks[1] = 0
    return Batch(images, MaskTargets(masks, [None, None], {} if boxes is None else {1: boxes}), (0, 1), 2)


@SOFTMAX
def test_validation_counts_by_class(softmax):
    module = learner(softmax=softmax)
    module.validate(batch())
    found = module.scores()
    assert found["iou of red"] == found["iou of blue"] == found["foreground_iou"] == 1
    assert math.isnan(found["iou of green"]) and "dice of red" not in found


@SOFTMAX
@pytest.mark.parametrize("augment", [False, ({"RandomHorizontalFlip": {"p": 0.5}},)], ids=["as it is", "mirrored"])
def test_boxes_of_the_right_class_cost_less(softmax, augment):
    corners = [(2, 2, 12, 12), (18, 18, 28, 28)]
    module = learner(softmax=softmax)
    if augment:
        module = Segmentation(module.network, module.config.model_copy(update={"augment": augment}))
    losses = [
        module.loss_of(batch(Boxes.of(corners, names)), (3,)).item() for names in (("red", "blue"), ("blue", "red"))
    ]
    assert losses[0] < losses[1]


def test_the_box_loss_of_a_picture_is_that_of_the_shown_classes_and_of_the_others():
    module, boxes = learner(), Boxes.of([(2, 2, 12, 12), (18, 18, 28, 28)], ("red", "blue"))
    data = batch(boxes)
    images, known = module.images_of(data), module.known_of(data)
    logits, pixels = class_logits(module(images), softmax=True), images.float() / 255
    both = known.boxes[1]
    own = [box_loss(logits[1, n : n + 1], pixels[1], part) for n, part in ((0, both[:1]), (1, both[:0]), (2, both[1:]))]
    weak = (own[0] + own[2]) / 2 + own[1]
    masked = module._loss(module(images)[:1], known.masks[:1], None)
    assert module.loss_of(data).item() == pytest.approx(((masked + weak) / 2).item(), rel=1e-5)
