"""A classifier's threshold is the one of the best F1 on the pictures that it is chosen by."""

import numpy as np
import pytest

from synthgen.core.errors import DatasetError
from synthgen.core.picture import DecodedPicture, Truth
from trainers.score.benchmark import Benchmark
from trainers.score.choose_label import choose_label

SIZE = (8, 8)


class Grey:
    """Takes a picture's grey value for its probability."""

    title, size = "grey", SIZE

    def labels(self, images):
        return images[:, 0, 0, :1].astype(np.float32) / 255


def benchmark(positive, negative):
    """Pictures whose grey values, of 255, are told."""
    greys = [*((grey, 1) for grey in positive), *((grey, 0) for grey in negative)]
    pictures = [
        DecodedPicture(str(n), "", np.full((*SIZE, 3), grey, np.uint8), Truth(label=label))
        for n, (grey, label) in enumerate(greys)
    ]
    return Benchmark("val", "val", pictures, "labels")


def test_an_unsure_classifier_gets_a_low_threshold():
    best, usual = choose_label(Grey(), benchmark(positive=(40, 50, 60), negative=(10, 20)))
    assert best.threshold == pytest.approx(30 / 255) and (best.precision, best.recall, best.f1) == (1, 1, 1)
    assert usual.threshold == 0.5 and usual.f1 == usual.recall == 0 and np.isnan(usual.precision)


def test_the_best_f1_weighs_misses_against_false_alarms():
    best, _ = choose_label(Grey(), benchmark(positive=(30, 200, 210, 220), negative=(20, 40, 50, 60, 70)))
    assert best.threshold == pytest.approx(0.5) and best.f1 == pytest.approx(6 / 7)  # one missed, of all between


def test_where_one_half_is_as_good_as_any_it_stays():
    best, usual = choose_label(Grey(), benchmark(positive=(200,), negative=(100,)))
    assert best == usual and best.threshold == 0.5


@pytest.mark.parametrize(("positive", "negative"), [((1, 2), ()), ((), (1, 2))])
def test_pictures_of_one_label_choose_nothing(positive, negative):
    with pytest.raises(DatasetError, match="val: its pictures are not of both labels, 0 and 1"):
        choose_label(Grey(), benchmark(positive, negative))
