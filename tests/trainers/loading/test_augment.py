"""Augmentation while training: masks follow the geometry, draws follow from what they are for."""

from concurrent.futures import ThreadPoolExecutor

import albumentations
import numpy as np
import pytest
import torch

from synthgen.core.errors import ConfigError, TrainingError
from trainers.loading.augment import STANDARD, DeviceAugmentation, RowAugmentation

FLIP = albumentations.Compose([albumentations.HorizontalFlip(p=0.5)]).to_dict()


def images_with_masks():
    images = torch.rand(16, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    return images, images[:, :1] > 0.5  # a mask that can be recognised in its image


def test_image_and_mask_are_mirrored_together_and_light_keeps_the_order_of_brightness():
    images, masks = images_with_masks()
    new, new_masks = DeviceAugmentation(STANDARD)(images, masks, (0, 3))
    turned = [not torch.equal(a, b) for a, b in zip(masks, new_masks, strict=True)]
    assert 0 < sum(turned) < 16
    assert new_masks.dtype == torch.bool and new.min() >= 0 and new.max() <= 1
    for image, mask, turn, changed, moved in zip(images, masks, turned, new, new_masks, strict=True):
        assert torch.equal(moved, mask.flip(-1) if turn else mask)
        order = (image.flip(-1) if turn else image).flatten().argsort()
        assert (changed.flatten()[order].diff() >= -1e-6).all()


def test_a_key_names_the_draws_and_the_programs_own_generator_is_left_alone():
    images, masks = images_with_masks()
    augment = DeviceAugmentation(STANDARD)
    torch.manual_seed(5)
    first = augment(images, masks, (1, 0, 2))[0]
    drawn = torch.rand(1)
    torch.manual_seed(6)
    assert torch.equal(augment(images, masks, (1, 0, 2))[0], first)
    assert not torch.equal(augment(images, masks, (1, 0, 3))[0], first)
    torch.manual_seed(5)
    assert torch.equal(torch.rand(1), drawn)


def test_any_of_kornias_augmentations_can_be_named():
    images, masks = images_with_masks()
    turned = DeviceAugmentation([{"RandomVerticalFlip": {"p": 1.0}}])(images, masks, (0,))
    assert torch.equal(turned[0], images.flip(-2)) and torch.equal(turned[1], masks.flip(-2))


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        ({"RandomNonsense": {}}, "kornia.augmentation has no 'RandomNonsense'"),
        ({"RandomAffine": {"degree": 3}}, "augment: RandomAffine cannot be built"),
    ],
)
def test_an_augmentation_that_kornia_lacks_is_named(step, complaint):
    with pytest.raises(TrainingError, match=complaint):
        DeviceAugmentation([step])


def test_the_size_must_stay():
    images, masks = images_with_masks()
    with pytest.raises(TrainingError, match=r"augment: turned images of 8×8 into 4×4"):
        DeviceAugmentation([{"CenterCrop": {"size": 4}}])(images, masks, (0,))


def test_a_pipeline_of_albumentations_moves_image_and_mask_by_the_row_and_epoch():
    image = np.arange(192, dtype=np.uint8).reshape(8, 8, 3)
    augment = RowAugmentation(FLIP, seed=1)

    def run(epoch, row):
        pixels, mask = image.copy(), image[:, :, 0].copy()
        augment(pixels, mask, epoch, row)
        np.testing.assert_array_equal(pixels[:, :, 0], mask)
        return not np.array_equal(pixels, image)

    mirrored = [run(0, row) for row in range(20)]
    assert mirrored == [run(0, row) for row in range(20)]
    assert 0 < sum(mirrored) < 20
    assert mirrored != [run(1, row) for row in range(20)]


def test_a_pipeline_that_cannot_be_read_or_that_crops_is_refused():
    with pytest.raises(ConfigError, match="albumentations: albumentations cannot read it"):
        RowAugmentation({"transform": {"__class_fullname__": "Nonsense", "p": 1.0}}, seed=0)
    with pytest.raises(ConfigError, match="albumentations: found HorizontalFlip; wrap it in an albumentations Compose"):
        RowAugmentation(albumentations.to_dict(albumentations.HorizontalFlip()), seed=0)
    crop = RowAugmentation(albumentations.Compose([albumentations.CenterCrop(4, 4)]).to_dict(), seed=0)
    with pytest.raises(ConfigError, match=r"turned a picture of \(8, 8, 3\), uint8, into \(4, 4, 3\)"):
        crop(np.zeros((8, 8, 3), np.uint8), None, 0, 0)


def test_eight_threads_draw_what_one_thread_draws():
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    augment = RowAugmentation(albumentations.Compose([albumentations.Rotate(limit=90, p=1.0)]).to_dict(), seed=1)

    def run(row):
        pixels, mask = image.copy(), image[:, :, 0].copy()
        augment(pixels, mask, 0, row)
        return pixels.tobytes() + mask.tobytes()

    alone = [run(row) for row in range(60)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(run, range(60))) == alone
