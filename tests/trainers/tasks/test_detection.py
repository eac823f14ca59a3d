"""Detection: each family learns to find bright rectangles, by class; data that teach nothing are refused before."""

import csv
import json

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import nn

from bright_boxes import CATEGORIES, SIZE, bright_dataset, bright_sample
from sample_factory import make_sample, write_dataset
from synthgen.core.errors import TrainingError
from synthgen.core.geometry import decode_rle
from synthgen.core.picture import Boxes
from synthgen.core.pictures import write_picture
from trainers.config.detection import DetectionConfig
from trainers.config.photographs import PhotographSource
from trainers.config.section import TrainingSection
from trainers.learn.checkpoint import load_model, predictor_of
from trainers.learn.fit import fit
from trainers.learn.log import logged
from trainers.loading.targets import Batch, BoxTargets
from trainers.predict.protocols import BoxPredictor, kind_of
from trainers.score.benchmark import split_benchmark
from trainers.score.evaluate import evaluate
from trainers.study.cost import cost_of
from trainers.task import TASKS
from trainers.tasks.detection.learner import Detection
from trainers.tasks.detection.scores import BoxScores
from trainers.tasks.detection.task import DETECTION

FLIPS = ({"RandomHorizontalFlip": {"p": 0.5}},)
FIXED = {"encoder": "tu-test_resnet", "precision": "32-true", "schedule": "constant", "device": "cpu"}
TINY = DetectionConfig(width=16, epochs=5, batch_size=4, learning_rate=3e-3, augment=FLIPS, **FIXED)
FAMILIES = {"faster_rcnn": {}, "mask_rcnn": {}, "ssdlite": {"learning_rate": 1e-2, "epochs": 9}}


def tiny(**changes):
    return DetectionConfig.model_validate({**TINY.model_dump(), **changes})


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return bright_dataset(tmp_path_factory.mktemp("bright") / "d")


@pytest.fixture(scope="module")
def models(dataset, tmp_path_factory):
    """A model of each family that tells cards from discs."""
    folder = tmp_path_factory.mktemp("models")
    return {
        name: fit(tiny(network=name, classes="categories", **more), dataset, folder / name, progress=False)
        for name, more in FAMILIES.items()
    }


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Six photographs, larger than the network sees, of cards; and one that shows nothing."""
    folder = tmp_path_factory.mktemp("photographs")
    (folder / "images").mkdir()
    files, annotations = [], []
    for number in range(7):
        sample = bright_sample(2 * number + 1, boxes=int(number < 6))
        image = np.kron(sample.image, np.ones((2, 2, 1), np.uint8))
        write_picture(folder / f"images/{number}.png", image)
        files.append({"id": number, "file_name": f"{number}.png", "height": 128, "width": 128})
        for instance in sample.instances:
            x0, y0, x1, y1 = (2 * side for side in instance.bbox)
            annotations.append({"image_id": number, "category_id": 2, "bbox": [x0, y0, x1 - x0, y1 - y0]})
    categories = [{"id": 1, "name": "things"}, {"id": 2, "name": "card"}]
    content = {"images": files, "annotations": annotations, "categories": categories}
    (folder / "boxes.json").write_text(json.dumps(content))
    return folder


def source(folder, **options):
    return PhotographSource(images=folder / "images", boxes=folder / "boxes.json", **options).model_dump()


def weights(output):
    return torch.load(output / "checkpoints/last.ckpt", map_location="cpu", weights_only=True)["state_dict"]


@pytest.mark.parametrize("name", FAMILIES)
def test_each_family_learns_and_logs_its_losses_apart(models, name):
    metrics = models[name].parent / "metrics.csv"
    losses, precision = (logged(metrics, column)[1] for column in ("train_loss", "val_ap50"))
    assert losses[-1] < 0.7 * losses[0] and max(precision) > 0.1
    with metrics.open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["train_loss"]]
    parts = [column for column in rows[0] if column.startswith("train_loss_") and rows[0][column]]
    assert ("train_loss_mask" in parts) == (name == "mask_rcnn") and len(parts) >= 2
    assert sum(float(rows[0][part]) for part in parts) == pytest.approx(float(rows[0]["train_loss"]), rel=1e-4)


@pytest.mark.parametrize("name", FAMILIES)
def test_it_finds_boxes_by_class_in_pictures_of_any_size(models, name):
    predictor = predictor_of(load_model(models[name]))
    assert isinstance(predictor, BoxPredictor) and kind_of(predictor) == "boxes" and predictor.size == SIZE
    samples = [bright_sample(index) for index in range(9)]  # more than a batch
    wide = np.zeros((96, 256, 3), np.uint8)
    wide[16:80, 32:96] = samples[0].image
    found = predictor.boxes([*(sample.image for sample in samples), wide])
    assert len(found) == 10 and predictor.boxes([]) == []
    for boxes in found:
        assert set(boxes.categories) <= set(CATEGORIES) and (boxes.scores > 0.05).all()
        assert (boxes.xyxy[:, :2] < boxes.xyxy[:, 2:]).all()
    pairs = zip(found, (sample.instances[0].bbox for sample in samples), strict=False)
    assert np.mean([any(_iou(box, truth) > 0.5 for box in boxes.xyxy[:3]) for boxes, truth in pairs]) > 0.4
    assert (found[9].xyxy <= [256, 96, 256, 96]).all()


def _iou(one, other):
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    both = np.prod(np.clip(high - low, 0, None))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return both / (sum(areas) - both)


def test_masks_lie_in_their_boxes_over_the_whole_picture(models):
    predictor, sample = predictor_of(load_model(models["mask_rcnn"])), bright_sample(3, "val")
    image = np.kron(sample.image, np.ones((3, 3, 1), np.uint8))
    (found,) = predictor.boxes([image])
    assert found.masks is not None and len(found.masks) == len(found) > 0
    for mask, box in zip(found.masks, found.xyxy, strict=True):
        rows, columns = np.nonzero(decode_rle(mask, (192, 192)))
        if len(rows):
            assert columns.min() >= box[0] - 4 and rows.min() >= box[1] - 4  # a pixel of 28 to a box reaches beyond it
            assert columns.max() <= box[2] + 4 and rows.max() <= box[3] + 4
    assert predictor_of(load_model(models["faster_rcnn"])).boxes([image])[0].masks is None


def test_it_is_evaluated_as_any_predictor_of_boxes(dataset, models):
    benchmark = split_benchmark(dataset, "val", kind=TASKS["detection"].kind)
    model = load_model(models["faster_rcnn"])
    point = model.operating_point.model_copy(update={"threshold": 0.1})
    result = evaluate(predictor_of(model), benchmark, point=point, pictures=1)
    assert result.kind == "boxes" and len(result.rows) == 6 and result.scores["box_recall"] > 0


def test_a_model_knows_its_classes_and_goes_on_with_them(dataset, models, tmp_path):
    model = load_model(models["faster_rcnn"])
    assert model.config.names == CATEGORIES and model.origin.watched[0] == "val_ap50"
    slow = tiny(classes=CATEGORIES, finetune=str(models["faster_rcnn"]), epochs=1, learning_rate=1e-9)
    after = load_model(fit(slow, dataset, tmp_path, progress=False))
    for name, weight in model.network.named_parameters():
        assert torch.allclose(weight, after.network.get_parameter(name), atol=1e-7), name


def test_it_resumes_to_the_weights_of_an_uninterrupted_run(dataset, tmp_path):
    settings = tiny(network="mask_rcnn", epochs=2, samples=4, batch_size=2)
    fit(settings, dataset, tmp_path / "whole", progress=False)
    fit(settings.model_copy(update={"epochs": 1}), dataset, tmp_path / "parts", progress=False)
    fit(settings, dataset, tmp_path / "parts", resume=True, progress=False)
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(parts[name], value) for name, value in whole.items())


@pytest.mark.parametrize("name", FAMILIES)
def test_a_frozen_encoder_stays_and_one_with_weights_learns_slowly(name):
    network = TASKS["detection"].network(tiny(network=name))
    learner = Detection(network, tiny(network=name, freeze_encoder=True))
    assert not any(parameter.requires_grad for parameter in learner.encoder().parameters())
    (head,) = learner.groups()
    inner = {*learner.encoder().parameters()}
    assert head["params"] and not inner & {*head["params"]}
    network.requires_grad_(True)
    slow = Detection(network, tiny(network=name, weights="imagenet"))
    head, encoder = slow.groups()
    assert {*encoder["params"]} == inner and encoder["lr"] == pytest.approx(head["lr"] / 20)
    assert slow.config.freeze_batch_norm


def test_photographs_teach_boxes_beside_a_dataset_that_teaches_masks(dataset, photographs, tmp_path):
    settings = tiny(network="mask_rcnn", photographs=[source(photographs, share=0.5)], epochs=1, classes="categories")
    model = load_model(fit(settings, dataset, tmp_path, progress=False))
    (known,) = model.origin.photographs
    assert (known.annotation, known.count) == ("boxes", 7)


def test_photographs_alone_teach_a_detector(photographs, tmp_path):
    settings = tiny(photographs=[source(photographs, share=1)], size=SIZE, epochs=1)
    assert load_model(fit(settings, None, tmp_path, progress=False)).origin.sources == ()


def test_pictures_without_masks_count_for_all_losses_but_that_of_masks():
    """The loss of a batch is the mean over its pictures, whatever is known of them."""
    config = tiny(network="mask_rcnn", augment=False)
    learner = Detection(TASKS["detection"].network(config), config)
    batch = TASKS["detection"].example(SIZE, 2)
    torch.manual_seed(0)
    learner.loss_of(batch)
    whole = {name: part.item() for name, part in learner._parts.items()}
    learner.loss_of(replaced(batch, masked={0}))
    half = {name: part.item() for name, part in learner._parts.items()}
    assert set(whole) == set(half)
    assert half["loss_mask"] == pytest.approx(whole["loss_mask"] / 2, rel=0.3)
    assert half["loss_classifier"] == pytest.approx(whole["loss_classifier"], rel=0.2)
    learner.loss_of(replaced(batch, masked=set()))
    assert "loss_mask" not in learner._parts


def replaced(batch, masked):
    targets = batch.targets
    kept = BoxTargets(targets.boxes, targets.ignored, targets.masks, masked)
    return Batch(batch.images, kept, batch.indices, batch.step_samples)


def test_draws_go_by_the_key_and_leave_torchs_own_alone():
    config = tiny(augment=False)
    learner, batch = Detection(TASKS["detection"].network(config), config), TASKS["detection"].example(SIZE, 2)
    state = torch.get_rng_state()
    first, other, again = (learner.loss_of(batch, (key,)).item() for key in (1, 2, 1))
    assert first == again != other
    assert torch.equal(torch.get_rng_state(), state)


def test_what_augmentation_leaves_of_a_box_may_be_too_little():
    shift = ({"RandomTranslate": {"translate_x": (0.5, 0.5), "p": 1.0}},)
    config = tiny(augment=shift, network="mask_rcnn")
    learner = Detection(TASKS["detection"].network(config), config)
    masks = np.zeros((1, *SIZE), np.uint8)
    masks[0, 8:40, 4:24], masks[0, 8:40, 40:60] = 1, 2
    boxes = Boxes.of([(4, 8, 24, 40), (40, 8, 60, 40)], ["", ""], numbers=[1, 2])
    targets = BoxTargets([boxes], {0: np.float32([[0, 0, 10, 10], [50, 0, 64, 64]])}, masks, {0})
    batch = Batch(np.zeros((1, *SIZE, 3), np.uint8), targets, (0,), 1)
    _, moved = learner.known_of(batch).augmented(torch.zeros(1, 3, *SIZE), learner.augmentation, (0,))
    (target,) = moved.targets([0])
    assert target["boxes"].tolist() == [[36, 8, 56, 40]] and target["labels"].tolist() == [1]
    assert target["ignored"].tolist() == [[32, 0, 42, 10]]
    rows, columns = np.nonzero(target["masks"][0].numpy())
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (36, 8, 56, 40)


def test_average_precision_by_hand():
    """Two true boxes: one is found, one missed; a false alarm comes last, and one in an ignored box is no error."""
    scores = BoxScores()
    found = [[10, 10, 30, 30], [70, 70, 90, 90], [40, 0, 60, 20]]
    outputs = {"boxes": torch.tensor(found).float(), "scores": torch.tensor([0.9, 0.8, 0.3])}
    truth = {"boxes": torch.tensor([[10.0, 10, 30, 32], [0, 60, 20, 80]]), "labels": torch.ones(2, dtype=torch.long)}
    truth["ignored"] = torch.tensor([[60.0, 60, 100, 100]])
    scores.update([{**outputs, "labels": torch.ones(3, dtype=torch.long)}], [truth], 1)
    assert scores.compute()["ap50"] == pytest.approx(51 / 101)  # COCO's 101 recalls, of which those up to 1/2 count


def test_a_split_without_a_target_scores_nothing():
    scores, empty = BoxScores(), torch.zeros(0, 4)
    nothing = {"boxes": empty, "labels": torch.zeros(0, dtype=torch.long), "ignored": empty}
    scores.update([{**nothing, "scores": torch.zeros(0)}], [nothing], 2)
    assert scores.compute() == {"ap50": 0.0}


@pytest.mark.parametrize("name", FAMILIES)
def test_its_cost_is_counted(name):
    cost = cost_of(tiny(network=name), SIZE)
    assert cost.forward > 0 and cost.training > 0 and cost.trainable == cost.parameters


def test_shards_without_a_target_are_refused(tmp_path):
    empty = [make_sample(index, size=SIZE, discs=0) for index in range(3)]
    folder = write_dataset(tmp_path / "d", {"train-00000.parquet": empty})
    with pytest.raises(TrainingError, match="d, train: no row shows a target"):
        fit(TINY, folder, tmp_path / "m", progress=False)
    assert not (tmp_path / "m").exists()


def test_boxes_without_area_are_refused(dataset, photographs, tmp_path):
    sample = bright_sample(0)
    flat = [object.__new__(type(each)) for each in sample.instances]
    for copy, each in zip(flat, sample.instances, strict=True):
        for name in each.__slots__:
            object.__setattr__(copy, name, (4, 4, 4, 20) if name == "bbox" else getattr(each, name))
    shards = {"train-00000.parquet": [type(sample)(**{**_fields(sample), "instances": tuple(flat)})]}
    with pytest.raises(TrainingError, match=r"train: 1 of 1 boxes have no area, the first is \[4.0, 4.0, 4.0, 20.0\]"):
        fit(TINY, write_dataset(tmp_path / "d", shards, categories=["disc"]), tmp_path / "m", progress=False)
    content = json.loads((photographs / "boxes.json").read_text())
    content["annotations"][2] |= {"id": 7, "bbox": [3, 3, 0, 9]}
    (tmp_path / "boxes.json").write_text(json.dumps(content))
    wrong = {**source(photographs), "boxes": tmp_path / "boxes.json"}
    with pytest.raises(TrainingError, match=r"boxes.json: annotation 7 of 2.png: its box has no area"):
        fit(tiny(photographs=[wrong]), dataset, tmp_path / "m", progress=False)


def _fields(value):
    return {name: getattr(value, name) for name in value.__slots__}


def test_categories_that_the_model_lacks_are_refused_unless_all_are_one_or_they_are_dropped(
    dataset, photographs, tmp_path
):
    with pytest.raises(TrainingError, match="d: 'disc' is none of the classes card; map it to one by class_map"):
        fit(tiny(classes=["card"]), dataset, tmp_path / "m", progress=False)
    for number, changes in enumerate(({"disc": None}, {"card": "card", "*": None})):
        dropped = tiny(classes=["card"], class_map=changes, epochs=1, samples=4)
        assert load_model(fit(dropped, dataset, tmp_path / f"m{number}", progress=False)).config.names == ("card",)
    mapped = {"classes": ["thing"], "class_map": {"disc": "thing"}, "photographs": [source(photographs, share=1)]}
    with pytest.raises(TrainingError, match="classes: nothing to learn from shows thing; there are: card"):
        fit(tiny(**mapped, size=SIZE), None, tmp_path / "p", progress=False)


def test_masks_are_learnt_from_a_dataset_or_were_before(photographs, tmp_path):
    only = tiny(network="mask_rcnn", photographs=[source(photographs, share=1)], size=SIZE)
    with pytest.raises(TrainingError, match="photographs with boxes have all of every epoch; give a dataset a share"):
        fit(only, None, tmp_path, progress=False)
    DETECTION.check_data(only.model_copy(update={"finetune": "model.pt"}), None, None)


def test_samples_on_the_fly_know_no_amodal_boxes(tmp_path):
    with pytest.raises(TrainingError, match="amodal are read from a dataset's shards"):
        fit(tiny(boxes="amodal"), None, tmp_path, samples=[bright_sample(0)], progress=False)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"network": "yolo"},
            "unknown network 'yolo'; choose one of: fast_rcnn, faster_rcnn, mask_rcnn,",
        ),
        ({"albumentations": {}}, "albumentations does not go with detection"),
        ({"compile": True}, "compile does not go with detection"),
        ({"photographs": [{"images": "a", "labels": "b"}]}, "photographs with boxes, not with labels"),
        ({"photographs": [{"images": "a", "boxes": "b"}], "boxes": "amodal"}, "amodal goes without photographs"),
    ],
)
def test_contradictions_are_refused(values, said):
    with pytest.raises(ValidationError, match=said):
        DetectionConfig.model_validate(values)


def test_the_section_of_a_pipeline_knows_it():
    (config,) = TrainingSection.model_validate([{"task": "detection", "classes": "categories"}]).root
    assert config.title == "faster_rcnn-mobilenet_v2" and config.outputs == 1


def test_pictures_must_hold_a_cell():
    TASKS["detection"].check_size((70, 333), nn.Identity())
    with pytest.raises(TrainingError, match="samples are 20×64; detectors need sides of 32 pixels or more"):
        TASKS["detection"].check_size((20, 64), nn.Identity())


@pytest.mark.slow
def test_two_processes_learn_together(dataset, tmp_path):
    settings = tiny(devices=2, batch_size=2, epochs=1)
    fit(settings, dataset, tmp_path, progress=False)
    assert logged(tmp_path / "metrics.csv", "val_ap50")[1]
