"""`synthgen pseudo-label`: from photographs to a table that a training learns from."""

import json

import cv2
import numpy as np
import pytest

from command_line import run, synthgen
from synthgen.core.pictures import write_picture
from synthgen.formats.pseudo_masks import read_pseudo_masks
from synthgen.formats.pseudo_table import read_pseudo_table
from tiny_models import write_grounding_dino, write_sam
from trainers.learn.checkpoint import load_model

TRAINING = ("--network", "plain_unet", *(f"--set={field}" for field in ("size=[32,32]", "width=2", "steps=2")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six photographs of a dark disc but for the last, with boxes and labels, and two tiny models."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "photographs").mkdir()
    write_grounding_dino(folder / "dino")
    write_sam(folder / "sam")
    rng, annotations = np.random.default_rng(0), []
    for number in range(6):
        image = rng.integers(180, 220, (48, 64, 3)).astype(np.uint8)
        if number < 5:
            cv2.circle(image, (20 + 4 * number, 24), 10, (20, 30, 40), -1)
            annotations.append(
                {"id": number, "image_id": number, "category_id": 1, "bbox": [10 + 4 * number, 14, 21, 21]}
            )
        write_picture(folder / f"photographs/{number}.png", image)
    files = [{"id": number, "file_name": f"{number}.png", "height": 48, "width": 64} for number in range(6)]
    coco = {"images": files, "annotations": annotations, "categories": [{"id": 1, "name": "disc"}]}
    (folder / "boxes.json").write_text(json.dumps(coco))
    (folder / "labels.csv").write_text("file,label\n" + "".join(f"{n}.png,{int(n < 5)}\n" for n in range(6)))
    return folder


def grounded(folder, output, *more):
    return (
        *("pseudo-label", folder / "photographs", "--detector", folder / "dino", "--segmenter", folder / "sam"),
        *("--prompt", "Weapon", "--output", output, *more),
    )


def test_a_prompt_labels_photographs_and_a_training_learns_from_them(folder, tmp_path):
    labels = ("--labels", folder / "labels.csv", "--set", "gate.most_area=1", "--set", "batch_size=3")
    said = run(*grounded(folder, tmp_path / "out", *labels))
    assert f"6  valid, 1 of them without a target: {tmp_path / 'out'}" in said
    found = list(read_pseudo_table(tmp_path / "out/pseudo.parquet"))
    assert [row.label for row in found] == [1, 1, 1, 1, 1, 0]
    assert all(json.loads(row.params_json)["prompt"] == "weapon." for row in found)
    assert "lies there already" in run(*grounded(folder, tmp_path / "out", *labels))
    table = ("--images", folder / "photographs", "--pseudo-masks", tmp_path / "out/pseudo.parquet")
    run("train", "--output", tmp_path / "model", *TRAINING, *table)
    (learnt,) = load_model(tmp_path / "model/model.pt").origin.photographs
    assert (learnt.annotation, learnt.count) == ("pseudo_masks", 6)


def test_grabcut_outlines_what_lies_in_true_boxes(folder, tmp_path):
    boxes = ("--method", "grabcut", "--boxes", folder / "boxes.json", "--output", tmp_path / "out")
    run("pseudo-label", folder / "photographs", *boxes)
    samples = read_pseudo_masks(folder / "photographs", tmp_path / "out/pseudo.parquet")
    dark = [picture.image[..., 0] < 100 for picture in samples]
    masks = [picture.truth.mask > 0 for picture in samples]
    assert len(masks) == 6 and not masks[5].any()  # a photograph without a box shows no target
    assert all((mask & own).sum() / (mask | own).sum() > 0.95 for mask, own in zip(masks[:5], dark[:5], strict=True))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        (("--prompt", " . "), "prompt is empty; say what to look for, such as weapon."),
        (("--prompt", "gun " * 40), "prompt of 43 tokens; detector dino reads 12: name fewer things"),
        (("--detector", "", "--prompt", "gun"), "detector is missing; give a folder or a name on the hub"),
        (("--segmenter", "dino"), "segmenter dino: is a model of type 'grounding-dino', expected 'sam'"),
        (("--segmenter", "half"), "segmenter half: cannot be opened: in this folder: "),
        (("--boxes", "boxes.json"), "boxes are for method grabcut; Grounding DINO finds its own"),
        (("--method", "grabcut"), "grabcut draws outlines inside boxes; give boxes, a COCO JSON"),
        (("--method", "grabcut", "--boxes", "boxes.json"), "prompt says nothing to grabcut"),
        (("--method", "magic"), "unknown method 'magic'; choose one of: grounding_dino_sam, grabcut"),
        (("--labels", "none.csv"), "none.csv: no such file"),
        (("--set", "gate.least=1"), "gate.least"),
        (("--output", "mine"), "mine: holds something else, 'thesis.tex' among it; choose another --output"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_what_is_wrong_is_one_line_before_anything_starts(folder, changes, complaint):
    (folder / "half").mkdir(exist_ok=True)
    (folder / "half/config.json").write_text((folder / "sam/config.json").read_text())
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "mine/thesis.tex").touch()
    before = sorted(folder.iterdir())
    models = ("--detector", "dino", "--segmenter", "sam", "--prompt", "weapon.", "--output", "out")
    done = synthgen("pseudo-label", "photographs", *models, *changes, folder=folder)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 1 and len(lines) == 1 and complaint in lines[0], done.stderr
    assert sorted(folder.iterdir()) == before


def test_a_folder_without_pictures_is_refused(folder, tmp_path):
    done = synthgen(*grounded(folder, tmp_path / "out")[:1], tmp_path, *grounded(folder, "out")[2:], folder=tmp_path)
    assert done.returncode == 1 and "no images found; give an image file or a folder" in done.stderr


def test_a_picture_that_cannot_be_read_is_named(folder, tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images/good.png").write_bytes((folder / "photographs/0.png").read_bytes())
    (tmp_path / "images/bad.png").write_bytes(b"no picture")
    said = synthgen("pseudo-label", tmp_path / "images", *grounded(folder, "out")[2:], folder=tmp_path)
    assert said.returncode == 0 and "cannot be read: bad.png: " in said.stderr and "1  cannot be read" in said.stdout


def test_a_table_of_other_photographs_is_refused_before_training_starts(folder, tmp_path):
    boxes = ("--method", "grabcut", "--boxes", folder / "boxes.json", "--output", tmp_path / "out")
    run("pseudo-label", folder / "photographs", *boxes)
    (tmp_path / "others").mkdir()
    for number in range(6):
        write_picture(tmp_path / f"others/{number}.png", np.full((48, 64, 3), number, np.uint8))
    table = ("--images", "others", "--pseudo-masks", "out/pseudo.parquet", "--output", "model")
    done = synthgen("train", *TRAINING, *table, folder=tmp_path)
    assert done.returncode == 1 and "pseudo.parquet: is of other pictures" in done.stderr
    assert not (tmp_path / "model/model.pt").exists()
