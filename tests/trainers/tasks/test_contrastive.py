"""Contrastive learning: captions made of scenes, a loss with several positives, and a model that open_clip opens."""

import pickle
from dataclasses import replace

import numpy as np
import open_clip
import pytest
import torch
from pydantic import ValidationError

from bright_boxes import SIZE, bright_dataset, bright_sample
from sample_factory import write_dataset
from synthgen.core.errors import TrainingError
from synthgen.shards.reader import ShardDataset
from trainers.clip import small
from trainers.clip.load import open_tower
from trainers.clip.small import SmallClip
from trainers.config.clip import ClipConfig
from trainers.config.contrastive import ContrastiveConfig
from trainers.config.evaluation import EvaluationConfig
from trainers.learn.checkpoint import load_model, predictor_of
from trainers.learn.fit import fit
from trainers.learn.log import logged
from trainers.loading.loader import ShardLoader
from trainers.package.export import export_onnx
from trainers.predict.open import open_package
from trainers.study.job import job_of, run_job
from trainers.study.runs import Run
from trainers.task import TASKS
from trainers.tasks.contrastive.captions import Captioned, caption_of, captions_of
from trainers.tasks.contrastive.learner import Contrastive
from trainers.tasks.contrastive.loss import SeveralPositives, positives_of
from trainers.tasks.contrastive.recall import recall_of

CONFIG = ContrastiveConfig(
    **{"size": SIZE, "batch_size": 16, "steps": 60, "learning_rate": 3e-3, "schedule": "constant"},
    **{"augment": False, "device": "cpu", "precision": "32-true", "threads": 1},
)
FLIP = ({"RandomHorizontalFlip": {"p": 1.0}},)
WORDS = torch.tensor([[1, 5, 2], [1, 6, 2], [1, 5, 2], [1, 7, 2]])


@pytest.fixture(scope="module", autouse=True)
def narrow():
    """Networks of a tenth of the weights."""
    vit = {"layers": 2, "width": 32, "head_width": 16, "patch_size": 8}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(small, "WIDTH", 32)
        patch.setitem(small.TOWERS, "vit", vit)
        patch.setitem(small.TOWERS, "resnet", {**small.TOWERS["resnet"], "width": 8})
        patch.setattr(small, "TEXT", {**small.TEXT, "width": 32, "heads": 2, "layers": 1})
        yield


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return bright_dataset(tmp_path_factory.mktemp("bright") / "d", train=60, val=30, empty=6)


@pytest.fixture(scope="module")
def folder(dataset, tmp_path_factory):
    return fit(CONFIG, dataset, tmp_path_factory.mktemp("bright") / "m", progress=False).parent


@pytest.mark.parametrize(
    ("boxes", "categories", "beside", "caption"),
    [
        ([], [], [], "a scene"),
        ([], [], ["spray-bottle", "mug", "mug"], "a scene with mug and spray bottle"),
        ([(60, 0, 90, 9)], ["submachine_gun"], [], "a weapon, submachine gun right"),
        (
            [(0, 0, 9, 9), (40, 0, 50, 9)],
            ["rifle", "rifle"],
            ["mug"],
            "two weapons, rifle left, rifle middle, beside mug",
        ),
        ([(0, 0, 9, 9)] * 3, ["c", "a", "b"], ["z", "y", "x"], "three weapons, a left, b left, beside x and y"),
        ([(0, 0, 9, 9)] * 7, ["a"] * 7, [], "several weapons, a left"),
    ],
)
def test_a_caption_tells_how_many_what_where_and_beside_what(boxes, categories, beside, caption):
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    assert caption_of(corners, categories, beside, 96, "weapon") == caption


def test_look_alikes_are_read_from_the_scene_and_hidden_targets_leave_a_caption_unknown(tmp_path):
    scene = '{"placements": [{"part": "distractor", "category": "mug"}, {"part": "target", "category": "card"}]}'
    rows = [replace(bright_sample(0), scene=scene), bright_sample(1, hidden=True), bright_sample(2, boxes=0)]
    place = write_dataset(tmp_path / "d", {"train-00000.parquet": rows})
    (batch,) = ShardLoader(place, "train", collate=Captioned(), batch_size=3, seed=0, shuffle=False)
    assert batch.targets.known.tolist() == [True, False, True]
    found = batch.targets.captions([own.xyxy for own in batch.targets.boxes], SIZE[1], "thing")
    assert found[0].startswith("a thing, disc ") and found[0].endswith(", beside mug") and found[2] == "a scene"
    assert captions_of(ShardDataset.open(place), "train", "thing") == found


def test_a_mirrored_picture_has_a_mirrored_caption(dataset):
    batch = next(iter(ShardLoader(dataset, "train", collate=Captioned(), batch_size=8, seed=0, shuffle=False)))
    network = SmallClip("vit", SIZE[0], 24).eval()
    flipped = Contrastive(network, CONFIG.model_copy(update={"augment": FLIP}))
    boxes = [replace(own, xyxy=turned(own.xyxy)) for own in batch.targets.boxes]
    other = replace(batch, images=batch.images[:, :, ::-1].copy(), targets=replace(batch.targets, boxes=boxes))
    torch.testing.assert_close(flipped.loss_of(batch), Contrastive(network, CONFIG).loss_of(other))


def turned(corners):
    """Boxes in the mirror image."""
    left, top, right, bottom = corners.T
    return np.stack([SIZE[1] - right, top, SIZE[1] - left, bottom], 1).astype(np.float32)


def unit(*rows):
    return torch.nn.functional.normalize(torch.tensor(rows), dim=1)


def test_without_equal_captions_the_loss_is_open_clips():
    images, texts = (torch.nn.functional.normalize(torch.randn(5, 8), dim=1) for _ in range(2))
    scale, ids = torch.tensor(10.0), torch.arange(15).view(5, 3)
    expected = open_clip.ClipLoss()(images, texts, scale)
    torch.testing.assert_close(SeveralPositives()(images, texts, scale, ids), expected)


def test_equal_captions_are_positives_of_each_other():
    assert positives_of(WORDS).tolist() == [[0.5, 0, 0.5, 0], [0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0, 0, 1]]
    images, texts = unit((1.0, 0.0), (0.0, 1.0)), unit((1.0, 0.0), (1.0, 0.0))
    found = SeveralPositives()(images, texts, torch.tensor(2.0), torch.tensor([[1], [1]]))
    by_image = np.log(2)  # both texts are as near to each picture
    by_text = np.log(1 + np.exp(-2)) + 1  # logits 2 and 0, half of the target on each
    assert found.item() == pytest.approx((by_image + by_text) / 2)


def test_no_picture_has_no_loss():
    empty = torch.zeros(0, 4, requires_grad=True)
    assert SeveralPositives()(empty, empty, torch.tensor(1.0), torch.zeros(0, 3).long()).item() == 0


def test_recall_is_among_distinct_captions():
    images = unit((1.0, 0.0), (0.0, 1.0), (0.9, 0.1), (1.0, 0.0))
    texts = {5: (1.0, 0.0), 6: (0.0, 1.0), 7: (-1.0, 0.0)}
    found = recall_of(images, WORDS, lambda ids: unit(*(texts[int(row[1])] for row in ids)))
    assert found.right.tolist() == [True, True, True, False]
    assert (found.at_1, found.distinct, found.commonest) == (0.75, 3, 0.5) and found.chance == pytest.approx(1 / 3)


def test_it_learns_which_caption_goes_with_a_picture(folder):
    recall, chance = (logged(folder / "metrics.csv", f"val_{name}")[1] for name in ("recall_at_1", "chance"))
    assert chance[-1] == pytest.approx(1 / 7)
    assert max(recall) > 2 * chance[-1]
    assert load_model(folder).origin.watched == ("val_recall_at_1", pytest.approx(max(recall)))


@pytest.mark.parametrize("network", ["vit", "resnet"])
def test_what_is_published_is_a_tower_that_gives_the_same(folder, tmp_path, network):
    if network == "vit":
        model, place = load_model(folder), folder
    else:
        trained = SmallClip("resnet", 64, 24).eval()
        config = ContrastiveConfig(network="resnet", size=(64, 64))
        model, place = replace(load_model(folder), network=trained, config=config), tmp_path
        TASKS["contrastive"].publish(model, place)
    images = np.random.default_rng(0).integers(0, 256, (3, *SIZE, 3)).astype(np.uint8)
    tower = open_tower(ClipConfig(model=f"local-dir:{place}/open_clip"))
    assert tower.size == SIZE and tower.prompts.context == 24
    with torch.no_grad():
        whole, _ = tower.tokens(torch.from_numpy(images).permute(0, 3, 1, 2) / 255)
        torch.testing.assert_close(torch.nn.functional.normalize(whole, dim=1), model.outputs(images))
        words = model.network.texts(model.network.prompts(["a weapon", "a scene"]))
    torch.testing.assert_close(tower.text(["a weapon", "a scene"]), words)


def test_it_tells_labels_by_two_prompts_in_torch_and_in_onnx(folder, tmp_path):
    model = load_model(folder)
    images = np.stack([bright_sample(n, "test", boxes=n % 2).image for n in range(8)])
    found = predictor_of(model).labels(images)
    assert found.shape == (8, 1) and ((found >= 0) & (found <= 1)).all()
    export_onnx(model, tmp_path)
    np.testing.assert_allclose(open_package(tmp_path / "model.onnx").labels(images), found, atol=1e-4)


def test_the_scale_of_the_logits_stays_within_bounds():
    learner = Contrastive(SmallClip("vit", 64, 24), CONFIG)
    learner.network.clip.logit_scale.data.fill_(9.0)
    learner.on_train_batch_end(None, TASKS["contrastive"].example(SIZE, 2), 0)
    assert learner.network.scale.item() == pytest.approx(100)


def test_a_network_travels_to_other_processes():
    network = SmallClip("resnet", 64, 24)
    other = pickle.loads(pickle.dumps(network))
    assert torch.equal(other.prompts(["a weapon"]), network.prompts(["a weapon"]))


def test_a_study_ranks_by_recall_beside_chance(dataset, tmp_path):
    run = Run(CONFIG.model_copy(update={"steps": 2, "name": "clip"}), "clip", "clip", "clip", 0.0)
    row = run_job(job_of(run, dataset, tmp_path, EvaluationConfig(split="val"), 10, inputs=""))
    assert row["status"] == "done", row["error"]
    assert row["headline"] == "val_recall_at_1" and row["rising"]
    assert row["val_recall_at_1_low"] <= row["val_recall_at_1"] <= row["val_recall_at_1_high"]
    assert row["baselines"]["chance"]["val_recall_at_1"] == pytest.approx(1 / 7)
    assert row["baselines"]["most frequent caption"]["val_recall_at_1"] >= 1 / 7
    assert 0 <= row["train_recall_at_1"] <= 1 and row["benchmarks"]["train"][0] == "recall_at_1"
    assert "val_balanced_accuracy" in row and (tmp_path / "clip/open_clip/open_clip_config.json").is_file()


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"size": (96, 128)}, "size is 96×128; give the same multiple of 32 twice"),
        ({"size": (80, 80)}, "size is 80×80; give the same multiple of 32 twice"),
        ({"crop": {}}, "crop does not go with contrastive"),
        ({"weights": "imagenet"}, "weights do not go with contrastive"),
        ({"photographs": [{"images": "p", "labels": "p.csv", "share": 0.5}]}, "photographs do not go with contrastive"),
    ],
)
def test_what_has_no_captions_or_no_such_network_is_refused(values, complaint):
    with pytest.raises(ValidationError, match=complaint):
        ContrastiveConfig.model_validate(values)


def test_captions_are_checked_before_training(dataset, tmp_path):
    long = ContrastiveConfig(size=SIZE, noun="very " * 20 + "long", device="cpu")
    with pytest.raises(
        TrainingError, match=r"the caption 'a very .*' has \d+ tokens, start and end included; context is"
    ):
        fit(long, dataset, tmp_path / "m", progress=False)
    with pytest.raises(TrainingError, match="clip-vit: captions are made of a dataset's scenes; generate one"):
        fit(CONFIG, dataset, tmp_path / "m", samples=[bright_sample(0)], progress=False)
    alike = write_dataset(tmp_path / "d", {"train-00000.parquet": [bright_sample(n, boxes=0) for n in range(4)]})
    with pytest.raises(TrainingError, match="clip-vit: all pictures have the caption 'a scene'; vary the recipe"):
        fit(CONFIG, alike, tmp_path / "m", progress=False)
