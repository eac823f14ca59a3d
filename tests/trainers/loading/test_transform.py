"""Albumentations on the CPU: masks and ignored regions follow the geometry, draws follow from row and epoch."""

from concurrent.futures import ThreadPoolExecutor

import albumentations
import numpy as np
import pytest

from synthgen.core.errors import ConfigError, TrainingError
from synthgen.core.picture import Boxes, Truth
from trainers.loading.transform import Mirrored, Recompressed, RowAugmentation

FLIP = albumentations.Compose([albumentations.HorizontalFlip(p=0.5)]).to_dict()
IMAGE = np.arange(192, dtype=np.uint8).reshape(8, 8, 3)


def test_a_pipeline_moves_image_mask_and_ignored_region_by_the_row_and_epoch():
    augment = RowAugmentation(FLIP, seed=1)

    def run(epoch, row):
        pixels = IMAGE.copy()
        truth = augment(pixels, Truth(mask=IMAGE[:, :, 0].copy(), label=1, ignore=IMAGE[:, :, 0] > 90), epoch, row)
        np.testing.assert_array_equal(pixels[:, :, 0], truth.mask)
        np.testing.assert_array_equal(pixels[:, :, 0] > 90, truth.ignore)
        assert truth.label == 1
        return not np.array_equal(pixels, IMAGE)

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
        crop(IMAGE.copy(), Truth(), 0, 0)


def test_boxes_are_refused_as_the_pipeline_would_leave_them_behind():
    with pytest.raises(TrainingError, match="albumentations moves masks only, and this task learns from boxes"):
        RowAugmentation(FLIP, seed=0)(IMAGE.copy(), Truth(boxes=Boxes.of((), ())), 0, 0)


def test_eight_threads_draw_what_one_thread_draws():
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    augment = RowAugmentation(albumentations.Compose([albumentations.Rotate(limit=90, p=1.0)]).to_dict(), seed=1)

    def run(row):
        pixels = image.copy()
        truth = augment(pixels, Truth(mask=image[:, :, 0].copy()), 0, row)
        return pixels.tobytes() + truth.mask.tobytes()

    alone = [run(row) for row in range(60)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(run, range(60))) == alone


def test_a_fifth_of_the_pictures_is_compressed_by_row_and_epoch():
    compress, truth = Recompressed(seed=1), Truth(label=1)

    def run(epoch, row):
        pixels = IMAGE.copy()
        assert compress(pixels, truth, epoch, row) is truth
        return pixels.tobytes()

    found = [run(0, row) for row in range(200)]
    assert 20 < sum(pixels != IMAGE.tobytes() for pixels in found) < 60
    assert found == [run(0, row) for row in range(200)] != [run(1, row) for row in range(200)]


def test_half_of_the_pictures_are_mirrored_with_what_is_known_of_their_pixels():
    mirror = Mirrored(seed=1)

    def run(epoch, row):
        pixels = IMAGE.copy()
        truth = mirror(pixels, Truth(mask=IMAGE[:, :, 0].copy(), label=1, ignore=IMAGE[:, :, 0] > 90), epoch, row)
        np.testing.assert_array_equal(pixels[:, :, 0], truth.mask)
        np.testing.assert_array_equal(pixels[:, :, 0] > 90, truth.ignore)
        assert np.array_equal(pixels, IMAGE) or np.array_equal(pixels, IMAGE[:, ::-1])
        return not np.array_equal(pixels, IMAGE)

    mirrored = [run(0, row) for row in range(40)]
    assert mirrored == [run(0, row) for row in range(40)] != [run(1, row) for row in range(40)]
    assert 10 < sum(mirrored) < 30
    assert mirror(IMAGE.copy(), Truth(label=1), 0, mirrored.index(True)).mask is None
    with pytest.raises(TrainingError, match="this task learns from boxes"):
        mirror(IMAGE.copy(), Truth(boxes=Boxes.of((), ())), 0, 0)
