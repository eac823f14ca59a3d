"""`synthgen localize`: photographs and datasets → heat maps, masks, overlays, boxes and the table of pseudo-labels."""

import json

import cv2
import numpy as np
import pytest

from command_line import run, synthgen
from sample_factory import make_samples, write_dataset
from synthgen.core.pictures import write_picture
from synthgen.formats.pseudo_masks import read_pseudo_masks
from synthgen.formats.pseudo_table import picture_hash, read_pseudo_table
from synthgen.shards.reader import ShardDataset
from synthgen.shards.samples import ShardSamples
from tiny_localizers import Coloured, coloured_method

__all__ = ["coloured_method"]


@pytest.fixture
def photographs(tmp_path):
    """Five photographs of two sizes with a red square each, the last without, and their labels."""
    folder = tmp_path / "photographs"
    for number in range(5):
        size = (60, 90) if number % 2 else (80, 64)
        image = np.full((*size, 3), 120, np.uint8)
        if number < 4:
            image[20:50, 10 + 2 * number : 40 + 2 * number] = (240, 10, 10)
        folder.mkdir(exist_ok=True)
        write_picture(folder / f"p{number}.png", image)
    (tmp_path / "labels.csv").write_text("file,label\n" + "".join(f"p{n}.png,{int(n < 4)}\n" for n in range(5)))
    return folder


def localize(source, output, *more, method="coloured", prompt="red"):
    return run("localize", "none", source, "--method", method, "--prompt", prompt, "--output", output, *more)


def test_photographs_get_maps_masks_boxes_and_a_table_that_trainings_read(photographs, tmp_path, coloured_method):
    labels = ("--labels", photographs.parent / "labels.csv", "--set", "batch_size=2")
    assert "5  valid, 1 of them without a target" in localize(photographs, tmp_path / "out", *labels)
    assert Coloured.shown == 4  # label 0 is not looked at
    rows = list(read_pseudo_table(tmp_path / "out/pseudo.parquet"))
    said = json.loads(rows[0].params_json)
    assert (rows[0].method, said["localizer"], said["prompts"]) == ("coloured", "coloured", ["red"])
    entries = json.loads((tmp_path / "out/instances.json").read_text())
    assert [json.loads(line) for line in (tmp_path / "out/instances.jsonl").read_text().splitlines()] == entries
    for number, picture in enumerate(read_pseudo_masks(photographs, tmp_path / "out/pseudo.parquet")):
        red = picture.image[..., 0] > 200
        mask = cv2.imread(str(tmp_path / f"out/masks/p{number}.png"), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(mask > 0, picture.truth.mask > 0)
        heat = cv2.imread(str(tmp_path / f"out/heatmaps/p{number}.png"), cv2.IMREAD_UNCHANGED)
        overlay = cv2.imread(str(tmp_path / f"out/overlays/p{number}.png"))
        assert heat.shape == mask.shape == picture.size and overlay.shape == (*picture.size, 3)
        if number < 4:
            assert np.count_nonzero((mask > 0) & red) / np.count_nonzero((mask > 0) | red) > 0.85
            (instance,) = entries[number]["instances"]
            np.testing.assert_allclose(instance["bbox"], [10 + 2 * number, 20, 40 + 2 * number, 50], atol=2)
            assert instance["category"] == "red" and heat[red].mean() > 200
        else:
            assert not mask.any() and not heat.any() and entries[number]["instances"] == []


def test_the_same_again_does_nothing_and_another_threshold_is_another_run(photographs, tmp_path, coloured_method):
    localize(photographs, tmp_path / "out")
    assert "lies there already" in localize(photographs, tmp_path / "out")
    assert Coloured.shown == 0
    done = synthgen(
        *("localize", "none", photographs, "--method", "coloured", "--prompt", "red", "--output", tmp_path / "out"),
        *("--threshold", ".7"),
        folder=tmp_path,
    )
    assert done.returncode == 1 and "holds another localize; choose another --output" in done.stderr


def test_a_run_that_broke_off_continues_to_the_same_files(photographs, tmp_path, coloured_method, monkeypatch):
    def contents(folder):
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    each = ("--set", "batch_size=1")
    localize(photographs, tmp_path / "whole", *each)
    relevance = Coloured.relevance

    def breaks(self, pixels, prompts):
        if Coloured.shown == 3:
            raise KeyboardInterrupt
        return relevance(self, pixels, prompts)

    with monkeypatch.context() as patch:
        patch.setattr(Coloured, "relevance", breaks)
        with pytest.raises((KeyboardInterrupt, AssertionError)):
            localize(photographs, tmp_path / "out", *each)
    assert not (tmp_path / "out").exists()
    localize(photographs, tmp_path / "out", *each)
    assert Coloured.shown == 2
    found, expected = contents(tmp_path / "out"), contents(tmp_path / "whole")
    sheet = next(path for path in found if path.name == "sheet.png")  # it has the folder's name on it
    assert {**found, sheet: b""} == {**expected, sheet: b""}


def test_one_photograph_is_a_source(photographs, tmp_path):
    localize(photographs / "p1.png", tmp_path / "out", method="centre", prompt="anything")
    (row,) = read_pseudo_table(tmp_path / "out/pseudo.parquet")
    assert (row.file, row.size, row.boxes.categories) == ("p1.png", (60, 90), ("anything",))


def test_a_dataset_is_known_by_the_names_and_bytes_of_its_pictures(tmp_path):
    write_dataset(
        tmp_path / "data", {"train-00000.parquet": make_samples(4), "val-00000.parquet": make_samples(3, "val")}
    )
    localize(tmp_path / "data", tmp_path / "out", "--split", "val", method="centre")
    rows = list(read_pseudo_table(tmp_path / "out/pseudo.parquet"))
    dataset = ShardDataset.open(tmp_path / "data")
    assert [row.file for row in rows] == [each["image"]["path"] for each in dataset.rows("val")]
    for row, picture in zip(rows, ShardSamples(dataset, "val"), strict=True):
        assert row.picture_hash == picture_hash(picture.data)
        assert (row.image_id, row.label) == (picture.name, picture.truth.label)
        assert row.mask.any() == (picture.truth.label == 1)  # of label 0 it is known that nothing is there


def test_a_picture_that_cannot_be_read_is_named_and_the_rest_goes_through(photographs, tmp_path):
    (photographs / "bad.png").write_bytes(b"no picture")
    done = synthgen(
        *("localize", "none", photographs, "--method", "centre", "--prompt", "red", "--output", "out"), folder=tmp_path
    )
    assert done.returncode == 0 and "cannot be read: bad.png: " in done.stderr and "5  valid" in done.stdout
    assert not (tmp_path / "out/masks/bad.png").exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("none", "--prompt", "red"), "--method is missing; choose one of: "),
        (("none", "--method", "centre"), "--prompt is missing; say what to look for"),
        (("none", "--method", "magic", "--prompt", "red"), "unknown method 'magic'; choose one of: centre"),
        (("none", "--method", "coloured", "--prompt", "purple"), "prompt 'purple': no colour"),
        (("none", "--method", "centre", "--prompt", "red", "--template", "a"), "has no place for a prompt"),
        (("none", "--method", "centre", "--prompt", "red", "--split", "val"), "is no dataset; leave it out"),
        (("none", "--method", "centre", "--prompt", "red", "--set", "gate.most=1"), "localize: gate.most: unknown key"),
        (("none", "--method", "centre", "--prompt", "red", "--labels", "none.csv"), "none.csv: cannot be read"),
        (("models/mine", "--method", "centre", "--prompt", "red"), "models/mine: no such file or folder"),
        (("chosen.yaml", "--method", "centre"), "chosen.yaml says which method it is of; leave it out"),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else "",
)
def test_what_is_wrong_is_one_line_before_anything_starts(photographs, tmp_path, options, complaint, coloured_method):
    (tmp_path / "chosen.yaml").write_text("localizer: {method: coloured, prompts: [red]}\npost: {threshold: 0.4}")
    before = sorted(tmp_path.iterdir())
    done = synthgen("localize", options[0], "photographs", *options[1:], "--output", "out", folder=tmp_path)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 1 and len(lines) == 1 and complaint in lines[0], done.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_what_was_chosen_for_a_localizer_is_used(photographs, tmp_path, coloured_method):
    (tmp_path / "chosen.yaml").write_text("localizer: {method: coloured, prompts: [red]}\npost: {threshold: 0.4}")
    run("localize", tmp_path / "chosen.yaml", photographs, "--output", tmp_path / "out", "--set", "post.kernel=0.1")
    said = json.loads(next(read_pseudo_table(tmp_path / "out/pseudo.parquet")).params_json)
    assert (said["post"]["threshold"], said["post"]["kernel"]) == (0.4, 0.1)
