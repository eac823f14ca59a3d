"""Views: picture, mask, ignored region and boxes stay together; draws follow from seed, epoch and row."""

import numpy as np
import pytest

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import TrainingError
from synthgen.core.picture import Boxes, Truth
from synthgen.core.ranges import FloatRange
from trainers.config.crop import Crop
from trainers.loading.loader import ShardLoader
from trainers.loading.view import Fitted, RandomCrop, view_of

FRAME, SIZE = (96, 128), (64, 64)
ALL = FloatRange(min=1, max=1)


def picture(frame=FRAME, box=(40, 30, 80, 60)):
    """A red object of number 3 on blue; what is to be ignored lies in it."""
    x0, y0, x1, y1 = box
    image, mask = np.full((*frame, 3), (0, 0, 200), np.uint8), np.zeros(frame, np.uint8)
    image[y0:y1, x0:x1], mask[y0:y1, x0:x1] = (200, 0, 0), 3
    return image, Truth(mask=mask, boxes=Boxes.of([box], ["disc"]), ignore=mask > 0)


def agree(image, truth):
    """What picture, mask, ignored region and box say of the object; its red is uncertain along the edges alone."""
    red = image[..., 0] > 100
    assert (red != (truth.mask == 3)).mean() < 0.03
    np.testing.assert_array_equal(truth.mask == 3, truth.ignore)
    assert set(np.unique(truth.mask)) <= {0, 3}
    if len(truth.boxes):
        rows, columns = np.nonzero(truth.mask)
        around = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        np.testing.assert_allclose(truth.boxes.xyxy[0], around, atol=1.5)
    else:
        assert (truth.mask > 0).sum() <= 2 * max(image.shape)


@pytest.mark.parametrize("row", range(12))
@pytest.mark.parametrize("size", [SIZE, (96, 160), (192, 256)])
def test_a_crop_keeps_picture_and_truth_together(size, row):
    view = RandomCrop(size, Crop(scale=FloatRange(min=0.1, max=1.0)), seed=0)
    image, truth = view(*picture(), 0, row)
    assert image.shape == (*size, 3) and truth.mask.shape == size and view.size == size
    agree(image, truth)


def test_draws_follow_from_seed_epoch_and_row():
    def run(seed, epoch, row):
        return RandomCrop(SIZE, Crop(), seed)(*picture(), epoch, row)[0].tobytes()

    assert run(0, 1, 2) == run(0, 1, 2)
    assert len({run(0, 1, 2), run(1, 1, 2), run(0, 2, 2), run(0, 1, 3)}) == 4


def test_a_whole_picture_is_fitted_in_as_it_is_when_a_network_predicts():
    image, truth = Fitted(SIZE)(*picture(), 0, 0)
    assert not image[:8].any() and not image[56:].any() and not truth.mask[:8].any()
    agree(image, truth)
    np.testing.assert_allclose(truth.boxes.xyxy, [[20, 23, 40, 38]])


def test_a_crop_of_as_many_pixels_is_a_tile_that_is_not_resampled():
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    quarter = Crop(scale=FloatRange(min=0.25, max=0.25), ratio=ALL)
    tile, _ = RandomCrop(SIZE, quarter, seed=0)(noise, Truth(), 0, 0)
    places = [(y, x) for y in range(65) for x in range(65) if np.array_equal(noise[y : y + 64, x : x + 64], tile)]
    assert len(places) == 1


def test_without_a_crop_in_this_draw_the_whole_picture_is_shown():
    view, whole = RandomCrop(SIZE, Crop(probability=0.5), seed=0), Fitted(SIZE)(*picture(), 0, 0)[0]
    shown = [np.array_equal(view(*picture(), 0, row)[0], whole) for row in range(40)]
    assert 8 < sum(shown) < 32


def test_a_box_outside_the_crop_is_left_out():
    view = RandomCrop(SIZE, Crop(scale=FloatRange(min=0.05, max=0.05)), seed=0)
    counts = {len(view(*picture(box=(60, 45, 70, 55)), 0, row)[1].boxes) for row in range(30)}
    assert counts == {0, 1}


def test_pictures_that_stay_as_they_are_need_no_view():
    assert view_of(SIZE, None, None, 0) is None and view_of(SIZE, SIZE, None, 0) is None
    assert view_of(FRAME, None, Crop(), 0).size == FRAME


def test_a_label_is_refused_as_a_crop_may_belie_it():
    with pytest.raises(TrainingError, match="crop may leave out what a label tells of"):
        RandomCrop(SIZE, Crop(), 0)(picture()[0], Truth(label=1), 0, 0)


def test_a_loader_gives_batches_of_the_views_size_the_same_with_any_number_of_threads(tmp_path):
    data = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(12, size=(64, 96))})
    options = {"batch_size": 5, "seed": 3, "shuffle": True, "size": (32, 32), "crop": Crop()}
    one, many = (ShardLoader(data, "train", threads=threads, **options) for threads in (1, 4))
    assert one.size == (32, 32)
    for alone, together in zip(one, many, strict=True):
        assert alone.images.shape[1:] == (32, 32, 3) and alone.targets.masks.shape[1:] == (32, 32)
        np.testing.assert_array_equal(alone.images, together.images)
        np.testing.assert_array_equal(alone.targets.masks, together.targets.masks)
