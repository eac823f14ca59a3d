"""The exporter: the same files however they are made, nothing mixed, nothing half-written (law 5)."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
import yaml

from exports import QUIET, export_dataset_of, exported, files_of, planned
from sample_factory import make_sample, write_dataset
from synthgen.core.classes import Classes
from synthgen.core.errors import ConfigError, DatasetError, OutputError
from synthgen.core.types import Sample
from synthgen.formats.classes import read_classes
from synthgen.formats.export import EXPORTS, Export, export_dataset
from synthgen.formats.export.format import Part
from synthgen.formats.export.selection import Selection, read_names
from synthgen.parallel.settings import EngineConfig
from synthgen.shards.reader import ShardDataset

CHILD = """
import sys
from pathlib import Path
from exports import exported
if __name__ == "__main__":
    exported(Path(sys.argv[1]), "coco", Path(sys.argv[2]), workers=int(sys.argv[3]), polygons=True)
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return export_dataset_of(tmp_path_factory.mktemp("data") / "d")


def killed(dataset: Path, out: Path, folder: Path, workers: int) -> int:
    """Kill an export when some of its shards are done; return how many."""
    script = folder / "child.py"
    script.write_text(CHILD)
    paths = os.pathsep.join([str(Path(__file__).parents[2] / "factories"), str(Path(__file__).parents[3])])
    child = subprocess.Popen(
        [sys.executable, script, dataset, out, str(workers)],
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    marks, deadline = out.parent / f".{out.name}.export/parts", time.monotonic() + 240  # a machine may have other work
    while len(list(marks.glob("*.json"))) < 3 and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    return len(list(marks.glob("*.json")))


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_killed_export_continues_to_the_same_files(tmp_path, workers):
    dataset, out = export_dataset_of(tmp_path / "d", train=150), tmp_path / "out"
    assert 3 <= killed(dataset, out, tmp_path, workers) < 32
    assert not out.exists()
    exported(dataset, "coco", out, polygons=True)
    assert files_of(out) == files_of(exported(dataset, "coco", tmp_path / "unbroken/out", polygons=True))
    assert not (tmp_path / ".out.export").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", list(EXPORTS))
def test_workers_change_no_file(dataset, tmp_path, name):
    one, two = (exported(dataset, name, tmp_path / str(workers) / "out", workers=workers) for workers in (1, 2))
    assert files_of(one) == files_of(two)


def test_a_finished_export_is_left_as_it_is(dataset, tmp_path):
    out = exported(dataset, "yolo", tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert export_dataset(planned(dataset, "yolo"), out, engine=EngineConfig(workers=1), console=QUIET) is None
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_a_folder_that_holds_something_else_is_refused(dataset, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.tex").touch()
    with pytest.raises(OutputError, match=r"mine: holds something else, 'thesis.tex' among it; choose another --out"):
        exported(dataset, "yolo", tmp_path / "mine")
    exported(dataset, "yolo", tmp_path / "out")
    with pytest.raises(OutputError, match="out: holds another export; choose another --out"):
        exported(dataset, "yolo-seg", tmp_path / "out")
    with pytest.raises(OutputError, match="is a file"):
        exported(dataset, "yolo", tmp_path / "mine/thesis.tex")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.tex"]


def test_an_empty_folder_is_filled(dataset, tmp_path):
    (tmp_path / "out").mkdir()
    assert (exported(dataset, "yolo", tmp_path / "out") / "data.yaml").is_file()


@dataclass(frozen=True, slots=True)
class Names:
    """A format of one file a row; the disk is full when it comes to a shard of `full`."""

    full: str = ""

    def write(self, shard, folder):
        names = [row.name for row in shard]
        for name in names:
            if shard.name == self.full:
                raise OSError(errno.ENOSPC, "No space left on device")
            (folder / name).touch()
        return Part(shard.split, names)

    def join(self, parts, folder, about):
        (folder / "names").write_text(
            "\n".join(name for those in parts.values() for part in those for name in part.index)
        )


def test_a_full_disk_leaves_nothing_half_written_and_says_how_to_continue(dataset, tmp_path):
    source, out = ShardDataset.open(dataset), tmp_path / "out"
    full = Export(source, "names", Names("train-00001"), Selection.of(source), Classes.of(["disc", "plate"]))
    with pytest.raises(OutputError, match=r"No space left.*MB are free.*run the same command again, which continues"):
        export_dataset(full, out, engine=EngineConfig(workers=1), console=QUIET)
    assert not out.exists()
    marks = sorted(path.name for path in (tmp_path / ".out.export/parts").iterdir())
    assert marks == ["train-00000.json"]
    other = planned(dataset, "yolo")
    with pytest.raises(OutputError, match=r"left by another export \(format differs, options differs\)"):
        export_dataset(other, out, engine=EngineConfig(workers=1), console=QUIET)


def test_what_it_is_of_lies_beside_the_files(dataset, tmp_path):
    out = exported(dataset, "folders", tmp_path / "out", splits=["val", "test"])
    report = json.loads((out / "export.json").read_text())
    assert (report["classes"], report["rows"]) == ({"1": "disc", "2": "plate"}, {"val": 3, "test": 4})
    assert report["licences"] == {"CC0-1.0": 5, "CC-BY-4.0": 2}
    assert (out / "ATTRIBUTION.md").read_text() == "Made by Ada.\n"


def test_rows_are_chosen_by_name_and_keep_their_ids(dataset, tmp_path):
    whole = exported(dataset, "coco", tmp_path / "whole") / "annotations/instances_test.json"
    (tmp_path / "rows.txt").write_text("test-000003\n\ntest-000000\n")
    some = exported(dataset, "coco", tmp_path / "some", names=read_names(tmp_path / "rows.txt"))
    images = json.loads((some / "annotations/instances_test.json").read_bytes())["images"]
    assert images == [json.loads(whole.read_bytes())["images"][index] for index in (0, 3)]
    assert sorted(path.name for path in some.iterdir()) == ["ATTRIBUTION.md", "annotations", "export.json", "test"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["train-000009"], "no row is called 'train-000009'"),
        (["../x", "train-1", "a", "b", "c"], r"no row is called '\.\./x', 'train-1', 'a' and 2 more"),
        ([], "names no row of these splits"),
    ],
)
def test_rows_that_are_not_there_are_refused(dataset, names, message):
    with pytest.raises(ConfigError, match=message):
        Selection.of(ShardDataset.open(dataset), (), names)


def test_a_split_without_rows_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"--split val: .* has train, test"):
        source = ShardDataset.open(export_dataset_of(tmp_path / "d", train=2))
        shards = [entry for entry in source.manifest.shards if entry.split != "val"]
        Selection.of(ShardDataset(source.store, source.manifest.model_copy(update={"shards": shards})), ["val"])


def test_classes_are_renamed_merged_and_dropped():
    categories = ["cup", "mug", "spoon"]
    assert Classes.of(categories).names == ("cup", "mug", "spoon")
    merged = Classes.of(categories, {"mug": "cup", "spoon": None})
    assert (merged.names, merged.renamed["spoon"], merged.id_of("cup")) == (("cup",), None, 1)
    assert Classes.of(categories, dict.fromkeys(categories, "object")).names == ("object",)
    assert Classes.of(categories, {"cup": "cup", "*": None}).names == ("cup",)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fork": "x"}, "no category 'fork'; the dataset has: 'cup', 'mug'"),
        ({"cup": None, "mug": None}, "every category is dropped"),
        ({"cup": "a\nb"}, r"class 'a\\nb': .*rename it with --classes"),
        ({"cup": " "}, "class ' ': is empty"),
    ],
)
def test_classes_that_cannot_be_are_refused(changes, message):
    with pytest.raises(ConfigError, match=message):
        Classes.of(["cup", "mug"], changes)


def test_the_file_of_classes_holds_names(tmp_path):
    file = tmp_path / "map.yaml"
    file.write_text("cup: vessel\nmug: null\n")
    assert read_classes(file) == {"cup": "vessel", "mug": None}
    file.write_text("cup: 3\n")
    with pytest.raises(ConfigError, match=r"map.yaml: cup: expected the name of a class, or null"):
        read_classes(file)


@pytest.mark.parametrize("name", list(EXPORTS))
def test_a_category_never_becomes_a_path(tmp_path, name):
    """A slash and `..` are text like any other; a line break is refused before anything is written."""
    dataset = export_dataset_of(tmp_path / "d", train=3)
    out = exported(dataset, name, tmp_path / "a/b/out", classes={"disc": '../../<&">|x', "plate": "p/late: #1"})
    assert {path.name for path in tmp_path.rglob("*") if path.is_dir()} & {"p", "..", "<&"} == set()
    assert sorted(path.name for path in (tmp_path / "a/b").iterdir()) == ["out"]
    if name == "yolo":
        assert yaml.safe_load((out / "data.yaml").read_text())["names"] == {0: '../../<&">|x', 1: "p/late: #1"}


def test_a_row_with_another_name_is_refused(tmp_path):
    class Renamed(Sample):
        sample_id = "../../outside"

    sample = make_sample()
    renamed = Renamed(**{field.name: getattr(sample, field.name) for field in fields(sample)})
    dataset = write_dataset(tmp_path / "d", {"train-00000.parquet": [renamed]})
    with pytest.raises(DatasetError, match=r"a row of train is called '../../outside'; run `synthgen verify`"):
        exported(dataset, "folders", tmp_path / "out")
