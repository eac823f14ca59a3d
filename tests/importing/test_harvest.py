"""`synthgen assets harvest`: from pseudo-masks to cutouts that a dataset is made of."""

import csv

import numpy as np
import pytest

from command_line import synthgen
from pseudo_labels import pseudo_label
from synthgen.assets.catalog import AssetsConfig
from synthgen.assets.intake import load_catalog
from synthgen.core.picture import Boxes
from synthgen.core.pictures import read_foreground, write_picture
from synthgen.formats.pseudo_table import write_pseudo_table
from tiny_assets import scenery, write_tiny_assets


@pytest.fixture
def work(tmp_path):
    """Four photographs of an ellipse with a pattern of its own, the last the first once more, and their table."""
    (tmp_path / "photographs").mkdir()
    labels = []
    y, x = np.mgrid[:180, :240]
    mask = ((y - 90) / 40) ** 2 + ((x - 120) / 70) ** 2 <= 1
    for number in range(4):
        image = scenery(np.random.default_rng(99))
        pattern = scenery(np.random.default_rng(number % 3))
        image[mask] = pattern[mask] // 2 + 100
        image[0] = number
        write_picture(tmp_path / f"photographs/p{number}.png", image)
        data = (tmp_path / f"photographs/p{number}.png").read_bytes()
        boxes = Boxes.of([[50, 50, 190, 130]], ["a gun"], [0.5])
        labels.append(pseudo_label(f"p{number}.png", mask=mask, boxes=boxes, data=data))
    write_pseudo_table(tmp_path / "table.parquet", labels)
    (tmp_path / "classes.yaml").write_text("a gun: handgun")
    return tmp_path


def harvest(work, *more):
    return synthgen(
        "assets", "harvest", "table.parquet", "--images", "photographs", "--into", "cut", *more, folder=work
    )


def catalog(work):
    with (work / "cut/catalog.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_cutouts_have_clean_edges_a_group_for_each_photograph_and_say_that_they_are_guesses(work):
    done = harvest(work, "--classes", "classes.yaml", "--licence", "CC0-1.0", "--author", "Ann")
    assert done.returncode == 0, done.stderr
    rows = catalog(work)
    assert [row["file"] for row in rows] == ["p0.png", "p1.png", "p2.png"]  # the fourth is a near-duplicate
    assert "near-duplicate" in (work / "cut/refused.csv").read_text()
    assert {(row["category"], row["mask_source"], row["licence"], row["author"]) for row in rows} == {
        ("handgun", "pseudo", "CC0-1.0", "Ann")
    }
    assert [row["group"] for row in rows] == [f"photographs/p{number}" for number in range(3)]
    assert all(0 < float(row["quality"]) <= 1 for row in rows)
    alpha = read_foreground(work / "cut/p0.png")[0][..., 3]
    assert abs(alpha.shape[0] - 81) <= 6 and ((alpha > 0) & (alpha < 255)).any()
    assert (work / "cut-sheet.png").is_file() and (work / "cut/verdicts.csv").is_file()


def test_what_the_user_rejects_is_gone_after_a_second_run(work):
    harvest(work)
    text = (work / "cut/verdicts.csv").read_text().replace("p1.png,accept", "p1.png,reject")
    (work / "cut/verdicts.csv").write_text(text)
    done = harvest(work)  # without the list nothing is removed, and the list stays as it was edited
    assert len(catalog(work)) == 3 and "p1.png,reject" in (work / "cut/verdicts.csv").read_text()
    done = harvest(work, "--verdicts", "cut/verdicts.csv")
    assert done.returncode == 0 and "rejected: 1 removed" in done.stdout
    assert [row["file"] for row in catalog(work)] == ["p0.png", "p2.png"] and not (work / "cut/p1.png").exists()
    (work / "mine.csv").write_text("file,verdict\np1.png,accept\n")
    harvest(work, "--verdicts", "mine.csv")
    assert {row["file"] for row in catalog(work)} == {"p0.png", "p1.png", "p2.png"}


def test_a_scene_is_made_of_them_as_of_any_others(work):
    harvest(work)
    assets = write_tiny_assets(work / "assets")
    config = AssetsConfig(
        foregrounds=assets.foregrounds, more_foregrounds=(work / "cut",), backgrounds=assets.backgrounds
    )
    found = load_catalog(config)
    assert not found.findings
    assert sorted(each.id for each in found.foregrounds if each.mask_source == "pseudo") == ["p0", "p1", "p2"]


def test_a_dry_run_writes_nothing(work):
    before = sorted(work.rglob("*"))
    done = harvest(work, "--dry-run")
    assert "dry run: nothing was written" in done.stdout and sorted(work.rglob("*")) == before


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--least-score", ".9"), "none of 4 pseudo-masks passes (4 score below 0.9)"),
        (("--verdicts", "classes.yaml"), "below the header file,verdict"),
        (("--role", "nothing"), "--role: "),
        (("--classes", "none.yaml"), "none.yaml: cannot be read"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(work, options, complaint):
    before = sorted(work.rglob("*"))
    done = harvest(work, *options)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 1 and len(lines) == 1 and complaint in lines[0], done.stderr
    assert sorted(work.rglob("*")) == before
