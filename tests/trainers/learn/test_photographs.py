"""Training on photographs, beside a dataset or alone, and going on from a model."""

import json
import math

import cv2
import numpy as np
import pytest
import torch

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import ConfigError, TrainingError
from synthgen.core.pictures import write_picture
from trainers.commands.train import photographs_of, training_of
from trainers.config.classification import ClassificationConfig
from trainers.config.photographs import PhotographSource
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.checkpoint import load_model, saved_identity
from trainers.learn.fit import fit
from trainers.package.model_card import model_card

SIZE = (32, 32)
TINY = SegmentationConfig(network="plain_unet", width=4, batch_size=8, augment=False, size=SIZE, precision="32-true")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    shards = {
        "train-00000.parquet": make_samples(16, size=SIZE),
        "val-00000.parquet": make_samples(4, "val", size=SIZE),
    }
    return write_dataset(tmp_path_factory.mktemp("t") / "d", shards)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Twelve photographs of a dark disc on a light ground, with masks, boxes, and labels."""
    folder = tmp_path_factory.mktemp("photographs")
    for name in ("images", "masks"):
        (folder / name).mkdir()
    rng, annotations = np.random.default_rng(0), []
    y, x = np.mgrid[:48, :64]
    for number in range(12):
        row, column, radius = rng.integers(14, 34), rng.integers(14, 50), int(rng.integers(6, 13))
        disc = (y - row) ** 2 + (x - column) ** 2 <= radius**2
        image = np.where(disc[..., None], 30, 220) + rng.integers(-20, 20, (48, 64, 3))
        write_picture(folder / f"images/{number}.png", image.astype(np.uint8))
        write_picture(folder / f"masks/{number}.png", disc.astype(np.uint8) * 255)
        box = [int(column - radius), int(row - radius), 2 * radius + 1, 2 * radius + 1]
        annotations.append({"id": number, "image_id": number, "category_id": 1, "bbox": box})
    files = [{"id": n, "file_name": f"{n}.png", "height": 48, "width": 64} for n in range(12)]
    coco = {"images": files, "annotations": annotations, "categories": [{"id": 1, "name": "disc"}]}
    (folder / "boxes.json").write_text(json.dumps(coco))
    (folder / "labels.csv").write_text("file,label\n" + "".join(f"{n}.png,{int(n > 0)}\n" for n in range(12)))
    return folder


def source(folder, annotation, **options):
    path = {"masks": "masks", "boxes": "boxes.json", "labels": "labels.csv"}[annotation]
    return PhotographSource(images=folder / "images", **{annotation: folder / path}, fit="stretch", **options)


def trained(config, dataset, output, **options):
    return load_model(fit(config, dataset, output, progress=False, **options))


def iou(model, folder):
    """Foreground IoU on the photographs that were learnt from."""
    samples = [(folder / f"images/{n}.png", folder / f"masks/{n}.png") for n in range(12)]
    both = either = 0
    for image, mask in samples:
        seen = cv2.resize(cv2.imread(str(image))[..., ::-1], SIZE[::-1], interpolation=cv2.INTER_AREA)
        truth = cv2.resize(cv2.imread(str(mask), 0), SIZE[::-1], interpolation=cv2.INTER_AREA) > 127
        found = model.outputs(np.ascontiguousarray(seen)[None])[0, 0].cpu().numpy() > 0
        both, either = both + (found & truth).sum(), either + (found | truth).sum()
    return both / either


@pytest.mark.parametrize(("annotation", "steps"), [("masks", 40), ("boxes", 120)])
def test_photographs_alone_teach_a_segmenter(photographs, tmp_path, annotation, steps):
    config = TINY.model_copy(
        update={"photographs": (source(photographs, annotation, share=1),), "steps": steps, "learning_rate": 3e-2}
    )
    model = trained(config, None, tmp_path)
    assert iou(model, photographs) > math.pi / 4  # of a disc in its box, which boxes alone would teach if filled
    assert model.origin.sources == () and model.origin.watched is None
    (known,) = model.origin.photographs
    assert (known.folder, known.annotation, known.count, known.share) == ("images", annotation, 12, 1)


def test_a_model_names_no_folder_of_whoever_trained_it(dataset, photographs, tmp_path):
    config = TINY.model_copy(update={"photographs": (source(photographs, "boxes", share=0.5),), "steps": 1})
    first = fit(config, dataset, tmp_path / "one", progress=False)
    second = fit(config.model_copy(update={"finetune": str(first)}), dataset, tmp_path / "two", progress=False)
    saved = torch.load(second, weights_only=True)
    assert str(tmp_path) not in json.dumps([saved[name] for name in ("config", "origin", "identity")])
    assert str(photographs) not in json.dumps([saved[name] for name in ("config", "origin", "identity")])
    origin = load_model(second).origin
    assert len(origin.sources) == 1 and len(origin.photographs) == 2  # the dataset was the same both times


def test_labels_teach_a_classifier_and_a_segmenter_learns_with_them(dataset, photographs, tmp_path):
    labelled = source(photographs, "labels", share=0.25)
    fit(TINY.model_copy(update={"photographs": (labelled,), "steps": 2}), dataset, tmp_path / "masks", progress=False)
    config = ClassificationConfig(
        encoder="test_resnet",
        photographs=(source(photographs, "labels", share=1),),
        size=SIZE,
        batch_size=4,
        steps=2,
        augment=False,
        precision="32-true",
    )
    assert trained(config, None, tmp_path / "labels").task == "classification"


def test_several_sources_of_each_kind_make_one_training(dataset, photographs, tmp_path):
    sources = tuple(source(photographs, kind, share=0.25) for kind in ("masks", "boxes", "labels"))
    config = TINY.model_copy(update={"photographs": sources, "steps": 3, "augment": True, "crop": None})
    one, again = (trained(config, dataset, tmp_path / name) for name in ("one", "again"))
    assert len(one.origin.photographs) == 3
    for name, weight in one.network.state_dict().items():
        assert torch.equal(weight, again.network.state_dict()[name]), name


def test_a_training_that_goes_on_begins_with_the_models_weights_at_a_tenth_of_the_rate(dataset, tmp_path):
    first = fit(TINY.model_copy(update={"steps": 2}), dataset, tmp_path / "first", progress=False)
    slow = TINY.model_copy(update={"finetune": str(first), "steps": 1, "learning_rate": 1e-9})
    before, after = load_model(first), trained(slow, dataset, tmp_path / "second")
    for name, weight in before.network.named_parameters():
        assert torch.allclose(weight, after.network.get_parameter(name), atol=1e-7), name
    assert slow.rate == pytest.approx(1e-10) and TINY.rate == TINY.learning_rate
    assert after.origin.sources == before.origin.sources


@pytest.mark.parametrize(
    ("options", "waits"),
    [
        ({}, 0.0),
        ({"finetune": "model.pt"}, 0.1),
        ({"finetune": "model.pt", "head_first": 0.0}, 0.0),
        ({"finetune": "model.pt", "network": "plain_unet"}, 0.0),
        ({"finetune": "model.pt", "network": "transfer"}, 0.0),
        ({"finetune": "model.pt", "freeze_encoder": True}, 0.0),
    ],
    ids=str,
)
def test_the_head_goes_first_where_there_is_an_encoder_to_wait(options, waits):
    decided = SegmentationConfig(**options).decided()
    assert decided.head_first == waits and decided.decided() == decided


def test_a_model_of_another_network_or_task_is_refused(dataset, tmp_path):
    first = fit(TINY.model_copy(update={"steps": 1}), dataset, tmp_path / "first", progress=False)
    with pytest.raises(TrainingError, match="is of another network; give network, encoder and the like"):
        fit(TINY.model_copy(update={"finetune": str(first), "width": 8}), dataset, tmp_path / "second")
    other = ClassificationConfig(encoder="test_resnet", finetune=str(first), batch_size=4)
    with pytest.raises(TrainingError, match="is of task segmentation, not classification"):
        fit(other, dataset, tmp_path / "third")


def test_the_network_need_not_be_said_again(dataset, tmp_path):
    first = fit(TINY.model_copy(update={"steps": 1}), dataset, tmp_path, progress=False)
    config = training_of({"finetune": str(first), "epochs": 2}, ["learning_rate=0.01"])
    assert isinstance(config, SegmentationConfig)
    assert (config.network, config.width, config.size) == ("plain_unet", 4, SIZE)
    assert (config.epochs, config.steps, config.learning_rate) == (2, 0, 0.01)


def test_content_decides_whether_it_is_the_same_training(photographs, dataset, tmp_path):
    copy = tmp_path / "elsewhere"
    (copy / "images").mkdir(parents=True)
    for file in (photographs / "images").iterdir():
        (copy / "images" / file.name).write_bytes(file.read_bytes())
    (copy / "boxes.json").write_bytes((photographs / "boxes.json").read_bytes())

    def path(folder):
        config = TINY.model_copy(update={"photographs": (source(folder, "boxes", share=0.5),), "steps": 1})
        return fit(config, dataset, tmp_path / "out", resume="auto", progress=False)

    first = path(photographs).stat().st_mtime_ns
    assert path(copy).stat().st_mtime_ns == first  # the same content: nothing is trained again
    (copy / "images/0.png").write_bytes((copy / "images/1.png").read_bytes())
    assert path(copy).stat().st_mtime_ns > first
    assert "photographs" not in saved_identity(fit(TINY, dataset, tmp_path / "plain", progress=False))


@pytest.mark.parametrize(
    ("shares", "changes", "complaint"),
    [
        ((0.5,), {}, r"photographs have 0\.5 of every epoch; give a dataset for the rest, or shares that add up to 1"),
        ((1,), {"size": None}, r"photographs alone have no one size; set size"),
    ],
)
def test_what_photographs_alone_lack_is_told_before_training(photographs, tmp_path, shares, changes, complaint):
    sources = tuple(source(photographs, "masks", share=share) for share in shares)
    with pytest.raises(TrainingError, match=complaint):
        fit(TINY.model_copy(update={"photographs": sources, **changes}), None, tmp_path)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"photographs": [{"share": 0.7}, {"share": 0.6}]}, "photographs: shares add up to 1.3; at most 1"),
        ({"photographs": [{"share": 0.5}], "positive_share": 0.5}, "positive_share goes by a dataset alone"),
        ({"finetune": "missing.pt"}, "missing.pt: no such file; give a model.pt made by `synthgen train`"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_one_line(photographs, values, complaint):
    sources = [
        {"images": str(photographs / "images"), "masks": str(photographs / "masks"), **each}
        for each in values.pop("photographs", ())
    ]
    with pytest.raises(ConfigError) as error:
        training_of({**values, **({"photographs": sources} if sources else {})}, ())
    assert complaint in str(error.value) and "\n" not in str(error.value)


def test_shares_that_add_up_to_all_leave_nothing_for_a_dataset(photographs):
    source = {"images": str(photographs / "images"), "masks": str(photographs / "masks")}
    shares = (0.1, 0.2, 0.7)  # 1 - sum(shares) is 1.1e-16
    assert training_of({"photographs": [{**source, "share": share} for share in shares]}, ()).dataset_share == 0


def test_options_make_a_source_of_photographs(photographs):
    options = {"images": photographs / "images", "boxes": photographs / "boxes.json"}
    assert training_of(photographs_of(options, alone=False), ()).photographs[0].share == 0.5
    assert training_of(photographs_of(options, alone=True), ()).dataset_share == 0
    assert photographs_of({}, alone=True) == {}
    with pytest.raises(ConfigError, match="--boxes goes with --images, the folder of the photographs"):
        photographs_of({"boxes": photographs / "boxes.json"}, alone=True)


def test_a_card_tells_of_photographs():
    data = {"sources": [], "weights": "none", "watched": None}
    photographs = {
        "folder": "street",
        "annotation": "boxes",
        "count": 1234,
        "share": 0.25,
        "images_sha256": "a" * 64,
        "annotation_sha256": "b" * 64,
    }
    figures = {
        "kind": "pixels",
        "categories": [],
        "network": {"task": "segmentation", "epochs": 1, "seed": 0},
        "size": SIZE,
        "title": "mine",
        "synthgen": "0",
        "parameters": 1,
        "opset": 17,
        "difference": 0.0,
        "operating_point": {},
        "origin": {**data, "photographs": [photographs]},
        "scores": None,
        "machine": {"torch": "0", "onnxruntime": "0"},
        "latency_ms": {},
    }
    card = model_card(figures)
    assert "Photographs: 1,234 of `street`, known by their boxes; 25% of the samples in their training." in card
    assert "cutouts pasted onto scenes" not in card
