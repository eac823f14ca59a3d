"""`synthgen evaluate` with --slices, --degrade and --adapt: what it writes, and what is refused before any work."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from command_line import run
from predictors import frame_with
from sample_factory import make_samples, write_dataset
from synthgen.core.errors import SynthgenError
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.checkpoint import DataSource, Origin, TrainedModel, save_model
from trainers.models.registry import build_network

SIZE = (32, 48)
PHOTOGRAPHS = ("--images", "photos", "--boxes", "boxes.json")
SOURCE = DataSource(manifest_sha256="ab", fingerprint="cd", samples={"train": 1}, categories=("gun",), licences={})


def save(path, **options):
    config = SegmentationConfig(network="plain_unet", width=2, **options)
    torch.manual_seed(1)
    origin = Origin(sources=(SOURCE,), weights="none", watched=None)
    path.mkdir()
    save_model(path / "model.pt", TrainedModel(build_network(config).eval(), config, SIZE, origin), {"seed": 1})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two models, a dataset, and four photographs of a bright box, the last of them empty."""
    folder = tmp_path_factory.mktemp("work")
    save(folder / "m")
    save(folder / "bare", batch_norm=False)
    write_dataset(folder / "d", {"test-00000.parquet": make_samples(6, "test", size=SIZE)})
    (folder / "photos").mkdir()
    images, boxes = [], []
    for number in range(4):
        shown = [(20, 20, 60, 40)] if number < 3 else []
        noise = np.random.default_rng(number).integers(0, 60, (64, 96, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / f"photos/{number}.png"), np.maximum(frame_with(*shown), noise))
        images.append({"id": number, "file_name": f"{number}.png", "height": 64, "width": 96})
        boxes += [
            {"id": number, "image_id": number, "category_id": 1, "bbox": [20, 20, 40, 20], "area": 800, "iscrowd": 0}
            for _ in shown
        ]
    coco = {"images": images, "categories": [{"id": 1, "name": "gun"}], "annotations": boxes}
    (folder / "boxes.json").write_text(json.dumps(coco))
    return folder


@pytest.fixture
def work(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


def test_slices_of_a_dataset_and_of_photographs(work):
    said = run("evaluate", "m", "d", *PHOTOGRAPHS, "--slices", "--output", "s")
    traits = {
        stem: {part["trait"] for part in json.loads((work / f"s/{stem}-slices.json").read_text())["slices"]}
        for stem in ("results", "boxes")
    }
    assert {"occlusion", "truncation", "size", "category", "darkness"} <= traits["results"]
    assert traits["boxes"] == {"size", "blur", "darkness", "crowding", "ground", "category"}
    assert "photos: no slice that 10 pictures or more bear on" in said and "slices: s/boxes-slices.md" in said
    (*_, last) = pq.read_table(work / "s/boxes-rows.parquet").to_pylist()
    assert (last["trait_crowding"], last["trait_size"]) == (0, None)


def test_without_the_option_nothing_is_described(work):
    assert "describe" not in run("evaluate", "m", *PHOTOGRAPHS, "--output", "n")
    assert "trait_size" not in pq.read_table(work / "n/boxes-rows.parquet").column_names
    assert {path.name for path in (work / "n").iterdir()} == {
        "boxes.md",
        "boxes.json",
        "boxes.png",
        "boxes-rows.parquet",
        "boxes-confusion.png",
        "boxes-froc.png",
    }


def test_a_camera_at_five_severities_with_and_without_adapting(work):
    before = (work / "m/model.pt").read_bytes()
    run("evaluate", "m", "d", *PHOTOGRAPHS, "--degrade", "cctv-night", "--adapt", "--output", "g")
    found = json.loads((work / "g/boxes-cctv-night.json").read_text())["scores"]
    names = ["as they are", *(f"severity {number}" for number in range(1, 6))]
    assert [name for name in found if name in names] == names
    assert {f"{name}, adapted (transductive)" for name in names} < set(found)
    plain = json.loads((work / "g/boxes.json").read_text())["scores"]
    (title,) = (name for name in plain if f"{name}, adapted (transductive)" in plain)
    assert found["as they are"] == plain[title]
    rows = pq.read_table(work / "g/boxes-cctv-night-rows.parquet").to_pylist()
    assert len(rows) == 2 * 6 * 4
    for picture in ("boxes-cctv-night.png", "boxes-cctv-night-sheet.png", "boxes.png", "predictions.png"):
        assert cv2.imread(str(work / "g" / picture)).std() > 5
    assert len(list((work / "g").glob("*.png"))) == 4 + 2  # a confusion matrix and a FROC curve
    assert (work / "m/model.pt").read_bytes() == before


def test_two_runs_see_the_same_pictures(work):
    for output in ("one", "two"):
        run("evaluate", "m", *PHOTOGRAPHS, "--degrade", "webcam", "--output", output)
    sheets = [(work / output / "boxes-webcam-sheet.png").read_bytes() for output in ("one", "two")]
    assert sheets[0] == sheets[1]


WRONG = [
    (("m", *PHOTOGRAPHS, "--choose", "--slices"), "--choose scores nothing that --slices could tell of"),
    (("m", *PHOTOGRAPHS, "--choose", "--degrade", "webcam", "--adapt"), "that --degrade, --adapt could tell of"),
    (("m", "d", "--degrade", "webcam"), "--degrade webcam is for photographs; give --images with --masks or --boxes"),
    (
        ("m", *PHOTOGRAPHS, "--degrade", "clean"),
        "evaluation: degrade: Input should be 'webcam', 'cctv-day' or 'cctv-night'",
    ),
]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [*WRONG, (("bare", *PHOTOGRAPHS, "--adapt"), "has no batch norm whose statistics could be estimated")],
)
def test_wrong_options_are_one_line(work, arguments, complaint):
    with pytest.raises(SynthgenError) as error:
        run("evaluate", *arguments, "--output", "never")
    assert complaint in str(error.value) and "\n" not in str(error.value) and not (work / "never").exists()


def test_wrong_options_are_told_before_torch_is_imported(work):
    code = (
        "import sys, typer\n"
        "from synthgen.core.errors import ConfigError\n"
        "from trainers.commands.register import register\n"
        "app = typer.Typer(); register(app)\n"
        "for arguments in WRONG:\n"
        "    try: app(['evaluate', *arguments], standalone_mode=False)\n"
        "    except ConfigError: continue\n"
        "    raise AssertionError(arguments)\n"
        "assert 'torch' not in sys.modules\n"
    ).replace("WRONG", repr([arguments for arguments, _ in WRONG]))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
