"""Learning masks: ignored pixels count neither in the loss nor in validation, also when the picture is mirrored."""

import numpy as np
import pytest
import torch
from torch import nn

from trainers.config.segmentation import SegmentationConfig
from trainers.loading.targets import Batch, MaskTargets
from trainers.tasks.segmentation.learner import Segmentation

SIZE = (16, 16)
REGION = np.zeros(SIZE, bool)
REGION[:5, 2:9] = True


class Red(nn.Module):
    """One logit a pixel: its red."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, images):
        return self.scale * images[:, :1]


def learner(**options):
    return Segmentation(Red(), SegmentationConfig(**{"augment": False, "loss": "bce", **options}))


def batch(*, target_in_region, ignore=True):
    """Two pictures; the first one's region is target or not."""
    images = np.random.default_rng(0).integers(0, 256, (2, *SIZE, 3), np.uint8)
    masks = np.zeros((2, *SIZE), np.uint8)
    masks[:, 8:12, 3:9] = 1
    masks[0][REGION] = target_in_region
    return Batch(images, MaskTargets(masks, [REGION if ignore else None, None]), (0, 1), 2)


FLIP = ({"RandomHorizontalFlip": {"p": 0.5}}, {"RandomVerticalFlip": {"p": 0.5}})


@pytest.mark.parametrize("augment", [False, FLIP], ids=["as it is", "mirrored"])
@pytest.mark.parametrize("key", [(0,), (1,), (2,)])
def test_the_loss_is_the_same_whatever_an_ignored_region_shows(augment, key):
    module = learner(augment=augment)
    one, other = (module.loss_of(batch(target_in_region=target), key).item() for target in (0, 1))
    assert one == other
    seen = [module.loss_of(batch(target_in_region=target, ignore=False), key).item() for target in (0, 1)]
    assert seen[0] != seen[1]


def test_scores_are_the_same_whatever_an_ignored_region_shows():
    module, found = learner(), []
    for target in (0, 1):
        loss = module.validate(batch(target_in_region=target)).item()
        found.append((loss, module.scores()))
    assert found[0] == found[1]
    module.validate(batch(target_in_region=1, ignore=False))
    assert module.scores() != found[0][1]
