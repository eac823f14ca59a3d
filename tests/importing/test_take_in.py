"""The import from end to end: what is copied, what is refused, and what a second run does."""

import csv
import shutil

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from annotated import disc, photograph
from synthgen.assets.catalog import AssetsConfig
from synthgen.assets.intake import load_catalog
from synthgen.core.errors import AssetError, ConfigError, OutputError
from synthgen.formats.classes import read_classes
from synthgen.formats.cutouts.registry import CUTOUT_FORMATS
from synthgen.formats.offer import Mark, Photograph, ReadOptions
from synthgen.formats.scenes.registry import SCENE_FORMATS
from synthgen.importing.settings import ImportSettings, checked_settings
from synthgen.importing.take_in import LINKS, take_in
from tiny_assets import scenery, write_png


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(folder, name="catalog.csv"):
    with (folder / name).open(newline="") as stream:
        return list(csv.DictReader(stream))


def imported(source, into, *, dry=False, **settings):
    offers = CUTOUT_FORMATS["rgba"].read(source, ReadOptions())
    return take_in(offers, into, ImportSettings(name=source.name, **settings), dry=dry)


@pytest.fixture
def source(tmp_path):
    for number in range(4):
        disc(tmp_path / "source" / "mug" / f"mug {number}x.png", seed=number)
    (tmp_path / "source" / "broken.png").write_bytes(b"\x89PNG no")
    write_png(tmp_path / "source" / "opaque.png", scenery(np.random.default_rng(0)))
    return tmp_path / "source"


def test_files_that_need_no_change_are_copied_byte_for_byte_and_the_source_is_not_touched(source, tmp_path):
    before = content(source)
    found = imported(source, tmp_path / "into", licence="CC0-1.0", author="me")
    assert content(source) == before
    assert found.categories == {"mug": 4} and len(found.refused) == 2
    for row in rows(tmp_path / "into"):
        assert (tmp_path / "into" / row["file"]).read_bytes() in before.values()
        assert (row["category"], row["licence"], row["author"], row["source"]) == ("mug", "CC0-1.0", "me", "source")
    reasons = {row["item"]: row["reason"] for row in rows(tmp_path / "into", "refused.csv")}
    assert "no alpha channel" in reasons["opaque"] and "not an image" in reasons["broken"]


@pytest.mark.parametrize("level", [0, 9])
def test_neither_notes_nor_compression_make_a_file_one_that_needs_a_change(tmp_path, level):
    notes = PngInfo()
    notes.add_text("Title", "a mug")
    pixels = disc(tmp_path / "s" / "a.png")
    Image.fromarray(pixels).save(tmp_path / "s" / "a.png", compress_level=level, pnginfo=notes, dpi=(300, 300))
    imported(tmp_path / "s", tmp_path / "into")
    assert (tmp_path / "into" / "a.png").read_bytes() == (tmp_path / "s" / "a.png").read_bytes()


def test_the_size_of_batches_changes_nothing(source, tmp_path, monkeypatch):
    imported(source, tmp_path / "one")
    for size in (1, 2, 3):
        monkeypatch.setattr("synthgen.importing.take_in.BATCH", size)
        imported(source, tmp_path / f"{size}")
        assert content(tmp_path / f"{size}") == content(tmp_path / "one")


def test_a_disk_that_fails_stops_the_import_and_the_same_command_continues(source, tmp_path, monkeypatch):
    def fails(path, data):
        raise OutputError(f"{path}: cannot be written: no space")

    monkeypatch.setattr("synthgen.importing.take_in.BATCH", 1)
    monkeypatch.setattr("synthgen.importing.take_in.write_atomic", fails)
    with pytest.raises(OutputError, match="no space; then the same command continues"):
        imported(source, tmp_path / "into")
    monkeypatch.undo()
    assert imported(source, tmp_path / "into").categories == {"mug": 4}


def test_what_was_imported_is_a_folder_of_assets(source, tmp_path):
    imported(source, tmp_path / "into")
    write_png(tmp_path / "back" / "a.png", scenery(np.random.default_rng(0))) if (tmp_path / "back").mkdir() else None
    write_png(tmp_path / "back" / "a.png", scenery(np.random.default_rng(0)))
    catalog = load_catalog(AssetsConfig(foregrounds=tmp_path / "into", backgrounds=tmp_path / "back"))
    assert len(catalog.foregrounds) == 4 and catalog.findings == ()


def test_a_second_run_adds_what_is_new_and_changes_nothing_else(source, tmp_path):
    imported(source, tmp_path / "into")
    first = content(tmp_path / "into")
    again = imported(source, tmp_path / "into")
    assert (again.seen, again.categories.total()) == (4, 0) and content(tmp_path / "into") == first
    disc(source / "mug" / "mug 9x.png", seed=9)
    more = imported(source, tmp_path / "into")
    assert (more.seen, more.categories.total()) == (4, 1)
    later = content(tmp_path / "into")
    assert all(later[name] == data for name, data in first.items() if name.endswith(".png"))
    assert later["catalog.csv"].startswith(first["catalog.csv"])


def test_what_somebody_took_out_or_added_by_hand_stays_so(source, tmp_path):
    imported(source, tmp_path / "into")
    path = tmp_path / "into" / "catalog.csv"
    header, *lines = path.read_text().splitlines()
    path.write_text("\n".join([f"{header},note", *(f"{line},kept" for line in lines[1:]), ""]))
    disc(source / "mug" / "mug 9x.png", seed=9)
    found = imported(source, tmp_path / "into")
    assert found.categories.total() == 1 and len(rows(tmp_path / "into")) == 4
    assert [row["note"] for row in rows(tmp_path / "into")] == ["kept"] * 3 + [""]


def test_a_dry_run_says_the_same_and_writes_nothing(source, tmp_path):
    dry, real = imported(source, tmp_path / "into", dry=True), None
    assert not (tmp_path / "into").exists()
    real = imported(source, tmp_path / "into")
    assert (dry.categories, dry.groups, dry.refused) == (real.categories, real.groups, real.refused)


def test_odd_files_are_converted_and_counted(tmp_path):
    disc(tmp_path / "s" / "a.png")
    Image.open(tmp_path / "s" / "a.png").convert("LA").save(tmp_path / "s" / "grey.png")
    found = imported(tmp_path / "s", tmp_path / "into", category="mug")
    assert sum(found.converted.values()) == 1


def test_a_near_duplicate_joins_and_one_that_links_two_groups_is_refused(tmp_path):
    pixels = disc(tmp_path / "s" / "a.png", seed=1)
    disc(tmp_path / "s" / "b.png", seed=2)
    imported(tmp_path / "s", tmp_path / "into")
    disc(tmp_path / "t" / "b-1.png", seed=3)  # a group b of its own, to which b-2 belongs by name
    write_png(tmp_path / "t" / "b-2.png", np.pad(pixels, ((4, 4), (4, 4), (0, 0))))
    write_png(tmp_path / "t" / "copy.png", np.pad(pixels, ((2, 3), (4, 4), (0, 0))))
    found = imported(tmp_path / "t", tmp_path / "into")
    assert [(each.item, each.reason) for each in found.refused] == [("b-2", LINKS)]
    assert {row["id"]: row["group"] for row in rows(tmp_path / "into")} == {
        "a": "s/a",
        "b": "s/b",
        "b-1": "t/b",
        "copy": "s/a",
    }


def test_groups_by_a_regular_expression(source, tmp_path):
    found = imported(source, tmp_path / "into", group_by=r"mug \d")
    assert found.groups == {"mug 0", "mug 1", "mug 2", "mug 3"}


@pytest.mark.parametrize("name", ["a/b", "..", "two\nlines", " ", "x" * 200])
def test_categories_that_lead_elsewhere_are_refused_and_the_rest_goes_through(tmp_path, name):
    image, ring, bent = photograph()
    marks = (Mark("1", name, lambda size: ring), Mark("2", "bent", lambda size: bent))
    found = take_in([Photograph("p", lambda: image, marks)], tmp_path / "into", ImportSettings())
    assert found.categories == {"bent": 1} and len(found.refused) == 1
    renamed = ImportSettings(classes={name: "ring"})
    assert take_in([Photograph("p", lambda: image, marks)], tmp_path / "into", renamed).categories == {"ring": 1}


def test_classes_rename_merge_and_drop(tmp_path):
    (tmp_path / "classes.yaml").write_text("ring: thing\nbent: null\n")
    image, ring, bent = photograph()
    marks = (Mark("1", "ring", lambda size: ring), Mark("2", "bent", lambda size: bent))
    settings = ImportSettings(classes=read_classes(tmp_path / "classes.yaml"))
    found = take_in([Photograph("p", lambda: image, marks)], tmp_path / "into", settings)
    assert found.categories == {"thing": 1} and "dropped by --classes" in found.refused[0].reason


def test_a_star_stands_for_all_categories_that_the_file_of_classes_does_not_name(tmp_path):
    (tmp_path / "classes.yaml").write_text('ring: ring\n"*": null\n')
    image, ring, bent = photograph()
    marks = (Mark("1", "ring", lambda size: ring), Mark("2", "bent", lambda size: bent))
    settings = ImportSettings(classes=read_classes(tmp_path / "classes.yaml"))
    found = take_in([Photograph("p", lambda: image, marks)], tmp_path / "into", settings)
    assert found.categories == {"ring": 1}
    assert [refused.reason for refused in found.refused] == ["its category is dropped by --classes"]


def test_progress_is_told_item_by_item(source, tmp_path):
    told = []
    offers = list(CUTOUT_FORMATS["rgba"].read(source, ReadOptions()))
    take_in(offers, tmp_path / "into", ImportSettings(), progress=told.append)
    assert told == [1] * len(offers)


def test_objects_of_one_photograph_are_one_group_and_a_hole_is_transparent(tmp_path):
    image, ring, bent = photograph()
    marks = (Mark("1", "ring", lambda size: ring), Mark("2", "bent", lambda size: bent))
    found = take_in([Photograph("p", lambda: image, marks)], tmp_path / "into", ImportSettings(name="s"))
    assert found.groups == {"s/p"} and found.categories.total() == 2
    from synthgen.core.pictures import read_foreground

    alpha = read_foreground(tmp_path / "into" / "p-1.png")[0][..., 3]
    height, width = alpha.shape
    assert alpha[height // 2, width // 2] == 0 and alpha[height // 2, 12] == 255


def test_cut_objects_are_refused_or_kept_for_the_edge(tmp_path):
    image, _, _ = photograph()
    cut = np.zeros(image.shape[:2], bool)
    cut[120:, 60:120] = True
    offer = Photograph("p", lambda: image, (Mark("1", "thing", lambda size: cut),))
    found = take_in([offer], tmp_path / "a", ImportSettings())
    assert "cut off by the border of the picture" in found.refused[0].reason
    take_in([offer], tmp_path / "b", ImportSettings(truncated="edge"))
    assert rows(tmp_path / "b")[0]["cut"] == "b"


def test_backgrounds_keep_their_files_and_frames_that_repeat_are_left_out(tmp_path):
    from synthgen.core.pictures import encode_jpeg

    picture = scenery(np.random.default_rng(0))
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "a.jpg").write_bytes(encode_jpeg(picture, 90))
    offers = list(SCENE_FORMATS["pictures"].read(tmp_path / "s", ReadOptions()))
    settings = ImportSettings(role="background", name="s")
    take_in(offers, tmp_path / "into", settings)
    assert (tmp_path / "into" / "a.jpg").read_bytes() == (tmp_path / "s" / "a.jpg").read_bytes()
    frames = [Photograph(name, lambda: picture, group="v") for name in "xy"]
    found = take_in(frames, tmp_path / "into", settings)
    assert len(found.refused) == 2 and "no change of scene" in found.refused[0].reason


def test_a_folder_of_pictures_without_catalog_is_not_taken_over(source, tmp_path):
    shutil.copytree(source / "mug", tmp_path / "mine")
    with pytest.raises(ConfigError, match=r"holds pictures without a catalog.csv"):
        imported(source, tmp_path / "mine")


def test_a_broken_catalog_stops_before_any_work(source, tmp_path):
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "catalog.csv").write_text("id,file\n")
    with pytest.raises(AssetError, match="no column category, group"):
        imported(source, tmp_path / "into")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group_by": "("}, r"--group-by: '\(' is no regular expression"),
        ({"truncated": "keep"}, "--truncated: Input should be 'refuse' or 'edge'"),
        ({"role": "hero"}, "--role: Input should be"),
        ({"min_size": 0}, "--min-size: Input should be greater than or equal to 1"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(ConfigError, match=message):
        checked_settings(**options)
