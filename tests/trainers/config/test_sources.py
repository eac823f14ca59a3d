"""Sources of photographs, told by their names."""

import pytest

from synthgen.core.grouping import checked_pattern
from trainers.config.sources import source_of


@pytest.mark.parametrize(
    ("pattern", "source"),
    [
        ("", "cam3_0007"),
        (r"^cam\d+", "cam3"),
        (r"^(cam\d+)_", "cam3"),
        (r"^(x)?cam\d", "cam3"),
        (r"^pic", "cam3_0007"),
        (r"x*", "cam3_0007"),
    ],
)
def test_a_source_is_the_first_group_or_all_that_matches_or_the_name(pattern, source):
    assert source_of("cam3_0007", pattern) == source


def test_what_is_no_expression_is_refused():
    assert checked_pattern("^cam") == "^cam"
    with pytest.raises(ValueError, match=r"'\(' is no regular expression: .*; correct it"):
        checked_pattern("(")
