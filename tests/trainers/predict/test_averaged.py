"""An average over mirror images and scales: what it shows to the network, what it costs, what it refuses."""

import numpy as np
import pytest

from predictors import BrightBoxes, BrightLabels, BrightPixels, frame_with
from synthgen.core.errors import TrainingError
from trainers.config.operating_point import OperatingPoint
from trainers.predict.averaged import Averaged, averaged
from trainers.predict.protocols import PixelPredictor

SIZE = (128, 192)


class AnySize(BrightPixels):
    """Finds bright pixels, and takes the left half of every picture for twice as likely as the right one."""

    operating_point = OperatingPoint(threshold=0.3)

    def probabilities(self, images):
        found = super().probabilities(images)
        found[..., found.shape[-1] // 2 :] /= 2
        return found


def test_pictures_are_shown_in_three_scales_that_networks_take_each_mirrored_as_well():
    model = AnySize(SIZE)
    predictor = averaged(model)
    found = predictor.probabilities(np.zeros((2, *SIZE, 3), np.uint8))
    assert found.shape == (2, 1, *SIZE) and found.dtype == np.float32
    assert model.seen == [(2, h, w, 3) for h, w in ((96, 128), SIZE, (160, 256)) for _ in range(2)]


def test_the_mean_is_that_of_both_mirror_images_where_they_lie():
    found = averaged(AnySize(SIZE)).probabilities(frame_with((0, 0, 96, 128), size=SIZE)[None])[0, 0]
    np.testing.assert_allclose(found[:, :80], 0.75, atol=1e-6)
    np.testing.assert_allclose(found[:, 112:], 0, atol=1e-6)


def test_it_is_a_predictor_with_the_point_of_its_model():
    predictor = averaged(AnySize(SIZE))
    assert isinstance(predictor, PixelPredictor) and predictor.title == "bright, averaged"
    assert predictor.size == SIZE and predictor.operating_point.threshold == 0.3


def test_the_price_is_the_pixels_looked_at():
    assert Averaged(AnySize(SIZE), (SIZE,)).price == 2
    assert averaged(AnySize((256, 256))).price == pytest.approx(2 * (0.75**2 + 1 + 1.25**2))  # about 6 times


def test_scales_that_come_to_the_same_are_shown_once():
    assert averaged(AnySize((32, 32))).sizes == ((32, 32),)


@pytest.mark.parametrize("model", [BrightBoxes(), BrightLabels()])
def test_what_gives_no_map_is_refused(model):
    with pytest.raises(TrainingError, match=r"bright \w+: predicts no pixels that could be averaged; leave --tta out"):
        averaged(model)
