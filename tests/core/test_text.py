"""Values in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.core.text import printable, size_text, time_text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1650, "1.6 kB"),
        (9_960_000, "10 MB"),
        (12_340_000, "12 MB"),
        (4e12, "4.0 TB"),
        (7e18, "7,000 PB"),
    ],
)
def test_bytes_in_words(count, text):
    assert size_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3599.7, "1 h 0 min"),
        (2 * 3600 + 299, "2 h 5 min"),
        (1e6, "11 days 13 h"),
    ],
)
def test_durations_in_words(seconds, text):
    assert time_text(seconds) == text


@given(st.text())
def test_a_name_from_outside_is_one_line_that_can_be_printed(text):
    shown = printable(text)
    assert len(shown) == len(text) and shown.isprintable() and len(shown.splitlines()) <= 1
