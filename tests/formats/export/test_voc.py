"""Pascal VOC as torchvision reads it: boxes, classes and masks are exact; ratios to 10⁻⁷."""

import numpy as np
import pytest
from PIL import Image
from torchvision.datasets import VOCDetection, VOCSegmentation

from exports import CATEGORIES, export_dataset_of, exported, rows_of
from synthgen.shards.codec import decode_image


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return export_dataset_of(tmp_path_factory.mktemp("data") / "d")


@pytest.fixture(scope="module")
def folder(dataset, tmp_path_factory):
    return exported(dataset, "voc", tmp_path_factory.mktemp("out") / "voc")


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_counts_classes_and_boxes_are_those_of_the_rows(dataset, folder, split):
    found, rows = VOCDetection(folder, year="2007", image_set=split), rows_of(dataset, split)
    assert len(found) == len(rows)
    for (image, target), row in zip(found, rows, strict=True):
        assert np.abs(np.asarray(image).astype(int) - decode_image(row["image"]["bytes"])).max() <= 3  # two decoders
        annotation = target["annotation"]
        assert annotation["filename"] == f"{row['sample_id']}.jpg"
        assert (annotation["size"]["height"], annotation["size"]["width"]) == ("48", "64")
        assert [each["name"] for each in annotation["object"]] == [each["category"] for each in row["instances"]]
        for each, instance in zip(annotation["object"], row["instances"], strict=True):
            box = [int(each["bndbox"][name]) for name in ("xmin", "ymin", "xmax", "ymax")]
            assert [box[0] - 1, box[1] - 1, *box[2:]] == instance["bbox"]
            assert int(each["truncated"]) == (instance["truncation"] >= 0.15)
            assert int(each["occluded"]) == (instance["occlusion"] >= 0.05)
            for name in ("visibility", "occlusion", "truncation"):
                assert float(each[name]) == pytest.approx(instance[name], abs=1e-7)


def test_images_are_the_stored_bytes(dataset, folder):
    for row in rows_of(dataset, "train"):
        path = folder / "VOCdevkit/VOC2007/JPEGImages" / f"{row['sample_id']}.jpg"
        assert path.read_bytes() == row["image"]["bytes"]


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_masks_are_those_of_the_rows_and_hidden_targets_are_void(dataset, folder, split):
    found = VOCSegmentation(folder, year="2007", image_set=split)
    for (_, mask), row in zip(found, rows_of(dataset, split), strict=True):
        classes = np.asarray(mask)
        objects = np.asarray(Image.open(folder / "VOCdevkit/VOC2007/SegmentationObject" / f"{row['sample_id']}.png"))
        assert np.array_equal(np.where(objects == 255, 0, objects), row["mask"])
        for number, category in enumerate(CATEGORIES, 1):
            numbers = [each["number"] for each in row["instances"] if each["category"] == category]
            assert np.array_equal(classes == number, np.isin(row["mask"], numbers))
        assert np.array_equal(classes == 255, objects == 255)
        assert (objects == 255).sum() == (160 if row["hidden"] else 0)


def test_masks_show_the_colours_of_voc(folder):
    path = next((folder / "VOCdevkit/VOC2007/SegmentationClass").iterdir())
    palette = Image.open(path).getpalette()
    assert (palette[:9], palette[-3:]) == ([0, 0, 0, 128, 0, 0, 0, 128, 0], [224, 224, 192])


def test_trainval_is_train_and_val(folder):
    lists = {path.stem: path.read_text().split() for path in (folder / "VOCdevkit/VOC2007/ImageSets/Main").iterdir()}
    assert lists["trainval"] == lists["train"] + lists["val"] and "test" in lists


def test_a_lossless_dataset_keeps_its_png(tmp_path):
    folder = exported(export_dataset_of(tmp_path / "d", codec="png", train=2), "voc", tmp_path / "voc")
    home = folder / "VOCdevkit/VOC2007"
    assert (home / "JPEGImages/train-000000.png").read_bytes().startswith(b"\x89PNG")
    assert "<filename>train-000000.png</filename>" in (home / "Annotations/train-000000.xml").read_text()
