"""Maps for frames of any size, whole or tile by tile."""

import numpy as np
import pytest

from predictors import SIZE, BrightPixels, frame_with
from trainers.config.operating_point import OperatingPoint
from trainers.predict.tiles import heatmap, tiled_heatmap


@pytest.mark.parametrize("size", [(64, 96), (70, 101), (32, 48), (33, 200)])
def test_tiles_cover_every_pixel_and_agree_where_they_overlap(size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    model = BrightPixels()
    np.testing.assert_allclose(tiled_heatmap(model, image).full()[0], image[:, :, 0] / 255, atol=1e-6)
    assert all(shape[1:3] == SIZE for shape in model.seen)


def test_a_frame_smaller_than_a_tile_is_seen_whole():
    image = frame_with((4, 4, 12, 12), size=(20, 30))
    tiled, whole = tiled_heatmap(BrightPixels(), image), heatmap(BrightPixels(), image)
    np.testing.assert_array_equal(tiled.full(), whole.full())
    assert tiled.seen == whole.seen


class TwoCategories(BrightPixels):
    def probabilities(self, images):
        return np.concatenate(
            [super().probabilities(images), np.full((len(images), 1, *self.size), 0.25, np.float32)], 1
        )


@pytest.mark.parametrize("see", [heatmap, tiled_heatmap])
def test_each_category_has_a_map(see):
    found = see(TwoCategories(), frame_with((0, 0, 96, 64))).full()
    assert found.shape == (2, 64, 96)
    np.testing.assert_allclose(found[0], 1.0, atol=1e-6)
    np.testing.assert_allclose(found[1], 0.25, atol=1e-6)


def test_a_frame_of_another_shape_is_letterboxed_or_stretched():
    image = frame_with((0, 0, 32, 32), size=(32, 96))  # the network takes 32 × 48
    letterboxed, stretched = heatmap(BrightPixels(), image), heatmap(BrightPixels(), image, "stretch")
    assert letterboxed.values.shape == (1, 16, 48) and stretched.values.shape == (1, 32, 48)
    for seen in (letterboxed, stretched):
        assert seen.parts(OperatingPoint()).boxes.xyxy.tolist() == [[0, 0, 32, 32]]
