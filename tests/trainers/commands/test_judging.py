"""`synthgen evaluate --localizer`: what is written, what is said, and which options are refused."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml

from command_line import run
from localizers import localizers_file, more_localizers  # noqa: F401
from sample_factory import make_samples, write_dataset
from synthgen.core.errors import ConfigError, DatasetError
from synthgen.core.yaml_file import validated
from synthgen.formats.photograph import read_photograph
from trainers.config.localizer import ChosenLocalizer
from trios import write_trios, write_voc


@pytest.fixture
def work(tmp_path, monkeypatch, more_localizers):  # noqa: F811
    """A folder with a dataset, trios, a folder in ImageNet's layout, and a file of localizers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("trainers.commands.judging.usable_cores", lambda: 1)
    write_dataset(tmp_path / "d", {f"{split}-00000.parquet": make_samples(6, split) for split in ("val", "test")})
    write_trios(tmp_path / "trios")
    write_voc(tmp_path / "voc")
    localizers_file(tmp_path / "l.yaml")
    return tmp_path


def test_a_report_is_written_and_what_was_chosen_can_be_judged_elsewhere(work):
    said = run("evaluate", "l.yaml", "d", "--localizer", "--output", "out", "--pictures", "2")
    assert "left out: 4 pictures: show no target" in said.replace("\n", " ")
    written = {path.name for path in (work / "out").iterdir()}
    names = ("report.md", "report.html", "results.parquet", "grid.parquet", "thresholds.png", "pictures.png")
    assert written == {*names, "localizers"}
    rows = pq.read_table(work / "out/results.parquet").to_pylist()
    assert len(rows) == 3 * 4 and {row["picture"] for row in rows} == {f"test-{n:06d}" for n in (1, 2, 3, 5)}
    report = (work / "out/report.md").read_text()
    mean = np.mean([row["iou"] for row in rows if row["localizer"] == "colour"])
    assert f"| colour | {mean:.3f} (" in report
    assert "![Mean IoU against the threshold](thresholds.png)" in report

    file = work / "out/localizers/colour.yaml"
    chosen = validated(ChosenLocalizer, yaml.safe_load(file.read_text()), file, base=file.parent)
    assert chosen.chosen_on == "d, test: val" and chosen.localizer.prompts == ("disc",)
    assert chosen.post.threshold == next(row for row in rows if row["localizer"] == "colour")["post_threshold"]

    run("evaluate", "out/localizers", "--localizer", "--trios", "trios", "--output", "elsewhere")
    rows = pq.read_table(work / "elsewhere/results.parquet").to_pylist()
    assert {row["post_threshold"] for row in rows if row["localizer"] == "colour"} == {chosen.post.threshold}
    again = yaml.safe_load((work / "elsewhere/localizers/colour.yaml").read_text())
    assert again["post"] == yaml.safe_load(file.read_text())["post"]


def test_the_grid_says_kernels_as_pixels_and_as_shares(work):
    run("evaluate", "l.yaml", "d", "--localizer", "--output", "out")
    grid = pq.read_table(work / "out/grid.parquet").to_pylist()
    assert len(grid) == 3 * 2 * 39 * 100
    kernels = {row["kernel_of_256"]: row["kernel"] for row in grid}
    assert kernels == {1: 0, **{kernel: kernel / 256 for kernel in (11, 21, 31, 41, 51, 61)}}


def test_photographs_with_masks_with_boxes_and_with_voc(work):
    run("evaluate", "l.yaml", "--localizer", "--images", "trios/real", "--masks", "trios/mask", "--output", "masks")
    assert "PxAP" in (work / "masks/report.md").read_text()
    run("evaluate", "l.yaml", "--localizer", "--images", "voc/Data", "--voc", "voc/Annotations", "--output", "voc-out")
    assert "The truth is boxes" in (work / "voc-out/report.md").read_text()
    images = [{"id": n, "file_name": f"{n}.png", "height": 48, "width": 64} for n in range(6)]
    boxes = [{"id": n, "image_id": n, "category_id": 1, "bbox": [12 + 2 * n, 10, 20 + n, 14 + n]} for n in range(5)]
    coco = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "disc"}]}
    (work / "boxes.json").write_text(json.dumps(coco))
    run("evaluate", "l.yaml", "--localizer", "--images", "trios/real", "--boxes", "boxes.json", "--output", "boxes")
    report = (work / "boxes/report.md").read_text()
    assert "- 1 pictures: show no target" in report and "| colour | " in report
    assert read_photograph(work / "boxes/pictures.png").shape[1] > 5 * 200  # photograph, truth, three localizers


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ((), "localizers are judged on one set of pictures; give a DATASET, or images"),
        (("d", "--trios", "trios"), "localizers are judged on one set of pictures"),
        (("--images", "trios/real"), "images go together with one of masks, boxes and voc"),
        (("--images", "trios/real", "--masks", "trios/mask", "--voc", "voc"), "images go together with one of"),
        (("--trios", "missing"), "missing: no such folder"),
        (("d", "--threshold", "0.5", "--tta"), "--localizer: --threshold, --tta says nothing to localizers"),
        (("d", "--choose"), "--localizer: --choose says nothing to localizers"),
    ],
)
def test_options_that_say_nothing_are_refused(work, options, complaint):
    with pytest.raises(ConfigError, match=complaint):
        run("evaluate", "l.yaml", *options, "--localizer")


def test_trios_are_for_localizers(work):
    with pytest.raises(ConfigError, match="--trios and --voc are for localizers; give --localizer"):
        run("evaluate", "l.yaml", "--trios", "trios")


def test_a_dataset_without_targets_is_refused(work):
    shards = {f"{split}-00000.parquet": make_samples(1, split) for split in ("val", "test")}
    write_dataset(work / "empty", shards)
    with pytest.raises(DatasetError, match="no row of val shows a target with an exact mask"):
        run("evaluate", "l.yaml", "empty", "--localizer")
