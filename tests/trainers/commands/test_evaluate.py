"""`synthgen evaluate --choose` stores a point; evaluate, predict and package use it; what is wrong is one line."""

import json

import cv2
import pytest
import torch

from command_line import run
from predictors import frame_with
from sample_factory import make_samples, write_dataset
from synthgen.core.errors import ConfigError, SynthgenError
from trainers.commands.evaluate import check_choice
from trainers.config.evaluation import EvaluationConfig
from trainers.config.operating_point import OperatingPoint
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.checkpoint import DataSource, Origin, TrainedModel, load_model, save_model, saved_identity
from trainers.models.registry import build_network
from trainers.predict.open import open_predictor
from trainers.score.result import MAJORITY, SOURCE_ALONE

SIZE = (64, 96)
PIECES, GUN = ((20, 20, 45, 40), (47, 20, 72, 40)), (20, 20, 72, 40)


def reddish():
    """Return a network whose logit rises with the red of each pixel: 0.88 for white, 0.08 for black."""
    network = build_network(CONFIG)
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        for layer in (network.down[0][0], network.down[0][2], network.merge[0][0], network.merge[0][2]):
            layer.weight[0, 0, 1, 1] = 1
        network.head.weight[0, 0], network.head.bias[0] = 2, -2.5
    return network


CONFIG = SegmentationConfig(network="plain_unet", width=2, batch_norm=False)


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A folder with a model, a dataset, and a photograph of a gun that is seen in two pieces."""
    source = DataSource(manifest_sha256="ab", fingerprint="cd", samples={"train": 1}, categories=("gun",), licences={})
    origin = Origin(sources=(source,), weights="none", watched=None)
    (tmp_path / "m").mkdir()
    point = OperatingPoint(threshold=0.5, closing=0, least_area=0.0001)
    save_model(tmp_path / "m/model.pt", TrainedModel(reddish().eval(), CONFIG, SIZE, origin, point), {"seed": 1})
    shards = {f"{split}-00000.parquet": make_samples(4, split, size=SIZE) for split in ("train", "val", "test")}
    write_dataset(tmp_path / "d", shards)
    (tmp_path / "photos").mkdir()
    cv2.imwrite(str(tmp_path / "photos/a.png"), frame_with(*PIECES, size=SIZE))
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [20, 20, 52, 20], "area": 1040, "iscrowd": 0}
    coco = {
        "images": [{"id": 1, "file_name": "a.png", "height": SIZE[0], "width": SIZE[1]}],
        "categories": [{"id": 1, "name": "gun"}],
        "annotations": [box],
    }
    (tmp_path / "boxes.json").write_text(json.dumps(coco))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def instances(output):
    return json.loads((output / "instances.json").read_text())[0]["instances"]


PHOTOGRAPHS = ("--images", "photos", "--boxes", "boxes.json")


def test_a_point_is_chosen_stored_and_used_by_every_command(work):
    run("predict", "m", "photos", "--output", "before")
    assert len(instances(work / "before")) == 2
    said = run("evaluate", "m", *PHOTOGRAPHS, "--choose")
    point = load_model(work / "m").operating_point
    assert point == OperatingPoint(threshold=0.5, closing=0.047, least_area=0.005)
    assert f"chosen on photos: {point}; stored in m/model.pt" in said
    assert said.count("recall") == 2  # by threshold, and by least score
    assert saved_identity(work / "m/model.pt") == {"seed": 1}
    run("predict", "m", "photos", "--output", "after")
    assert [found["bbox"] for found in instances(work / "after")] == [list(GUN)]
    run("evaluate", "m", *PHOTOGRAPHS, "--output", "e")
    scores = json.loads((work / "e/boxes.json").read_text())
    (model,) = scores["operating_points"]
    assert scores["operating_points"][model] == point.model_dump()
    assert (scores["scores"][model]["box_recall"], scores["scores"][model]["box_precision"]) == (1, 1)
    assert scores["scores"][model]["pointing"] == 1 and scores["scores"][model]["ap50"] == pytest.approx(1)
    run("package", "m", "--output", "p")
    assert open_predictor(work / "p").operating_point == point
    assert str(point) in (work / "p/README.md").read_text()


def test_options_overrule_the_models_point(work):
    run("predict", "m", "photos", "--output", "closed", "--closing", "0.1")
    assert len(instances(work / "closed")) == 1
    run("predict", "m", "photos", "--output", "none", "--least-area", "0.2")
    assert instances(work / "none") == []
    run("package", "m", "--output", "p", "--closing", "0.1")
    assert open_predictor(work / "p").operating_point == OperatingPoint(closing=0.1, least_area=0.0001)


def test_the_validation_split_is_what_is_chosen_on(work):
    assert "chosen on d, val" in run("evaluate", "m", "d", "--choose")


def test_a_classifiers_threshold_is_chosen_on_val_and_used_on_test(work):
    run("train", "d", "--task", "classification", "--encoder", "test_resnet", "--output", "c", "--set", "steps=1")
    model = load_model(work / "c")
    torch.nn.init.constant_(model.network.head.bias, -20)
    save_model(work / "c/model.pt", model, {})
    said = run("evaluate", "c", "d", "--choose")
    threshold = load_model(work / "c").operating_point.threshold
    assert 0 < threshold < 1e-3 and f"chosen on d, val: threshold {threshold:g}" in said
    run("evaluate", "c", "d", "--output", "e")
    scores = json.loads((work / "e/results.json").read_text())
    (model,) = scores["operating_points"]
    assert scores["operating_points"][model]["threshold"] == threshold
    assert {"f1", "f1_at_half", "auc", "ap", "ece"} <= scores["scores"][model].keys()
    assert cv2.imread(str(work / "e/results-curves.png")) is not None


def write_domain(folder, header, *lines):
    """A table of labels of three pictures."""
    folder.mkdir()
    for name in ("a", "b", "c"):
        cv2.imwrite(str(folder / f"{name}.png"), frame_with(GUN, size=SIZE))
    (folder / "labels.csv").write_text("\n".join([header, *lines, ""]))


def test_a_classifier_is_scored_in_several_domains_beside_the_source_alone(work):
    run("train", "d", "--task", "classification", "--encoder", "test_resnet", "--output", "c", "--set", "steps=1")
    write_domain(work / "near", "file,label", "a.png,1", "b.png,0")
    write_domain(work / "far", "file,label,source", "a.png,1,films", "b.png,1,films", "c.png,0,shops")
    domains = ("--domain", "near=near/labels.csv", "--domain", "far=far/labels.csv")
    said = run("evaluate", "c", "d", *domains, "--output", "e", "--slices")
    lines = (work / "e/domains.md").read_text().splitlines()[4:]
    model = "classifier-test_resnet"
    assert [tuple(line.strip("| ").split(" | ")[:2]) for line in lines] == [
        *(("d, test", name) for name in (MAJORITY, model)),
        *(("near", name) for name in (MAJORITY, model)),
        *(("far", name) for name in (MAJORITY, SOURCE_ALONE, model)),
    ]
    assert "domains" in said
    far = json.loads((work / "e/domain-far.json").read_text())
    assert far["scores"][SOURCE_ALONE]["auc"] == far["scores"][SOURCE_ALONE]["f1"] == 1
    assert far["scores"][model]["auc_within"] is None  # no source has both labels
    assert set(far["labels"][model]["sources"]) == {"films", "shops"}
    slices = json.loads((work / "e/domain-far-slices.json").read_text())["slices"]
    assert [(each["label"], each["pictures"]) for each in slices if each["trait"] == "source"] == [
        ("films", 2),
        ("shops", 1),
    ]


@pytest.mark.parametrize("fit", ["letterbox", "stretch"])
def test_the_report_names_the_fit(work, fit):
    run("evaluate", "m", *PHOTOGRAPHS, "--output", "e", "--fit", fit)
    assert f"# photos (1 images, {fit})" in (work / "e/boxes.md").read_text()


def test_predictions_may_be_averaged_in_torch_and_in_onnx(work):
    run("package", "m", "--output", "p", "--closing", "0.1")
    for model in ("m", "p"):
        run("predict", model, "photos", "--output", "o", "--tta", "--closing", "0.1")
        (found,) = instances(work / "o")
        assert found["bbox"] == pytest.approx(GUN, abs=3)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"split": "test"}, "--choose --split test: what is chosen by a split is not reported on it; choose on val"),
        ({"threshold": 0.4}, "--choose looks for the whole operating point itself; leave --threshold out"),
        ({"images": "photos", "boxes": "boxes.json"}, "--choose goes by one thing; give a DATASET, or --images with"),
    ],
)
def test_what_nothing_can_be_chosen_by_is_refused(work, options, complaint):
    settings = EvaluationConfig.model_validate({"split": "val", **options}, context={"base": work})
    with pytest.raises(ConfigError) as error:
        check_choice(settings, work / "m", work / "d")
    assert str(error.value).startswith(complaint) and "\n" not in str(error.value)


def test_a_package_keeps_its_point(work):
    with pytest.raises(ConfigError, match="a package keeps the point it was made with"):
        check_choice(EvaluationConfig(split="val"), work / "p/model.onnx", work / "d")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("evaluate", "m", *PHOTOGRAPHS, "--fit", "crop"), "evaluation: fit: Input should be 'letterbox' or 'stretch'"),
        (("predict", "m", "photos", "--output", "o", "--fit", "crop"), "predict: fit: Input should be"),
        (("evaluate", "m", "--choose"), "give a DATASET, or --images with --masks or --boxes"),
        (("evaluate", "m", "d", "--choose", "--split", "test"), "--choose --split test"),
        (("evaluate", "m", "d", "--domain", "d"), "--domain d: expected NAME=PATH, such as street=street.csv"),
        (("evaluate", "m", "d", "--domain", "a=d", "--domain", "a=d"), "--domain a=d: 'a' is given twice"),
        (("evaluate", "m", "d", "--domain", "a=d"), "gives pixels, and a domain is scored by labels; leave it out"),
    ],
)
def test_wrong_options_are_one_line(work, arguments, complaint):
    with pytest.raises(SynthgenError) as error:
        run(*arguments)
    assert complaint in str(error.value) and "\n" not in str(error.value)
    assert load_model(work / "m").operating_point.least_area == 0.0001
