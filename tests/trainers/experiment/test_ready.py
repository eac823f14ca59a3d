"""The experiments that come with the project: each can be run as it is, on anybody's photographs."""

from pathlib import Path

import pytest

from synthgen.config import load_pipeline
from trainers.experiment.arms import arms_of, reference_of
from trainers.experiment.config import read_experiment
from trainers.experiment.runs import runs_of

EXPERIMENTS = Path(__file__).parents[3] / "experiments"
OPTIONS = {
    "scored.photographs.images": "scored/images",
    "scored.photographs.boxes": "scored/boxes.json",
    "real.images": "real/images",
    "real.boxes": "real/boxes.json",
}


@pytest.fixture(params=["sim-to-real", "factors"])
def ready(request, pictures, monkeypatch):
    monkeypatch.chdir(pictures)
    file = EXPERIMENTS / f"{request.param}.yaml"
    options = OPTIONS if request.param == "sim-to-real" else dict(list(OPTIONS.items())[:2])
    return file, read_experiment(file, (), options)


def test_its_arms_are_of_equal_compute(ready):
    file, experiment = ready
    pipeline = load_pipeline(experiment.pipeline)
    runs = runs_of(experiment, arms_of(experiment, file), file, size=pipeline.size, pictures=pipeline.samples.train)
    assert {sum(training.config.steps for training in run.trainings) for run in runs} == {250}


def test_every_recipe_is_one_and_no_two_arms_are_the_same(ready):
    file, experiment = ready
    arms = arms_of(experiment, file)
    reference = reference_of(experiment, arms, file)
    seen = []
    for arm in arms:
        recipes = [load_pipeline(experiment.pipeline, recipe=stage.recipe).recipe for stage in arm.stages]
        others = [stage.model_dump(exclude={"recipe"}) for stage in arm.stages]
        assert (recipes, others) not in seen
        seen.append((recipes, others))
    assert reference.name in ("real, all photographs", "preset photographs")


def test_a_factor_changes_the_recipe_or_the_training_and_not_both(pictures, monkeypatch):
    monkeypatch.chdir(pictures)
    file = EXPERIMENTS / "factors.yaml"
    experiment = read_experiment(file, (), dict(list(OPTIONS.items())[:2]))
    changed = {name: [bool(stage.recipe) + bool(stage.training) for stage in s] for name, s in experiment.arms.items()}
    assert changed.pop(experiment.reference) == [0]
    assert set(map(tuple, changed.values())) == {(1,)}
