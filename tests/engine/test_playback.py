"""A row is rendered again from its scene, wherever the dataset and its assets have gone (law 2)."""

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from synthgen import __version__
from synthgen.core.errors import ConfigError, DatasetError
from synthgen.engine import GenerationConfig, generate, replay
from synthgen.scene.scene import SCENE_VERSION
from tiny_assets import write_tiny_assets


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project: assets/ and dataset/."""
    project = tmp_path_factory.mktemp("project")
    values = {
        "assets": write_tiny_assets(project / "assets").model_dump(),
        "size": (64, 64),
        "samples": {"train": 4},
        "recipe": {"camera": {"preset": "webcam"}},
        "output": {"path": "unused"},
        "engine": {"workers": 1},
    }
    generate(GenerationConfig.model_validate(values), project / "dataset", console=Console(quiet=True))
    return project


@pytest.fixture
def project(made, tmp_path):
    """A copy of the project in another place."""
    shutil.copytree(made, tmp_path / "project", ignore=shutil.ignore_patterns(".assets"))
    return tmp_path / "project"


def test_a_row_renders_again_alone(made):
    assert replay(made / "dataset", "train", 3).matches


def test_a_project_that_was_moved_still_replays(project):
    assert replay(project / "dataset", "train", 3).matches


def test_nothing_in_a_dataset_names_the_folder_it_was_made_in(made):
    for name in ("manifest.json", "run.json", "intake.tsv", "train-00000.parquet"):
        assert str(made).encode() not in (made / "dataset" / name).read_bytes(), name


def test_a_dataset_without_its_assets_asks_for_them(project):
    (project / "assets").rename(project / "elsewhere")
    with pytest.raises(DatasetError, match=r"(?s)foregrounds: no such folder.*--set assets\.foregrounds=DIR"):
        replay(project / "dataset", "train", 3)
    moved = [f"assets.{name}={project}/elsewhere/{name}" for name in ("foregrounds", "backgrounds")]
    assert replay(project / "dataset", "train", 3, moved).matches


def test_only_assets_can_be_set(project):
    with pytest.raises(ConfigError, match=r"--set seed=1: .*set assets\.foregrounds"):
        replay(project / "dataset", "train", 3, ["seed=1"])


def test_changed_assets_are_refused(project):
    sorted((project / "assets/foregrounds").glob("*.png"))[0].unlink()
    with pytest.raises(DatasetError, match="have changed"):
        replay(project / "dataset", "train", 0)


def with_scene(dataset, change):
    """Rewrite the scenes of a dataset's rows."""
    path = dataset / "train-00000.parquet"
    table = pq.read_table(path)
    scenes = [change(text) for text in table["scene"].to_pylist()]
    pq.write_table(table.set_column(table.schema.get_field_index("scene"), "scene", pa.array(scenes)), path)


def test_a_row_of_another_scene_version_names_both(project):
    with_scene(project / "dataset", lambda text: json.dumps({**json.loads(text), "version": 2}))
    said = rf"train\[0\] holds a scene of version 2, made by synthgen {__version__}; .* version {SCENE_VERSION}; replay"
    with pytest.raises(DatasetError, match=said):
        replay(project / "dataset", "train", 0)


def test_a_dataset_that_does_not_say_who_made_it_is_older(project):
    with_scene(project / "dataset", lambda text: json.dumps({**json.loads(text), "version": 2}))
    path = project / "dataset/manifest.json"
    values = json.loads(path.read_text())
    del values["synthgen_version"], values["scene_version"]
    path.write_text(json.dumps(values))
    with pytest.raises(DatasetError, match="made by an older synthgen"):
        replay(project / "dataset", "train", 0)


def test_a_damaged_scene_is_an_error_of_the_dataset(project):
    with_scene(project / "dataset", lambda text: json.dumps({"version": SCENE_VERSION}))
    with pytest.raises(DatasetError, match="its scene is damaged"):
        replay(project / "dataset", "train", 0)


def test_a_manifest_says_what_made_it(made):
    values = json.loads((made / "dataset/manifest.json").read_text())
    assert (values["synthgen_version"], values["scene_version"]) == (__version__, SCENE_VERSION)
    assert values["pipeline"]["assets"]["foregrounds"] == "../assets/foregrounds"
