"""A training that tells classes apart, from the dataset to the package; and what is refused before it begins."""

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest

from classed import CATEGORIES, classed_dataset, classed_sample
from synthgen.core.errors import ConfigError, TrainingError
from synthgen.core.pictures import write_picture
from trainers.commands.train import classes_option, training_of
from trainers.config.photographs import PhotographSource
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.checkpoint import load_model, predictor_of, saved_identity
from trainers.learn.fit import fit
from trainers.learn.log import METRICS_FILE, logged
from trainers.package.package import package
from trainers.predict.frames import Frame
from trainers.predict.open import open_predictor
from trainers.predict.protocols import classes_of, point_of
from trainers.predict.write import predict_frames
from trainers.score.benchmark import split_benchmark
from trainers.score.evaluate import evaluate

SIZE = (32, 32)
TINY = SegmentationConfig(
    classes="categories",
    network="plain_unet",
    width=4,
    batch_size=8,
    steps=100,
    learning_rate=3e-2,
    augment=False,
    precision="32-true",
    seed=1,
)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return classed_dataset(tmp_path_factory.mktemp("d") / "d", {"train": 32, "val": 8, "test": 8})


@pytest.fixture(scope="module")
def model(dataset, tmp_path_factory):
    return fit(TINY, dataset, tmp_path_factory.mktemp("m"), progress=False)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Four photographs with a box each, of red things and of a category that no dataset has."""
    folder = tmp_path_factory.mktemp("photographs")
    annotations = []
    for name in ("images", "masks"):
        (folder / name).mkdir()
    (folder / "labels.csv").write_text("file,label\n0.png,1\n")
    for number in range(4):
        sample = classed_sample(3 * number, discs=1)
        write_picture(folder / f"images/{number}.png", sample.image)
        x0, y0, x1, y1 = sample.instances[0].bbox
        box = {"id": number, "image_id": number, "category_id": 1 + number % 2, "bbox": [x0, y0, x1 - x0, y1 - y0]}
        annotations.append(box)
    files = [{"id": n, "file_name": f"{n}.png", "height": 32, "width": 32} for n in range(4)]
    categories = [{"id": 1, "name": "scarlet"}, {"id": 2, "name": "kite"}]
    (folder / "boxes.json").write_text(
        json.dumps({"images": files, "annotations": annotations, "categories": categories})
    )
    return folder


def test_a_model_knows_its_classes_and_tells_them_apart(dataset, model):
    trained = load_model(model)
    assert trained.config.names == classes_of(predictor_of(trained)).names == CATEGORIES
    result = evaluate(open_predictor(model), split_benchmark(dataset, "test", kind="pixels"))
    assert all(result.scores[f"iou of {name}"] > 0.5 for name in CATEGORIES)
    probabilities = open_predictor(model).probabilities(classed_sample().image[None])
    assert probabilities.shape == (1, 3, *SIZE) and probabilities.sum(axis=1).max() <= 1.00001


def test_the_best_epoch_is_chosen_by_the_mean_over_classes(model):
    means = logged(model.parent / METRICS_FILE, "val_foreground_iou")[1]
    own = [logged(model.parent / METRICS_FILE, f"val_iou of {name}")[1] for name in CATEGORIES]
    assert means == pytest.approx([sum(values) / 3 for values in zip(*own, strict=True)])
    assert load_model(model).origin.watched == ("val_foreground_iou", pytest.approx(max(means)))


def test_one_class_is_the_training_that_it_was(dataset, tmp_path):
    plain = TINY.model_copy(update={"classes": "one", "steps": 1})
    identity = saved_identity(fit(plain, dataset, tmp_path, progress=False))
    assert not {"classes", "class_map", "overlap"} & set(identity)


def test_a_package_tells_the_same_classes(dataset, model, tmp_path):
    trained = load_model(model)
    named = trained.config.model_copy(update={"class_map": {"scarlet": "red", "kite": None}})
    figures = package(replace(trained, config=named), tmp_path, dataset=dataset)
    said = {prop.key: prop.value for prop in onnx.load(tmp_path / "model.onnx").metadata_props}
    assert said["categories"].split("\n") == figures["categories"] == list(CATEGORIES)
    packed = open_predictor(tmp_path)
    assert packed.classes.names == CATEGORIES
    assert [packed.classes.number_of(name) for name in ("scarlet", "blue", "kite")] == [0, 2, None]
    images = np.stack([classed_sample(index).image for index in range(3)])
    np.testing.assert_allclose(packed.probabilities(images), open_predictor(model).probabilities(images), atol=1e-4)
    card = (tmp_path / "README.md").read_text()
    assert "In the order of the output: red, green, blue (a pixel is of one of them, or of none)." in card
    assert "Categories: scarlet counts as red.\nNo target: kite." in card
    assert "| IoU | red | green | blue |" in card and "may show red, green or blue in photographs" in card
    assert "iou of red" not in card and "class map" not in card


def test_overlapping_classes_have_a_mask_each(dataset, tmp_path):
    trained = load_model(fit(TINY.model_copy(update={"overlap": True, "steps": 2}), dataset, tmp_path, progress=False))
    assert trained.outputs(np.zeros((1, *SIZE, 3), np.uint8)).shape == (1, 3, *SIZE)
    assert predictor_of(trained).probabilities(np.zeros((2, *SIZE, 3), np.uint8)).shape == (2, 3, *SIZE)


def test_predictions_name_classes(model, tmp_path):
    sample = classed_sample(discs=2)
    predictor = open_predictor(model)
    point = point_of(predictor).model_copy(update={"least_score": 0.5, "closing": 0.0})
    (entry,) = predict_frames(predictor, [Frame("a", "a.png", sample.image)], tmp_path, point=point)
    shown = {instance.category for instance in sample.instances}
    assert {found["category"] for found in entry["instances"]} == shown
    assert {name for name, share in entry["classes"].items() if share > 0.02} == shown
    assert sum(entry["classes"].values()) == pytest.approx(entry["foreground"])


def test_going_on_from_a_model_takes_its_classes(dataset, model, tmp_path):
    config = training_of({"finetune": str(model), "epochs": 1}, ["batch_size=8"])
    assert config.names == CATEGORIES
    fit(config, dataset, tmp_path, progress=False)
    other = config.model_copy(update={"classes": ("blue", "green", "red")})
    with pytest.raises(TrainingError, match="learnt classes red, green, blue, and this training learns classes blue"):
        fit(other, dataset, tmp_path / "other")
    one = config.model_copy(update={"classes": "one"})
    with pytest.raises(TrainingError, match="and this training learns all targets as one; give classes and overlap as"):
        fit(one, dataset, tmp_path / "one")


def source(folder, **options):
    return PhotographSource(images=folder / "images", boxes=folder / "boxes.json", share=0.5, **options)


def test_boxes_of_photographs_teach_their_classes(dataset, photographs, tmp_path):
    config = TINY.model_copy(
        update={"photographs": (source(photographs),), "class_map": {"scarlet": "red", "green": None}, "steps": 2}
    )
    assert load_model(fit(config, dataset, tmp_path, progress=False)).config.names == ("red", "blue")


@pytest.mark.parametrize(
    ("changes", "error", "complaint"),
    [
        ({"classes": ("red", "cat")}, TrainingError, "nothing to learn from shows cat; there are: blue, green, red"),
        ({"class_map": {"cat": "red"}}, ConfigError, "no category 'cat'; the dataset has: 'red', 'green', 'blue'"),
        ({"class_map": dict.fromkeys(CATEGORIES)}, ConfigError, "every category is dropped; keep one"),
    ],
)
def test_classes_that_the_dataset_lacks_are_told_before_training(dataset, tmp_path, changes, error, complaint):
    with pytest.raises(error, match=complaint):
        fit(TINY.model_copy(update=changes), dataset, tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_photographs_of_other_things_are_told_before_training(dataset, photographs, tmp_path):
    config = TINY.model_copy(update={"photographs": (source(photographs),)})
    with pytest.raises(
        TrainingError, match="has no box of red, green, blue, only of kite, scarlet; name them in class"
    ):
        fit(config, dataset, tmp_path / "m")


def test_classes_of_no_dataset_have_to_be_named(photographs, tmp_path):
    alone = {"photographs": (source(photographs).model_copy(update={"share": 1.0}),), "size": SIZE, "steps": 1}
    with pytest.raises(TrainingError, match="categories are those of a dataset; without one, give their names"):
        fit(TINY.model_copy(update=alone), None, tmp_path)
    named = TINY.model_copy(update={**alone, "classes": ("scarlet", "kite")})
    assert load_model(fit(named, None, tmp_path, progress=False)).config.names == ("scarlet", "kite")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"overlap": True}, "overlap is of several classes; give classes: categories, or their names"),
        ({"classes": ["a", ""]}, "is empty, or holds a line break"),
        ({"classes": "categories", "photographs": "masks"}, "masks of .*images do not say which class a target is of"),
        ({"classes": ["a", "b"], "photographs": "labels"}, "labels of .*images do not say which class a target is of"),
    ],
    ids=str,
)
def test_what_cannot_go_together_is_one_line(photographs, values, complaint):
    kind = values.pop("photographs", None)
    if kind is not None:
        file = photographs / {"masks": "masks", "labels": "labels.csv"}[kind]
        values["photographs"] = [{"images": str(photographs / "images"), kind: str(file)}]
    with pytest.raises(ConfigError, match=complaint) as error:
        training_of(values, ())
    assert "\n" not in str(error.value)


def test_the_option_takes_what_the_export_takes(tmp_path):
    (tmp_path / "map.yaml").write_text("red: warm\ngreen: null\n")
    changes = {"red": "warm", "green": None}
    assert classes_option(str(tmp_path / "map.yaml")) == {"classes": "categories", "class_map": changes}
    assert classes_option("categories") == {"classes": "categories"} and classes_option("one") == {"classes": "one"}
    assert training_of(classes_option("red, blue"), ()).names == ("red", "blue")
    with pytest.raises(ConfigError, match=r"missing\.yaml"):
        classes_option(str(tmp_path / "missing.yaml"))
