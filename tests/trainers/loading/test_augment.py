"""Augmentation while training: masks follow the geometry, draws follow from what they are for."""

import pytest
import torch

from synthgen.core.errors import TrainingError
from trainers.loading.augment import LIGHT, STANDARD, DeviceAugmentation

FLIPS = [{"RandomHorizontalFlip": {"p": 0.5}}, {"RandomVerticalFlip": {"p": 0.5}}]


def images_with_masks():
    images = torch.rand(16, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    return images, images[:, :1] > 0.5  # a mask that can be recognised in its image


def test_image_and_mask_are_mirrored_together_and_light_keeps_the_order_of_brightness():
    images, masks = images_with_masks()
    new, new_masks = DeviceAugmentation((*FLIPS[:1], *LIGHT)).with_masks(images, masks, (0, 3))
    turned = [not torch.equal(a, b) for a, b in zip(masks, new_masks, strict=True)]
    assert 0 < sum(turned) < 16
    assert new_masks.dtype == torch.bool and new.min() >= 0 and new.max() <= 1
    for image, mask, turn, changed, moved in zip(images, masks, turned, new, new_masks, strict=True):
        assert torch.equal(moved, mask.flip(-1) if turn else mask)
        order = (image.flip(-1) if turn else image).flatten().argsort()
        assert (changed.flatten()[order].diff() >= -1e-6).all()


def test_light_leaves_about_a_third_of_the_pictures_alone_and_crushes_no_dark_texture():
    dark = torch.linspace(0.02, 0.12, 64).view(1, 1, 8, 8).expand(300, 3, 8, 8)
    new = DeviceAugmentation(LIGHT)(dark, (0,))
    alone = [torch.equal(image, dark[0]) for image in new]
    assert 0.25 < sum(alone) / len(alone) < 0.45
    assert all(len(image[0].unique()) > 0.95 * 64 and image.max() - image.min() > 0.03 for image in new)


def test_the_standard_softens_greys_and_disturbs_some_pictures():
    images = torch.rand(64, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    new = DeviceAugmentation(STANDARD)(images, (0,))
    grey = [torch.allclose(image[0], image[1]) and torch.allclose(image[1], image[2]) for image in new]
    alone = [
        any(torch.equal(image, old) for old in (own, own.flip(-1))) for image, own in zip(new, images, strict=True)
    ]
    assert 0 < sum(grey) < 16 and 4 < sum(alone) < 32


def test_places_are_exact_whatever_the_precision_of_the_training():
    images, masks = images_with_masks()
    turn = DeviceAugmentation([{"RandomAffine": {"degrees": (20.0, 20.0), "p": 1.0}}])
    expected = turn.with_masks(images, masks, (0,))
    with torch.autocast("cpu", torch.bfloat16):
        found = turn.with_masks(images, masks, (0,))
    assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))


def test_a_key_names_the_draws_and_the_programs_own_generator_is_left_alone():
    images, masks = images_with_masks()
    augment = DeviceAugmentation(STANDARD)
    torch.manual_seed(5)
    first = augment.with_masks(images, masks, (1, 0, 2))[0]
    drawn = torch.rand(1)
    torch.manual_seed(6)
    assert torch.equal(augment.with_masks(images, masks, (1, 0, 2))[0], first)
    assert not torch.equal(augment.with_masks(images, masks, (1, 0, 3))[0], first)
    torch.manual_seed(5)
    assert torch.equal(torch.rand(1), drawn)


def test_any_of_kornias_augmentations_can_be_named():
    images, masks = images_with_masks()
    turned = DeviceAugmentation([{"RandomVerticalFlip": {"p": 1.0}}]).with_masks(images, masks, (0,))
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
    images, _ = images_with_masks()
    with pytest.raises(TrainingError, match=r"augment: turned images of 8×8 into 4×4"):
        DeviceAugmentation([{"CenterCrop": {"size": 4}}])(images, (0,))


def test_boxes_are_mirrored_with_their_images_however_many_an_image_has():
    generator = torch.Generator().manual_seed(1)
    corners = [torch.rand(count, 2, 2, generator=generator).mul(16).sort(1).values.flatten(1) for count in (3, 0, 1, 2)]
    boxes = [own.round() for own in corners * 4]
    images = torch.zeros(16, 3, 16, 16)
    for image, own in zip(images, boxes, strict=True):
        if len(own):
            x0, y0, x1, y1 = own[0].int().tolist()
            image[:, y0:y1, x0:x1] = 1
    new, moved = DeviceAugmentation(FLIPS).with_boxes(images, boxes, (0, 1))
    assert [len(own) for own in moved] == [len(own) for own in boxes]
    assert sum(not torch.equal(a, b) for a, b in zip(images, new, strict=True)) > 4
    for image, own in zip(new, moved, strict=True):
        if len(own):
            x0, y0, x1, y1 = own[0].int().tolist()
            assert image[:, y0:y1, x0:x1].all() and image.sum() == 3 * (y1 - y0) * (x1 - x0)


def test_boxes_are_cut_to_the_frame_when_they_are_moved_beyond_it():
    shift = [{"RandomTranslate": {"translate_x": (0.5, 0.5), "p": 1.0}}]
    _, (moved,) = DeviceAugmentation(shift).with_boxes(
        torch.zeros(1, 3, 8, 8), [torch.tensor([[1.0, 2.0, 6.0, 5.0]])], (0,)
    )
    assert moved.tolist() == [[5.0, 2.0, 8.0, 5.0]]


def test_images_alone_are_changed_as_those_with_targets():
    images, masks = images_with_masks()
    augment = DeviceAugmentation(STANDARD)
    assert torch.equal(augment(images, (1, 2)), augment.with_masks(images, masks, (1, 2))[0])
