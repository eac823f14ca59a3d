"""The training stage of `synthgen run`: it trains, scores, draws, and goes on where it was."""

import io

import cv2
import pytest
from rich.console import Console

from sample_factory import make_samples, write_dataset
from trainers.commands.run import train_and_evaluate
from trainers.config.evaluation import EvaluationConfig
from trainers.config.section import TrainingSection
from trainers.learn.checkpoint import MODEL_FILE

TINY = {"network": "plain_unet", "width": 2, "batch_size": 8, "epochs": 1, "augment": False}
CLASSIFIER = {"task": "classification", "encoder": "resnet10t", "batch_size": 8, "epochs": 1, "augment": False}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    shards = {f"{split}-00000.parquet": make_samples(8, split, size=(32, 32)) for split in ("train", "val", "test")}
    return write_dataset(tmp_path_factory.mktemp("data") / "d", shards)


def run(dataset, output, *trainings, **evaluation):
    section = TrainingSection.model_validate(list(trainings))
    settings = EvaluationConfig(pictures=2, **evaluation)
    return train_and_evaluate(section, settings, dataset, output, console=Console(quiet=True))


def test_every_training_is_in_the_table_and_has_a_sheet(dataset, tmp_path):
    report = run(dataset, tmp_path, {**TINY, "name": "one"}, {**TINY, "name": "two", "seed": 1})
    table = (report / "results.md").read_text()
    assert all(f"| {name} |" in table for name in ("empty prediction", "all foreground", "one", "two"))
    for picture in ("predictions-one.png", "predictions-two.png", "curves.png"):
        assert cv2.imread(str(report / picture)).std() > 10


def test_trainings_of_several_tasks_have_a_table_each(dataset, tmp_path):
    report = run(dataset, tmp_path, {**TINY, "name": "one"}, {**CLASSIFIER, "name": "two"})
    tables = [path.read_text() for path in report.glob("*.md")]
    assert sum("| one |" in table for table in tables) == 1 and sum("| two |" in table for table in tables) == 1


def test_a_finished_training_is_not_repeated_and_a_changed_one_is(dataset, tmp_path):
    def made():
        return {name: (tmp_path / "models" / name / MODEL_FILE).stat().st_mtime_ns for name in ("one", "two")}

    run(dataset, tmp_path, {**TINY, "name": "one"}, {**TINY, "name": "two"})
    before = made()
    run(dataset, tmp_path, {**TINY, "name": "one"}, {**TINY, "name": "two", "learning_rate": 0.01})
    after = made()
    assert after["one"] == before["one"] and after["two"] != before["two"]


def test_it_ends_with_a_picture_and_says_where_it_lies(dataset, tmp_path):
    console = Console(record=True, width=400, file=io.StringIO())
    section = TrainingSection.model_validate([{**TINY, "name": "one"}])
    report = train_and_evaluate(section, EvaluationConfig(pictures=2), dataset, tmp_path, console=console)
    assert console.export_text().splitlines()[-1] == f"picture: {report / 'showcase.png'}"
    assert cv2.imread(str(report / "showcase.png")).std() > 10


def test_classifiers_alone_leave_no_such_picture(dataset, tmp_path):
    assert not (run(dataset, tmp_path, {**CLASSIFIER, "name": "two"}) / "showcase.png").exists()
