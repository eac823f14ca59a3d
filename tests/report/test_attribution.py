"""ATTRIBUTION.md names who made what, and no name can break the page."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.assets.catalog import Asset
from synthgen.report.attribution import attribution_page


def asset(name="gun", *, role="target", licence="CC0-1.0", author="Ann", source="a shop"):
    return Asset(name, Path("x.png"), "handgun", name, role, licence, author, source, "00", 8, 8)


def test_assets_stand_by_licence_with_author_source_and_rows():
    page = attribution_page(
        [
            (asset("b", licence="CC-BY-4.0", author="Bo", source="https://example.org/a_b?c=1&d=2"), 1200),
            (asset("s", role="background"), 3),
            (asset("a"), 1),
            (asset("n", licence=""), 1),
        ]
    )
    assert page == (
        "# Attribution\n\n"
        "The pictures of this dataset were made from 3 cutouts and 1 scene. "
        "Each that occurs in a row stands here as its catalog names it.\n\n"
        "## No licence given (1 asset)\n\n"
        "| id | kind | author | source | rows |\n|---|---|---|---|---:|\n"
        "| n | cutout | Ann | a shop | 1 |\n\n"
        "## CC-BY-4.0 (1 asset)\n\n"
        "| id | kind | author | source | rows |\n|---|---|---|---|---:|\n"
        "| b | cutout | Bo | <https://example.org/a_b?c=1&d=2> | 1,200 |\n\n"
        "## CC0-1.0 (2 assets)\n\n"
        "| id | kind | author | source | rows |\n|---|---|---|---|---:|\n"
        "| a | cutout | Ann | a shop | 1 |\n"
        "| s | scene | Ann | a shop | 3 |\n"
    )


@pytest.mark.parametrize(
    ("author", "cell"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a|b", r"a\|b"),
        ("line\n## break", r"line?\#\# break"),
        ("[free](javascript:x)", r"\[free\](javascript:x)"),
        ("![x](http://x/y.png)", r"\!\[x\](http://x/y.png)"),
        ("`a` *b* _c_ ~d~ $e$ &lt;", r"\`a\` \*b\* \_c\_ \~d\~ \$e\$ &amp;lt;"),
        ("left\u202eright", "left?right"),
        ("oi_12_a __b__ c__d", r"oi_12_a \_\_b\_\_ c\_\_d"),
    ],
)
def test_markup_in_a_name_is_text(author, cell):
    assert f"| cutout | {cell} |" in attribution_page([(asset(author=author), 1)])


@pytest.mark.parametrize("source", ["javascript:alert(1)", "http://a b", "https://a|b", "http://a>b", "http://ä"])
def test_only_plain_addresses_are_links(source):
    assert "| <http" not in attribution_page([(asset(source=source), 1)])


@given(st.text(), st.text(), st.text(), st.text())
def test_whatever_the_names_the_page_keeps_its_lines_and_columns(name, licence, author, source):
    page = attribution_page([(asset(name, licence=licence, author=author, source=source), 1)])
    lines = page.splitlines()
    assert len(lines) == 9
    assert lines[4].startswith("## ")
    assert len(lines[8].replace("\\\\", "").replace(r"\|", "").split("|")) == 7
