"""COCO as pycocotools and faster-coco-eval read it: ids, boxes and run lengths are exact, polygons to the pixel."""

import contextlib
import io
import json

import numpy as np
import pytest
from faster_coco_eval import COCO as FasterCOCO
from faster_coco_eval import COCOeval_faster
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from exports import CATEGORIES, export_dataset_of, exported, rows_of
from synthgen.compiled.coco_runs import packed_runs
from synthgen.core.geometry import tight_box
from synthgen.formats.coco import read_coco

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of pycocotools


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return export_dataset_of(tmp_path_factory.mktemp("data") / "d")


@pytest.fixture(scope="module", params=[{}, {"polygons": True}], ids=["run lengths", "polygons"])
def folder(request, dataset, tmp_path_factory):
    return exported(dataset, "coco", tmp_path_factory.mktemp("out") / "coco", **request.param)


def opened(folder, split, reader=COCO):
    with contextlib.redirect_stdout(io.StringIO()):
        return reader(str(folder / "annotations" / f"instances_{split}.json"))


@pytest.mark.parametrize("reader", [COCO, FasterCOCO])
@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_counts_ids_boxes_and_masks_are_those_of_the_rows(dataset, folder, split, reader):
    coco, rows = opened(folder, split, reader), rows_of(dataset, split)
    assert {entry["id"]: entry["name"] for entry in coco.loadCats(coco.getCatIds())} == dict(enumerate(CATEGORIES, 1))
    images = coco.loadImgs(coco.getImgIds())
    assert [image["sample_id"] for image in images] == [row["sample_id"] for row in rows]
    for image, row in zip(images, rows, strict=True):
        assert (folder / split / image["file_name"]).read_bytes() == row["image"]["bytes"]
        found = coco.loadAnns(coco.getAnnIds(imgIds=image["id"], iscrowd=False))
        assert [each["number"] for each in found] == [each["number"] for each in row["instances"]]
        for annotation, instance in zip(found, row["instances"], strict=True):
            x0, y0, x1, y1 = instance["bbox"]
            assert annotation["bbox"] == [x0, y0, x1 - x0, y1 - y0]
            assert annotation["area"] == instance["area"]
            assert CATEGORIES[annotation["category_id"] - 1] == instance["category"]
            for name in ("visibility", "occlusion", "truncation"):
                assert annotation[name] == pytest.approx(instance[name], abs=1e-7)
            assert np.array_equal(coco.annToMask(annotation), row["mask"] == instance["number"])


def test_ids_are_unique_over_all_splits(folder):
    files = [json.loads(path.read_bytes()) for path in (folder / "annotations").iterdir()]
    for kind in ("images", "annotations"):
        ids = [entry["id"] for file in files for entry in file[kind]]
        assert len(set(ids)) == len(ids) > 0 and 0 not in ids


def test_truth_as_a_prediction_scores_one(folder):
    """The whole way through the scores of COCO; crowds are neither found nor missed."""
    truth = opened(folder, "train", FasterCOCO)
    masks = [
        {
            "image_id": each["image_id"],
            "category_id": each["category_id"],
            "segmentation": truth.annToRLE(each),
            "score": 1.0,
        }
        for each in truth.dataset["annotations"]
        if not each["iscrowd"]
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        scores = COCOeval_faster(truth, truth.loadRes(masks), "segm")
        scores.run()
    assert scores.stats[0] == pytest.approx(1.0)


def test_hidden_targets_are_crowds_and_what_we_read_is_what_we_wrote(dataset, folder):
    read, rows = read_coco(folder / "train", folder / "annotations/instances_train.json"), rows_of(dataset, "train")
    for picture, row in zip(read, rows, strict=True):
        assert np.array_equal(picture.truth.mask, row["mask"])
        assert (picture.truth.ignore is not None) == bool(row["hidden"])
    assert read[2].truth.ignore.sum() == 160  # 20 rows of the 8 columns right of the plate


def test_amodal_masks_are_of_the_whole_object_in_the_frame(dataset, tmp_path):
    folder = exported(dataset, "coco", tmp_path / "amodal", amodal=True)
    coco = opened(folder, "train")
    plate, _, bar, _ = coco.loadAnns(coco.getAnnIds(imgIds=3, iscrowd=False))
    assert (plate["bbox"], plate["area"]) == ([4, 6, 40, 34], 40 * 34)
    assert coco.annToMask(plate).sum() == 40 * 34
    assert (plate["visible_area"], plate["visible_bbox"]) == (40 * 34 - 8 * 8 - 5 * 34, [4, 6, 40, 34])
    assert coco_mask.decode(plate["visible_segmentation"]).sum() == plate["visible_area"]
    assert (bar["bbox"], bar["amodal_bbox"]) == ([28, 0, 5, 48], [28, -9, 5, 69])


def test_licences_are_in_the_file(folder):
    head = json.loads((folder / "annotations/instances_train.json").read_bytes())
    assert [(entry["name"], entry["files"]) for entry in head["licenses"]] == [("CC0-1.0", 5), ("CC-BY-4.0", 2)]


@pytest.mark.parametrize("split", ["train", "val"])
def test_polygons_of_parts_and_holes_lose_no_pixel(dataset, tmp_path, split):
    folder = exported(dataset, "coco", tmp_path / "polygons", polygons=True, splits=[split])
    loss = json.loads((folder / "export.json").read_text())["loss"]
    assert loss["wrong"] == 0 and loss["pixels"] == sum((row["mask"] > 0).sum() for row in rows_of(dataset, split))
    plate = json.loads((folder / f"annotations/instances_{split}.json").read_bytes())["annotations"][-5]
    assert len(plate["segmentation"]) == 2  # two parts, of which one has a hole


@given(arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 2)))
def test_run_lengths_are_packed_as_pycocotools_packs_them(mask):
    for value in (1, 2):
        box = tight_box(mask == value)
        expected = coco_mask.encode(np.asfortranarray((mask == value).astype(np.uint8)))["counts"]
        assert packed_runs(mask, value, *box).tobytes() == expected
