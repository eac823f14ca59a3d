"""Resampled intervals: the same draws in whatever parts they are made, in bounded memory."""

import tracemalloc

import numpy as np

from trainers.score import resample
from trainers.score.resample import CONFIDENCE, RESAMPLES, intervals_of, resampled


def share(totals):
    return {"share": totals[0] / totals[1]}


def intervals(counts):
    return intervals_of(share(weights @ counts) for weights in resampled(len(counts)))


def counts_of(images):
    hits = np.random.default_rng(images).integers(0, 50, images)
    return np.stack([hits, np.full(images, 50)], axis=1).astype(float)


def drawn_at_once(counts):
    """Draw all weights in one go, as was done before it was done in parts."""
    images = len(counts)
    weights = np.random.default_rng(0).multinomial(images, np.full(images, 1 / images), size=RESAMPLES)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile([share(totals)["share"] for totals in weights @ counts], [tail, 1 - tail])
    return {"share": (low, high)}


def test_parts_are_the_same_draws(monkeypatch):
    for images in (1, 7, 300):
        counts = counts_of(images)
        for at_a_time in (1, 2000, 2**21):
            monkeypatch.setattr(resample, "AT_A_TIME", at_a_time)
            assert intervals(counts) == drawn_at_once(counts)


def test_memory_does_not_grow_with_the_images(monkeypatch):
    monkeypatch.setattr(resample, "AT_A_TIME", 20_000)
    counts = counts_of(4000)
    tracemalloc.start()
    intervals(counts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4e6  # all weights at once would take 32 MB
