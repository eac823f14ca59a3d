"""Photographs as a source of training: read by their annotation, fitted, mixed with a dataset in given shares."""

import json

import numpy as np
import pytest

from pseudo_labels import pseudo_label
from sample_factory import make_samples, write_dataset
from synthgen.core.errors import ConfigError, DatasetError, TrainingError
from synthgen.core.pictures import write_picture
from synthgen.core.yaml_file import validated
from synthgen.formats.pseudo_table import write_pseudo_table
from trainers.config.crop import Crop
from trainers.config.photographs import PhotographSource
from trainers.loading.loader import BatchLoader
from trainers.loading.photographs import annotated, open_photographs
from trainers.loading.seen import Mixed
from trainers.loading.source import ShardSource
from trainers.loading.targets import Dense, Labelled, Masked

SIZE = (32, 32)
MASK, LABEL, BOTH = Masked.columns, Labelled.columns, Dense.columns


@pytest.fixture
def photographs(tmp_path):
    """Four photographs of 40×80 with a square of 20 pixels at (10, 30), but for the last, which shows nothing."""
    images, masks = tmp_path / "images", tmp_path / "masks"
    images.mkdir()
    masks.mkdir()
    annotations, lines = [], ["file,label"]
    for number in range(4):
        image = np.full((40, 80, 3), 40 * number, np.uint8)
        mask = np.zeros((40, 80), np.uint8)
        if number < 3:
            mask[10:30, 30:50] = 255
            image[10:30, 30:50] = 255
            annotations.append({"id": number, "image_id": number, "category_id": 1, "bbox": [30, 10, 20, 20]})
        write_picture(images / f"{number}.png", image)
        write_picture(masks / f"{number}.png", mask)
        lines.append(f"{number}.png,{int(number < 3)}")
    files = [{"id": n, "file_name": f"{n}.png", "height": 40, "width": 80} for n in range(4)]
    coco = {"images": files, "annotations": annotations, "categories": [{"id": 1, "name": "handgun"}]}
    (tmp_path / "boxes.json").write_text(json.dumps(coco))
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    write_pseudo_table(tmp_path / "pseudo.parquet", pseudo_labels(tmp_path))
    return tmp_path


def pseudo_labels(folder):
    """Of the first the mask, of the second and the third what was refused, and of the fourth that it shows nothing."""
    square, nothing = np.zeros((40, 80), bool), np.zeros((40, 80), bool)
    square[10:30, 30:50] = True
    refused = {"mask": nothing, "valid": False}
    values = [{"mask": square}, refused | {"label": 1}, refused, {"mask": nothing, "label": 0}]
    for number, each in enumerate(values):
        yield pseudo_label(f"{number}.png", **each, data=(folder / f"images/{number}.png").read_bytes())


def source(folder, annotation, **options):
    paths = {"masks": "masks", "boxes": "boxes.json", "labels": "labels.csv", "pseudo_masks": "pseudo.parquet"}
    path = paths[annotation]
    return PhotographSource(images=folder / "images", **{annotation: folder / path}, **options)


def opened(folder, annotation, columns=MASK, *, size=SIZE, crop=None, **options):
    return open_photographs(source(folder, annotation, **options), columns, size=size, crop=crop, seed=0)


def read(found, row, epoch=0):
    image = np.zeros((*found.size, 3), np.uint8)
    return image, found.read(row, image, epoch)


def test_a_mask_is_fitted_with_its_photograph(photographs):
    image, truth = read(opened(photographs, "masks"), 1)
    assert truth.boxes is None and truth.label is None
    np.testing.assert_array_equal(truth.mask > 0, image[..., 0] > 200)  # 80×40 in 32×32: bars above and below
    assert not image[:8].any() and truth.mask[:8].max() == 0
    stretched, _ = read(opened(photographs, "masks", fit="stretch"), 1)
    assert stretched[0].all()


def test_boxes_are_fitted_with_their_photograph_and_its_outline_stays_unread(photographs):
    image, truth = read(opened(photographs, "boxes", fit="stretch"), 0)
    assert truth.mask is None and truth.label is None
    np.testing.assert_allclose(truth.boxes.xyxy, [[12, 8, 20, 24]])
    assert (image[8:24, 12:20] > 200).all()


def test_labels_are_all_that_is_read_of_a_table_and_all_that_a_classifier_asks_of_boxes(photographs):
    for annotation, columns in (("labels", MASK), ("boxes", LABEL), ("masks", LABEL)):
        found = [read(opened(photographs, annotation, columns), row)[1] for row in range(4)]
        assert [truth.label for truth in found] == [1, 1, 1, 0]
        assert all(truth.mask is None and truth.boxes is None for truth in found)


def test_pseudo_masks_are_read_like_masks_and_what_was_refused_by_its_label_or_not_at_all(photographs):
    found = opened(photographs, "pseudo_masks")
    truths = [read(found, row)[1] for row in range(len(found))]
    assert len(truths) == 3  # of the third photograph nothing is known
    np.testing.assert_array_equal(truths[0].mask, read(opened(photographs, "masks"), 0)[1].mask > 0)
    assert truths[0].label is None
    assert (truths[1].mask, truths[1].label) == (None, 1)
    assert truths[2].mask.max() == 0


@pytest.mark.parametrize("annotation", ["masks", "pseudo_masks"])
def test_a_task_that_learns_from_labels_and_from_masks_is_given_both(photographs, annotation):
    found = opened(photographs, annotation, MASK | LABEL)
    truths = [read(found, row)[1] for row in range(len(found))]
    assert truths[0].mask.any() and truths[0].label == 1
    assert not truths[-1].mask.any() and truths[-1].label == 0


def test_a_classifier_reads_the_labels_of_pseudo_masks(photographs):
    found = opened(photographs, "pseudo_masks", LABEL)
    truths = [read(found, row)[1] for row in range(len(found))]
    assert [(truth.mask, truth.label) for truth in truths] == [(None, 1), (None, 1), (None, 0)]


def test_whoever_learns_from_labels_and_masks_is_told_both_as_far_as_they_are_known(photographs):
    for annotation, masked in (("masks", True), ("boxes", False), ("labels", False)):
        found = [read(opened(photographs, annotation, BOTH), row)[1] for row in range(4)]
        assert [truth.label for truth in found] == [1, 1, 1, 0]
        assert [truth.mask is not None for truth in found] == [masked] * 4


def test_a_crop_is_of_the_photographs_own_pixels(photographs):
    crop = Crop.model_validate({"scale": {"min": 0.5, "max": 0.5}, "ratio": {"min": 1, "max": 1}})
    found = opened(photographs, "boxes", crop=crop)
    images = [read(found, 0, epoch)[0] for epoch in range(6)]
    assert len({image.tobytes() for image in images}) > 1 and all(image[0].max() < 255 for image in images)
    np.testing.assert_array_equal(read(found, 0, 3)[0], images[3])


def test_so_many_photographs_are_evenly_spaced(photographs):
    some = annotated(source(photographs, "masks", samples=2))
    assert [picture.name for picture in (some[0], some[1])] == ["0", "2"] and len(some) == 2
    with pytest.raises(IndexError):
        some[2]
    with pytest.raises(TrainingError, match="5 photographs asked for, 4 present"):
        annotated(source(photographs, "masks", samples=5))


def test_batches_hold_a_dataset_and_photographs_in_their_shares(photographs, tmp_path):
    dataset = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(12, size=SIZE)})
    mixed = Mixed([ShardSource(dataset, "train", MASK), opened(photographs, "boxes")], [0.75, 0.25])
    loader = BatchLoader(mixed, collate=Masked(), batch_size=8, seed=0, shuffle=True)
    batches = list(loader)
    assert [len(batch.indices) for batch in batches] == [8, 8]
    rows = np.concatenate([batch.indices for batch in batches])
    assert [(np.array(batch.indices) >= 12).sum() for batch in batches] == [2, 2]
    assert len(set(rows[rows >= 12])) == 4  # each photograph once, before any comes again
    for batch in batches:
        for place, row in enumerate(batch.indices):
            image, truth = read(mixed, row)
            np.testing.assert_array_equal(batch.images[place], image)
            boxed = truth.mask is None and len(truth.boxes) > 0
            assert (place in batch.targets.boxes) == boxed  # a photograph without a box is background, and known
    assert loader.state_dict()["shares"] == [0.75]


def test_photographs_of_which_none_shows_a_target_are_refused(photographs):
    (photographs / "labels.csv").write_text("file,label\n0.png,0\n1.png,0\n")
    with pytest.raises(TrainingError, match="none of 2 photographs shows a target"):
        opened(photographs, "labels")


def test_photographs_that_are_missing_are_refused(photographs):
    (photographs / "images/2.png").unlink()
    with pytest.raises(DatasetError, match=r"holds no file '2\.png'"):
        opened(photographs, "labels")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({}, "photographs go with one of masks, boxes, labels and pseudo_masks"),
        ({"masks": "masks", "boxes": "boxes.json"}, "photographs go with one of masks, boxes, labels and pseudo_masks"),
        ({"boxes": "boxes.txt"}, "boxes.txt: no such file"),
        ({"boxes": "boxes.json", "share": 0}, "share: Input should be greater than 0"),
        ({"boxes": "boxes.json", "share": 1.1}, "share: Input should be less than or equal to 1"),
        ({"boxes": "boxes.json", "fit": "squash"}, "fit: Input should be 'letterbox' or 'stretch'"),
    ],
    ids=str,
)
def test_what_is_wrong_is_one_line(photographs, values, complaint):
    with pytest.raises(ConfigError) as error:
        validated(PhotographSource, {"images": "images", **values}, "training", base=photographs)
    assert complaint in str(error.value) and "\n" not in str(error.value)
