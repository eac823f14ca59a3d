"""The four measures of masks at a hundred thresholds, out of one histogram."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainers.localize.heat import cleaned
from trainers.localize.judging.overlap import MEASURES, THRESHOLDS, counted, levels_of, measures_of

SIZE = (9, 11)
HEATS = arrays(
    np.float32, SIZE, elements=st.sampled_from([*np.float32(THRESHOLDS[::7]), *np.float32([0.03, 0.5, 0.991])])
)
MASKS = arrays(bool, SIZE)


def by_hand(found, truth):
    """IoU, F1, precision and recall of two masks, by the rules for empty ones."""
    tp, fp, fn = (found & truth).sum(), (found & ~truth).sum(), (~found & truth).sum()
    if tp + fp + fn == 0:
        return [1, 1, 1, 1]
    precision = tp / (tp + fp) if tp + fp else 0
    return [tp / (tp + fp + fn), 2 * tp / (2 * tp + fp + fn), precision, tp / (tp + fn) if tp + fn else 1]


@given(HEATS, MASKS, MASKS)
def test_one_histogram_gives_what_each_threshold_gives(heat, truth, ignore):
    tp, fp = counted(levels_of(heat), truth, ignore)
    kept = ~ignore
    found = measures_of(tp, fp, int((truth & kept).sum()))
    expected = [by_hand((heat >= np.float32(t))[kept], truth[kept]) for t in THRESHOLDS]
    np.testing.assert_allclose(found.T, expected, atol=1e-12)


@given(HEATS, st.sampled_from(["dilate_erode", "erode_dilate"]), st.sampled_from([3, 5, 7]))
def test_morphology_commutes_with_thresholds_so_that_it_runs_once_a_kernel(heat, order, side):
    clean, levels = cleaned(heat, order, side), cleaned(levels_of(heat), order, side)
    assert (levels_of(clean) == levels).all()
    for threshold in np.float32(THRESHOLDS[::9]):
        first_cut = cleaned((heat >= threshold).astype(np.uint8), order, side) > 0
        assert (first_cut == (clean >= threshold)).all()


@pytest.mark.parametrize(
    ("found", "truth", "expected"),
    [
        ([0, 0], [0, 0], [1, 1, 1, 1]),  # nothing to find, and nothing was found
        ([0, 0], [1, 0], [0, 0, 0, 0]),  # nothing was found of what there is
        ([1, 0], [0, 0], [0, 0, 0, 1]),  # something was found where nothing is
        ([1, 1], [1, 0], [0.5, 2 / 3, 0.5, 1]),
    ],
)
def test_masks_without_a_pixel(found, truth, expected):
    found, truth = np.array(found, bool), np.array(truth, bool)
    tp = int((found & truth).sum())
    values = measures_of(np.array([tp]), np.array([int(found.sum()) - tp]), int(truth.sum()))[:, 0]
    assert dict(zip(MEASURES, values.tolist(), strict=True)) == pytest.approx(
        dict(zip(MEASURES, expected, strict=True))
    )
