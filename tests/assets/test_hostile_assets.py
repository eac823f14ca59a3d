"""Folders from anywhere: each odd file and each odd catalog gets one clear line, at once; no path leaves its folder."""

import os
import time

import pytest

from synthgen.assets.intake import load_catalog
from synthgen.core.errors import AssetError
from tiny_assets import write_tiny_assets

SECONDS = 2
HEADER = "id,file,category,group,role,licence,author,source,sha256,length_m,keep_in,keep_out,grip\n"


@pytest.fixture
def assets(tmp_path):
    return write_tiny_assets(tmp_path, foregrounds=2, backgrounds=2, distractors=0)


def pipe(path):
    os.mkfifo(path)


def device(path):
    path.symlink_to("/dev/zero")


def broken_link(path):
    path.symlink_to("nowhere")


def loop(path):
    path.symlink_to(path.name)


def hole(path):
    with path.open("wb") as stream:
        stream.truncate(10**12)


ODD_FILES = [
    (pipe, "not an ordinary file"),
    (device, "not an ordinary file"),
    (broken_link, "a link to nothing"),
    (loop, "cannot be read: Too many levels of symbolic links"),
    (hole, "larger than 1,024 MiB"),
]


def reasons(assets):
    started = time.perf_counter()
    catalog = load_catalog(assets)
    assert time.perf_counter() - started < SECONDS
    return {finding.file: finding.reason for finding in catalog.findings}


def line(**values):
    """A line of the catalog."""
    row = {"id": "odd", "file": "odd.png", "category": "gun", "group": "odd", **values}
    return ",".join(row.get(name, "") for name in HEADER.strip().split(",")) + "\n"


@pytest.mark.parametrize(("make", "reason"), ODD_FILES)
def test_an_odd_file_of_a_folder_is_quarantined(assets, make, reason):
    for folder in (assets.foregrounds, assets.backgrounds):
        (folder / "catalog.csv").unlink()
        make(folder / "odd.png")
    assert [found for name, found in reasons(assets).items() if "odd.png" in name and found.startswith(reason)]
    assert len(reasons(assets)) == 2


@pytest.mark.parametrize(("make", "reason"), ODD_FILES)
def test_an_odd_file_of_a_catalog_is_quarantined(assets, make, reason):
    make(assets.foregrounds / "odd.png")
    with (assets.foregrounds / "catalog.csv").open("a") as stream:
        stream.write(line().replace(",,,\n", "\n"))
    assert reason in reasons(assets)["foregrounds/odd.png"]


@pytest.mark.parametrize(("make", "reason"), ODD_FILES)
def test_an_odd_mask_quarantines_its_background(assets, make, reason):
    make(assets.backgrounds / "odd.png")
    catalog = assets.backgrounds / "catalog.csv"
    lines = [
        line(id="scene", file="scene-00.png", category="hall", keep_in="odd.png"),
        line(id="b", file="scene-01.png"),
    ]
    catalog.write_text(HEADER + "".join(lines))
    assert reason in reasons(assets)["backgrounds/scene-00.png"]


def test_a_name_that_is_no_text_is_quarantined(assets):
    (assets.foregrounds / "catalog.csv").unlink()
    with open(os.fsencode(assets.foregrounds) + b"/\xff\xfe.png", "wb"):  # noqa: PTH123
        pass
    assert reasons(assets)["foregrounds/??.png"] == "its name is not UTF-8; rename it"


def test_a_name_of_several_lines_is_told_in_one(assets):
    (assets.foregrounds / "a\tb\nc.png").touch()
    assert reasons(assets)["foregrounds/a?b?c.png"].startswith("not listed in catalog.csv")


GOOD = line(file="target-00.png")
CATALOGS = {
    "an absolute path": (line(file="/etc/hostname"), r"csv:2: '/etc/hostname' leads out of the folder"),
    "the folder above": (
        line(file="../backgrounds/scene-00.png"),
        r"csv:2: '\.\./backgrounds/scene-00\.png' leads out",
    ),
    "a detour": (line(file="a/../../x.png"), r"csv:2: 'a/\.\./\.\./x\.png' leads out of the folder"),
    "a mask elsewhere": (line(keep_in="/dev/zero"), r"csv:2: '/dev/zero' leads out of the folder"),
    "a mask above": (line(keep_out="../x.png"), r"csv:2: '\.\./x\.png' leads out of the folder"),
    "a negative length": (line(length_m="-1"), r"csv:2: length_m -1 is not within 0–1000 metres"),
    "no length": (line(length_m="0"), r"csv:2: length_m 0 is not within 0–1000 metres"),
    "a length that is no number": (line(length_m="nan"), r"csv:2: length_m nan is not within 0–1000 metres"),
    "an endless length": (line(length_m="1e999"), r"csv:2: length_m 1e999 is not within 0–1000 metres"),
    "a grip outside its cutout": (line(grip='"0.3,1.2"'), r"csv:2: grip 0.3,1.2 lies outside its cutout; x and y are"),
    "a grip that is no number": (line(grip='"nan,0.5"'), r"csv:2: grip nan,0.5 lies outside its cutout"),
    "a grip of one number": (line(grip="0.3"), r"csv:2: grip '0.3' is not \"x,y\", shares of the cutout's width"),
    "a grip in words": (line(grip='"left,low"'), r"csv:2: grip 'left,low' is not \"x,y\""),
    "a length in words": (line(length_m="long"), r"csv:2: length_m 'long' is not a number of metres"),
    "a huge field": (line(source="x" * 200_000), r"csv:\d: not valid CSV: field larger than field limit"),
    "an open quote": (GOOD + '"' + "x," * 200_000, r"csv:\d: not valid CSV: field larger than field limit"),
    "a short line": ("odd,target-00.png\n", r"csv:2: id, file, category and group must not be empty"),
    "an unknown role": (line(role="x" * 3), r"csv:2: role 'xxx'; expected target or distractor"),
    "an id twice": (GOOD + GOOD, r"id 'odd' names both target-00\.png and target-00\.png; rename one"),
    "UTF-16": ((HEADER + GOOD).encode("utf-16"), r"csv: not UTF-8 text; save it as CSV in UTF-8"),
    "latin-1": ((HEADER + line(author="Jos\xe9")).encode("latin-1"), r"csv: not UTF-8 text"),
    "NUL characters": (line(author="a\0b"), r"csv: holds NUL characters, so it is no text"),
    "a picture": (bytes(range(256)) * 1000, r"csv: not UTF-8 text"),
    "nothing": (b"", r"csv: no column category, file, group, id"),
    "one long line": (b"x" * 10**7, r"csv:\d: not valid CSV: field larger than field limit"),
}


@pytest.mark.parametrize("name", CATALOGS)
def test_a_hostile_catalog_is_refused_in_one_line(assets, name):
    text, message = CATALOGS[name]
    catalog = assets.foregrounds / "catalog.csv"
    catalog.write_text(HEADER + text) if isinstance(text, str) else catalog.write_bytes(text)
    started = time.perf_counter()
    with pytest.raises(AssetError, match=message) as caught:
        load_catalog(assets)
    assert time.perf_counter() - started < SECONDS
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (pipe, "cannot be read: not an ordinary file; write a catalog or remove it"),
        (device, "cannot be read: not an ordinary file"),
        (broken_link, "cannot be read: No such file or directory"),
        (lambda path: path.mkdir(), "cannot be read: a folder, not a file"),
        (hole, "cannot be read: larger than 268,435,456 bytes"),
    ],
)
def test_a_catalog_must_be_an_ordinary_file(assets, make, message):
    (assets.foregrounds / "catalog.csv").unlink()
    make(assets.foregrounds / "catalog.csv")
    started = time.perf_counter()
    with pytest.raises(AssetError, match=rf"catalog\.csv: {message}"):
        load_catalog(assets)
    assert time.perf_counter() - started < SECONDS


def test_links_to_pictures_elsewhere_are_followed(assets, tmp_path):
    """A folder of links is how large collections are shared; it is the user who made them."""
    (assets.foregrounds / "target-00.png").rename(tmp_path / "elsewhere.png")
    (assets.foregrounds / "target-00.png").symlink_to(tmp_path / "elsewhere.png")
    assert reasons(assets) == {}
