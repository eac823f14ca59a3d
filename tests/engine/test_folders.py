"""What a manifest says about folders: relative to the dataset, and nobody's own."""

from pathlib import Path

import pytest

from synthgen.engine.folders import moved, published, relative_folder
from synthgen.engine.settings import GenerationConfig


@pytest.mark.parametrize(
    ("folder", "dataset", "said"),
    [
        ("/data/project/foregrounds", "/data/project/runs/first/dataset", "../../../foregrounds"),
        ("/data/assets/guns", "/data/sets/a", "../../assets/guns"),
        ("/data/a/foregrounds", "/data/a", "foregrounds"),
        ("/mnt/anna/foregrounds", "/data/sets/a", "foregrounds"),
    ],
)
def test_a_folder_is_named_as_seen_from_the_dataset(folder, dataset, said):
    assert relative_folder(Path(folder), Path(dataset)) == said


def test_the_homes_of_two_people_are_not_related(monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/home/anna"))
    assert relative_folder(Path("/home/bert/cutouts"), Path("/home/anna/sets/a")) == "cutouts"
    assert relative_folder(Path("/home/anna/cutouts"), Path("/home/anna/sets/a")) == "../../cutouts"


def test_nothing_published_names_a_folder_of_this_machine(tmp_path):
    config = GenerationConfig.model_validate(
        {
            "assets": {"foregrounds": tmp_path / "f", "backgrounds": tmp_path / "b"},
            "size": (64, 64),
            "samples": {"train": 1},
            "output": {"path": tmp_path / "runs"},
            "engine": {"kind": "scheduler", "scheduler": "tcp://10.0.0.5:8786"},
        }
    )
    said = published(config, tmp_path / "runs/dataset")
    assert said["assets"]["foregrounds"] == "../../f"
    assert said["output"] == {"shard_rows": 1000, "image": {"codec": "jpeg", "quality": 90}}
    assert str(tmp_path) not in str(said) and "10.0.0.5" not in str(said)


def test_all_folders_of_assets_are_seen_from_the_dataset_that_moved(tmp_path):
    folders = {"foregrounds": "../cutouts", "backgrounds": "../scenes", "more_foregrounds": ["../more/a", "../more/b"]}
    pipeline = {"seed": 1, "assets": folders}
    found = moved(pipeline, tmp_path / "sets/one", tmp_path / "elsewhere/deep/both")
    assert found["seed"] == 1 and found["assets"] == {
        "foregrounds": "../../../sets/cutouts",
        "backgrounds": "../../../sets/scenes",
        "more_foregrounds": ["../../../sets/more/a", "../../../sets/more/b"],
    }
    assert pipeline["assets"]["foregrounds"] == "../cutouts"
