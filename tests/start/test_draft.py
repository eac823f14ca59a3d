"""A drafted pipeline runs as it is, whatever the folders hold."""

import csv
import itertools
import shutil

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from synthgen.assets.splits import SplitShares, split_of
from synthgen.config import load_pipeline
from synthgen.core.errors import AssetError
from synthgen.start.draft import draft, frame_of
from synthgen.studio import Studio
from tiny_assets import write_tiny_assets

EVIL = 'a"b: {c}\n  path: elsewhere # \u2028 é'


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    write_tiny_assets(folder, foregrounds=30, backgrounds=30)
    return folder


def drafted(folder, file):
    made = draft(folder / "foregrounds", folder / "backgrounds", file)
    file.write_text(made.text)
    return made.text, load_pipeline(file)


def uncommented(text, key):
    """Take the # away from the example of `key`, as a user does."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"  # {key}: ")]
    return text.replace(line, line.replace("# ", "", 1))


def test_it_runs_as_it_is(many, tmp_path):
    text, config = drafted(many, many / "pipeline.yaml")
    assert 'foregrounds: "foregrounds/"' in text
    assert (config.samples.train, config.samples.val, config.samples.test) == (1000, 100, 100)
    assert config.size == (224, 288)  # photos of 180 × 240
    assert "30 cutouts of 30 groups, 4 harmless distractors, 30 scenes" in text
    assert "handgun (30)" in text and "CC0-1.0 (64)" in text
    studio = Studio.open(config, tmp_path)
    assert all(studio.scene(split, 0).size == (224, 288) for split in ("train", "val", "test"))


def test_its_examples_are_right_when_they_are_uncommented(many, tmp_path):
    text, _ = drafted(many, many / "pipeline.yaml")
    for key in ("instances", "negatives", "categories", "licences"):
        text = uncommented(text, key)
    (many / "more.yaml").write_text(text)
    recipe = load_pipeline(many / "more.yaml").recipe
    assert recipe.categories == {"handgun": 1.0} and recipe.licences.deny == ("CC-BY-NC*",)
    (many / "more.yaml").write_text(text.replace("# training:", "training:").replace("#   - {net", "  - {net"))
    assert load_pipeline(many / "more.yaml").sections["training"]


def test_too_few_groups_for_three_splits_are_all_for_training(many, tmp_path):
    shutil.copytree(many / "backgrounds", tmp_path / "backgrounds")
    (tmp_path / "foregrounds").mkdir()
    for number in range(3):
        shutil.copy(many / f"foregrounds/target-0{number}.png", tmp_path / f"foregrounds/cup_{number}.png")
    text, config = drafted(tmp_path, tmp_path / "p.yaml")
    assert "3 cutouts of 1 group, 0 harmless distractors" in text and "files numbered alike are one" in text
    assert config.assets.splits.train == 1 and config.samples.val == config.samples.test == 0
    Studio.open(config, tmp_path / "cache")


def few(many, folder, rows):
    """A folder with the cutouts of (group, category), sharing the scenes of many."""
    (folder / "foregrounds").mkdir(parents=True)
    shutil.copytree(many / "backgrounds", folder / "backgrounds")
    lines = ["id,file,category,group,role,licence,author,source,sha256"]
    for number, (group, category) in enumerate(rows):
        shutil.copy(many / f"foregrounds/target-{number:02d}.png", folder / f"foregrounds/{number}.png")
        lines.append(f"{number},{number}.png,{category},{group},target,,,,")
    (folder / "foregrounds/catalog.csv").write_text("\n".join(lines) + "\n")
    return folder


def group_at(low, high):
    """A group whose hash falls between two shares."""
    upto = {share: SplitShares(train=share, val=1 - share, test=0) for share in (low, high)}
    names = (f"group {number}" for number in itertools.count())
    return next(it for it in names if split_of(it, upto[high]) == "train" and split_of(it, upto[low]) != "train")


def test_few_groups_get_other_shares_before_they_are_all_for_training(many, tmp_path):
    """No group falls between 0.7 and 0.85, where val lies by default; with 0.6 and 0.2 it begins earlier."""
    groups = (group_at(0, 0.5), group_at(0.62, 0.68), group_at(0.9, 1))
    text, config = drafted(few(many, tmp_path / "f", [(it, "cup") for it in groups]), tmp_path / "f/p.yaml")
    splits = config.assets.splits
    assert (splits.train, splits.val, splits.test) == (0.6, 0.2, 0.2) and config.samples.val == 100
    assert "Few groups" not in text


def test_categories_that_a_split_lacks_are_named(many, tmp_path):
    groups = (group_at(0, 0.4), group_at(0.76, 0.79), group_at(0.9, 1))
    rows = [(groups[0], "cup"), (groups[0], "jug"), (groups[1], "cup"), (groups[2], "jug")]
    text, config = drafted(few(many, tmp_path / "f", rows), tmp_path / "f/p.yaml")
    assert config.assets.splits.train == 0.7
    assert "# Few groups: val has no jug; test has no cup. Add cutouts, or try other shares." in text


def test_small_cutouts_are_counted(many):
    text, config = drafted(many, many / "pipeline.yaml")
    assert f"30 of the cutouts are below {config.size[1] // 2} pixels, and blur when enlarged" in text


def test_names_from_outside_stay_in_their_comments(many, tmp_path):
    folder = tmp_path / 'x"y #: z'
    shutil.copytree(many, folder)
    catalog = folder / "foregrounds/catalog.csv"
    rows = list(csv.DictReader(catalog.read_text().splitlines()))
    with catalog.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows({**row, "category": EVIL, "licence": EVIL} for row in rows)
    text, config = drafted(folder, tmp_path / "deep.yaml")
    assert config.assets.foregrounds == folder / "foregrounds" and config.output.path.name == "deep"
    assert set(yaml.safe_load(text)["recipe"]) == {"preset"}
    (tmp_path / "deep.yaml").write_text(uncommented(text, "categories"))
    assert load_pipeline(tmp_path / "deep.yaml").recipe.categories == {EVIL: 1.0}


def test_folders_elsewhere_are_named_in_full(many, tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    text, config = drafted(many, tmp_path / "a/b/p.yaml")
    assert str(many) in text and config.assets.backgrounds == many / "backgrounds"


def test_a_folder_without_assets_is_refused(tmp_path):
    for name in ("foregrounds", "backgrounds"):
        (tmp_path / name).mkdir()
    with pytest.raises(AssetError, match="no usable target cutout"):
        draft(tmp_path / "foregrounds", tmp_path / "backgrounds", tmp_path / "p.yaml")


@given(st.lists(st.tuples(st.integers(1, 9000), st.integers(1, 9000)), min_size=1, max_size=9))
def test_a_frame_can_be_trained_on(sizes):
    height, width = frame_of(sizes)
    assert height % 32 == width % 32 == 0
    assert 128 <= height <= 512 and 128 <= width <= 512
