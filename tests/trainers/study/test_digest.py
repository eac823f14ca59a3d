"""Digests tell what files hold, and not where they lie."""

import shutil

import pytest
import yaml

from sample_factory import make_samples, write_dataset
from trainers.config.classification import ClassificationConfig
from trainers.config.evaluation import EvaluationConfig
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.identity import unsaid
from trainers.study.config import read_study
from trainers.study.digest import inputs_digest, run_digest
from trainers.study.runs import runs_of


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_dataset(tmp_path_factory.mktemp("data") / "d", {"train-00000.parquet": make_samples(2)})


def photographs(folder):
    for name, data in (("images/a.png", b"picture"), ("masks/a.png", b"mask")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return EvaluationConfig(images=folder / "images", masks=folder / "masks")


def test_photographs_that_move_are_the_same(dataset, tmp_path):
    digests = {inputs_digest(dataset, photographs(tmp_path / name), 8) for name in ("here", "there")}
    assert len(digests) == 1


def test_other_photographs_in_the_same_place_are_others(dataset, tmp_path):
    evaluation = photographs(tmp_path)
    before = inputs_digest(dataset, evaluation, 8)
    (tmp_path / "masks/a.png").write_bytes(b"another mask")
    assert inputs_digest(dataset, evaluation, 8) != before


def domain(folder, picture=b"picture", labels="file,label\na.png,1\n"):
    folder.mkdir(exist_ok=True)
    (folder / "a.png").write_bytes(picture)
    (folder / "other.png").write_bytes(folder.name.encode())  # that the table does not name
    (folder / "labels.csv").write_text(labels)
    return EvaluationConfig.model_validate({"domains": {"street": str(folder / "labels.csv")}})


def test_a_domain_counts_by_the_photographs_that_it_names_and_their_labels(dataset, tmp_path):
    one, moved = (inputs_digest(dataset, domain(tmp_path / name), 8) for name in ("here", "there"))
    others = [
        inputs_digest(dataset, EvaluationConfig(), 8),
        inputs_digest(dataset, domain(tmp_path / "here", picture=b"another"), 8),
        inputs_digest(dataset, domain(tmp_path / "here", labels="file,label\na.png,0\n"), 8),
    ]
    assert one == moved and len({one, *others}) == 4


def test_a_domain_of_a_dataset_counts_by_its_rows(dataset, tmp_path):
    other = write_dataset(tmp_path / "d", {"test-00000.parquet": make_samples(3, "test")})
    made, elsewhere = (EvaluationConfig.model_validate({"domains": {"made": str(it)}}) for it in (dataset, other))
    assert inputs_digest(dataset, made, 8) != inputs_digest(dataset, elsewhere, 8)


def test_dataset_threshold_and_samples_count(dataset, tmp_path):
    other = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(3)}, fingerprint="g")
    one = inputs_digest(dataset, EvaluationConfig(), 8)
    others = [
        inputs_digest(other, EvaluationConfig(), 8),
        inputs_digest(dataset, EvaluationConfig(threshold=0.4), 8),
        inputs_digest(dataset, EvaluationConfig(), 9),
    ]
    assert len({one, *others}) == 4
    shutil.copytree(dataset, tmp_path / "copy")
    assert inputs_digest(tmp_path / "copy", EvaluationConfig(), 8) == one


def run_with(folder, weights, **grid):
    (folder / "pipeline.yaml").touch()
    grids = [{"network": "unet", "weights": weights, **grid}]
    values = {"title": "T", "pipeline": "pipeline.yaml", "presets": {"p": {"grids": grids}}}
    (folder / "study.yaml").write_text(yaml.safe_dump(values))
    return runs_of(read_study(folder / "study.yaml"), "p", folder / "study.yaml", {})[0]


def test_weights_count_by_what_they_hold(tmp_path):
    for name, data in (("a.pth", b"1"), ("b.pth", b"1"), ("c.pth", b"2")):
        (tmp_path / name).write_bytes(data)
    a, b, c = (run_digest(run_with(tmp_path, name), "inputs") for name in ("a.pth", "b.pth", "c.pth"))
    assert a == b != c


def test_a_name_changes_no_result(tmp_path):
    digests = {run_digest(run_with(tmp_path, "none", name=name), "inputs") for name in ("one", "two")}
    assert len(digests) == 1
    assert run_digest(run_with(tmp_path, "none", seed=1), "inputs") not in digests


def test_a_field_that_came_later_leaves_results_of_before_their_names():
    of_all = {"optimizer", "decay_norms", "rate_floor"}
    assert unsaid(SegmentationConfig()) == of_all | {"classes", "class_map", "overlap"}
    assert unsaid(SegmentationConfig(classes=("handgun",))) == of_all | {"class_map", "overlap"}
    of_clip = {"clip", "views", "prompt", "layers", "descriptor", "dense", "prompts", "backgrounds", "start"}
    assert unsaid(ClassificationConfig()) == of_all | of_clip | {"network"}
    assert unsaid(ClassificationConfig(network="vgg16")) == of_all | of_clip
