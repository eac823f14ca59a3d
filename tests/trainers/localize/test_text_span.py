"""TextSpan: texts are told from each other by what a head varies by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainers.localize.heads.text_span import text_span

RNG = np.random.default_rng(0)
BASIS = np.linalg.qr(RNG.normal(size=(16, 16)))[0]


def head_along(*spreads, count=200):
    """Pictures that vary along the first directions of the basis, about a mean."""
    drawn = np.random.default_rng(1).normal(size=(count, len(spreads))) * spreads
    return drawn @ BASIS[: len(spreads)] + 3 * BASIS[-1]


def test_texts_are_found_in_the_order_of_what_they_tell():
    span = text_span(head_along(1.0, 3.0, 2.0), BASIS[[5, 2, 1, 0]], 4)
    assert span.texts[:3] == (2, 1, 3)
    assert sum(span.shares[:3]) == pytest.approx(1, abs=1e-9)
    assert span.shares[0] == pytest.approx(9 / 14, abs=0.1)


def test_the_mean_of_a_head_is_no_variance():
    assert text_span(head_along(1.0, 1.0), BASIS[[15, 0]], 1).texts == (1,)


def test_a_text_that_says_the_same_as_one_before_it_tells_nothing_more():
    texts = np.stack([BASIS[0], BASIS[0] + 1e-3 * BASIS[2], BASIS[1]])
    assert text_span(head_along(3.0, 1.0), texts, 2).texts == (1, 2) or text_span(
        head_along(3.0, 1.0), texts, 2
    ).texts == (0, 2)


def test_a_head_that_never_changes_is_told_by_nothing():
    assert text_span(np.ones((5, 16)), BASIS, 3).texts == ()


def literal(head, texts, count, rank):
    """The paper's algorithm as it is written, without a word on shares."""
    _, _, directions = np.linalg.svd(head, full_matrices=False)
    directions = directions[:rank]
    texts = texts @ directions.T @ directions
    head = head - head.mean(axis=0)
    chosen = []
    for _ in range(count):
        best = np.argmax((head @ texts.T).std(axis=0))
        chosen.append(best)
        norm = texts[best] @ texts[best]
        head = head - np.outer(head @ texts[best] / norm, texts[best])
        texts = texts - np.outer(texts @ texts[best] / norm, texts[best])
    return chosen


@given(seed=st.integers(0, 99), rank=st.sampled_from([3, 8, 80]))
def test_it_is_the_papers_algorithm_and_no_text_comes_twice(seed, rank):
    rng = np.random.default_rng(seed)
    head, texts = rng.normal(size=(12, 9)) + 1, rng.normal(size=(20, 9))
    span = text_span(head, texts, 3, rank)
    assert list(span.texts) == literal(head, texts, 3, rank)
    assert len(set(span.texts)) == 3 and all(share >= -1e-12 for share in span.shares) and sum(span.shares) <= 1 + 1e-9
