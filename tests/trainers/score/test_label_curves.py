"""Curves of labels: against torchmetrics, by pairs, and under weights as if rows were there as often."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchmetrics.functional.classification import (
    binary_auroc,
    binary_average_precision,
    binary_calibration_error,
    binary_precision_recall_curve,
    binary_roc,
)

from trainers.score.label_curves import (
    BINS,
    Told,
    area_under_roc,
    average_precision,
    calibration_error,
    curve_of,
    reliability_of,
)

SCORES = (area_under_roc, average_precision, calibration_error)


def told(positive, probability):
    return Told(np.array(positive, bool), np.array(probability, np.float64), np.arange(len(positive)))


def noise(count=200, seed=0, digits=2):
    rng = np.random.default_rng(seed)
    positive = rng.random(count) < 0.4
    return told(positive, np.round(np.clip(rng.normal(0.4 + 0.2 * positive, 0.2), 0.01, 0.99), digits))  # with ties


def once(score, pictures):
    return score(pictures)(np.ones(len(pictures.positive)))


@pytest.mark.parametrize("seed", range(3))
def test_areas_and_calibration_error_are_those_of_torchmetrics(seed):
    pictures = noise(seed=seed)
    both = torch.from_numpy(pictures.probability), torch.from_numpy(pictures.positive).long()
    assert once(area_under_roc, pictures) == pytest.approx(binary_auroc(*both).item(), abs=1e-6)
    assert once(average_precision, pictures) == pytest.approx(binary_average_precision(*both).item(), abs=1e-6)
    error = binary_calibration_error(*both, n_bins=BINS, norm="l1").item()
    assert once(calibration_error, pictures) == pytest.approx(error, abs=1e-6)


def test_curves_are_those_of_torchmetrics():
    pictures = noise()
    both = torch.from_numpy(pictures.probability), torch.from_numpy(pictures.positive).long()
    curve = curve_of(pictures)
    alarms, recalls, _ = (values.numpy() for values in binary_roc(*both))
    np.testing.assert_allclose(curve.alarms, alarms, atol=1e-6)
    np.testing.assert_allclose(curve.recalls, recalls, atol=1e-6)
    precisions, recalls, thresholds = (values.numpy() for values in binary_precision_recall_curve(*both))
    np.testing.assert_allclose(curve.precisions, precisions[::-1], atol=1e-6)
    np.testing.assert_allclose(curve.thresholds[1:], thresholds[::-1])
    assert np.isinf(curve.thresholds[0]) and curve.recalls[0] == curve.alarms[0] == 0


def test_the_area_under_roc_is_the_share_of_pairs_in_the_right_order():
    pictures = noise(60, digits=1)
    p, positive = pictures.probability, pictures.positive
    pairs = [(a > b) + (a == b) / 2 for a in p[positive] for b in p[~positive]]
    assert once(area_under_roc, pictures) == pytest.approx(np.mean(pairs))


def test_within_sources_only_pairs_of_one_source_count():
    pictures, sources = noise(60, digits=1), np.random.default_rng(1).choice(["a", "b", "c"], 60).tolist()
    p, positive = pictures.probability, pictures.positive
    pairs = [
        (p[i] > p[j]) + (p[i] == p[j]) / 2
        for i in np.flatnonzero(positive)
        for j in np.flatnonzero(~positive)
        if sources[i] == sources[j]
    ]
    found = area_under_roc(pictures, sources)(np.ones(60))
    assert found == pytest.approx(np.mean(pairs)) and found != pytest.approx(once(area_under_roc, pictures))


@given(st.lists(st.integers(0, 3), min_size=30, max_size=30))
def test_a_weight_is_a_number_of_copies(weights):
    pictures, often = noise(30, digits=1), np.array(weights)
    copies = np.repeat(np.arange(30), often)
    repeated = told(pictures.positive[copies], pictures.probability[copies])
    for score in SCORES:
        assert score(pictures)(often) == pytest.approx(once(score, repeated), nan_ok=True)


def test_reliability_by_hand():
    found = reliability_of(told([1, 0, 1, 1], [0.02, 0.04, 0.99, 1.0]))
    np.testing.assert_allclose(found.probabilities, [0.03, 0.995])
    np.testing.assert_allclose(found.shares, [0.5, 1.0])
    np.testing.assert_allclose(found.pictures, [2, 2])


@pytest.mark.parametrize("label", [True, False])
def test_of_one_label_there_is_no_area(label):
    pictures = told([label] * 3, [0.1, 0.5, 0.9])
    assert np.isnan(once(area_under_roc, pictures)) and np.isnan(once(average_precision, pictures))
    assert np.isnan(curve_of(pictures).alarms if label else curve_of(pictures).recalls).all()


def test_of_no_picture_there_is_no_score():
    assert all(np.isnan(once(score, told([], []))) for score in SCORES)
