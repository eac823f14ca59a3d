"""Zero-shot prompts: a training without a step, a probability for each prompt, and the highest one as the label's."""

import numpy as np
import pytest
import torch

from sample_factory import write_dataset
from trainers.config.classification import ClassificationConfig
from trainers.config.evaluation import EvaluationConfig
from trainers.learn.checkpoint import load_model, predictor_of
from trainers.learn.fit import fit
from trainers.learn.log import logged
from trainers.models.clip_heads import ZeroShotHead
from trainers.predict.protocols import ComparesPrompts, LabelPredictor, kind_of
from trainers.score.benchmark import split_benchmark
from trainers.score.evaluate import evaluate
from trainers.study.job import job_of, run_job
from trainers.study.runs import Run
from two_classes import SIZE, of_two_classes, parted_clip

PROMPTS, BACKGROUNDS = ("weapon", "gun"), ("room", "street", "person")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    shards = {f"{split}-00000.parquet": of_two_classes(8, split) for split in ("train", "val")}
    return write_dataset(tmp_path_factory.mktemp("d") / "d", shards)


@pytest.fixture(scope="module")
def model(dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("m")
    clip = parted_clip(folder / "tiny")
    config = ClassificationConfig(network="clip_zero_shot", clip=clip, prompts=PROMPTS, backgrounds=BACKGROUNDS)
    return fit(config, dataset, folder / "m", progress=False)


def test_a_training_takes_no_step_and_is_validated(model):
    assert logged(model.parent / "metrics.csv", "train_loss") == ([], [])
    name, value = load_model(model).origin.watched
    (found,) = logged(model.parent / "metrics.csv", "val_balanced_accuracy")[1]
    assert name == "val_balanced_accuracy" and value == found
    assert set(torch.load(model, weights_only=True)["weights"]) == {"_extra_state"}


def test_without_a_validation_split_it_is_kept_as_it_is(tmp_path):
    dataset = write_dataset(tmp_path / "d", {"train-00000.parquet": of_two_classes(8)})
    config = ClassificationConfig(network="clip_zero_shot", clip=parted_clip(tmp_path / "tiny"))
    found = load_model(fit(config, dataset, tmp_path / "m", progress=False))
    assert found.origin.watched is None and found.size == SIZE


def test_each_prompt_has_its_part_of_the_softmax_over_itself_and_the_backgrounds(model):
    predictor = predictor_of(load_model(model))
    images = np.stack([sample.image for sample in of_two_classes(4, "test")])
    found = predictor.by_prompt(images)
    tower = predictor.model.network.tower
    whole, _ = tower.tokens(torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255)
    for place, prompt in enumerate(PROMPTS):
        texts = tower.text([prompt, *BACKGROUNDS])
        cosines = torch.nn.functional.normalize(whole, dim=1) @ texts.T
        np.testing.assert_allclose(found[:, place], (tower.scale * cosines).softmax(1)[:, 0].numpy(), atol=1e-5)
    np.testing.assert_allclose(predictor.labels(images), found.max(1, keepdims=True), atol=1e-6)


def test_prompts_do_not_compete_with_each_other():
    torch.manual_seed(0)
    prompts, backgrounds = (torch.nn.functional.normalize(torch.randn(count, 8), dim=1) for count in (3, 2))
    whole, patches = torch.randn(4, 8), torch.randn(4, 1, 8)
    together, alone = ZeroShotHead(prompts, backgrounds, 10.0), ZeroShotHead(prompts[:1], backgrounds, 10.0)
    torch.testing.assert_close(together.by_prompt(whole)[:, :1], alone(whole, patches))


def test_a_study_has_it_as_a_row_that_cost_no_training(model, dataset, tmp_path):
    config = load_model(model).config.model_copy(update={"name": "prompts-s0"})
    run = Run(config, "clip_zero_shot", "prompts", "prompts", 0.0)
    row = run_job(job_of(run, dataset, tmp_path, EvaluationConfig(split="val"), 4, inputs="inputs"))
    assert row["status"] == "done", row.get("error")
    assert (row["epochs"], row["tflop_training"], row["trainable"]) == (0, 0, 0) and row["gflop_forward"] > 0
    assert row["weights"] == "local-dir:tiny" and row["clip"]["model"] == "local-dir:./clip/tiny"


def test_it_is_scored_as_any_classifier(model, dataset):
    predictor = predictor_of(load_model(model))
    assert isinstance(predictor, LabelPredictor) and isinstance(predictor, ComparesPrompts)
    assert predictor.prompts == PROMPTS and kind_of(predictor) == "labels"
    result = evaluate(predictor, split_benchmark(dataset, "val", kind="labels"), pictures=2)
    assert 0 <= result.scores["balanced_accuracy"] <= 1 and result.examples[0].looked is None
