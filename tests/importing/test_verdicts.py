"""Verdicts: what is rejected goes and stays away, what is accepted comes back."""

import csv

import numpy as np
import pytest

from annotated import photograph
from synthgen.core.errors import ConfigError
from synthgen.formats.offer import Mark, Photograph
from synthgen.importing.folder import AssetFolder
from synthgen.importing.settings import ImportSettings
from synthgen.importing.take_in import take_in
from synthgen.importing.verdicts import VERDICTS_FILE, apply_verdicts, read_verdicts, take_back, write_verdicts
from tiny_assets import scenery

_, RING, BENT = photograph()
IMAGE = scenery(np.random.default_rng(8))  # of many tones, by which near-duplicates are told


def offers():
    marks = (Mark("ring", "ring", lambda size: RING), Mark("bent", "bent", lambda size: BENT))
    return [Photograph("p", lambda: IMAGE, marks)]


@pytest.fixture
def into(tmp_path):
    take_in(offers(), tmp_path / "into", ImportSettings())
    return tmp_path / "into"


def opened(into):
    return AssetFolder.open(into, "foreground")


def given(into, text):
    (into.parent / "mine.csv").write_text(f"file,verdict\n{text}")
    return read_verdicts(into.parent / "mine.csv", opened(into))


def files(into):
    return sorted(path.name for path in into.glob("*.png"))


def test_the_list_has_a_line_for_each_cutout(into):
    write_verdicts(opened(into), {})
    with (into / VERDICTS_FILE).open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert lines == [{"file": row["file"], "verdict": "accept"} for row in opened(into).rows]


def test_what_is_rejected_goes_and_stays_away(into):
    assert apply_verdicts(opened(into), given(into, "p-ring.png,reject\n")) == 1
    assert files(into) == ["p-bent.png"] and [row["id"] for row in opened(into).rows] == ["p-bent"]
    again = take_in(offers(), into, ImportSettings())
    assert again.seen == 2 and files(into) == ["p-bent.png"]
    assert apply_verdicts(opened(into), given(into, "p-ring.png,reject\n")) == 0  # the same list once more


def test_what_is_accepted_after_all_comes_back(into):
    before = {name: (into / name).read_bytes() for name in files(into)}
    apply_verdicts(opened(into), given(into, "p-ring.png,reject\n"))
    take_back(opened(into), given(into, "p-ring.png,accept\n"))
    take_in(offers(), into, ImportSettings())
    assert {name: (into / name).read_bytes() for name in files(into)} == before


def test_a_near_duplicate_is_refused_where_that_is_asked(into):
    image = IMAGE.copy()
    image[:4] = 0
    (offer,) = offers()
    copy = Photograph("q", lambda: image, offer.marks)
    found = take_in([copy], into, ImportSettings(alike="refuse"))
    assert {each.reason for each in found.refused} == {"a near-duplicate: it looks like one that is there"}
    assert take_in([copy], into, ImportSettings()).categories.total() == 2  # otherwise they join the group


def test_who_outlined_a_cutout_stands_in_the_catalog(into, tmp_path):
    from synthgen.assets.entries import entries_of

    take_in(offers(), tmp_path / "guessed", ImportSettings(mask_source="pseudo"))
    assert {entry.mask_source for entry in entries_of(tmp_path / "guessed", "foreground", "")[0]} == {"pseudo"}
    assert {entry.mask_source for entry in entries_of(into, "foreground", "")[0]} == {"gt"}
    assert "mask_source" not in (into / "catalog.csv").read_text()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("none.png,reject\n", r"mine\.csv, line 2: .*into never held a file 'none\.png'; correct the line"),
        ("p-ring.png,accept\np-bent.png,perhaps\n", "line 3: verdict 'perhaps'; write accept or reject"),
        ("../catalog.csv,reject\n", "never held a file"),
    ],
)
def test_what_is_no_verdict_is_refused(into, text, complaint):
    with pytest.raises(ConfigError, match=complaint):
        given(into, text)


def test_what_is_no_table_is_refused(into, tmp_path):
    (tmp_path / "other.csv").write_text("name\np-ring.png\n")
    with pytest.raises(ConfigError, match="below the header file,verdict"):
        read_verdicts(tmp_path / "other.csv", opened(into))
    with pytest.raises(ConfigError, match="no table of verdicts can be read"):
        read_verdicts(tmp_path / "missing.csv", opened(into))
