"""Pseudo-labels of a folder: every picture has a row, a run that broke off continues, nothing is mixed (law 5)."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from synthgen.core.errors import OutputError
from synthgen.core.picture import Boxes
from synthgen.core.pictures import write_picture
from synthgen.formats.folder import read_folder
from synthgen.formats.labels import read_labels
from synthgen.formats.pseudo_table import picture_hash, read_pseudo_table
from trainers.config.pseudo_label import Gate
from trainers.pseudo.annotator import Seen
from trainers.pseudo.rows import Labelling
from trainers.pseudo.run import SHEET, TABLE, pseudo_label_pictures
from trainers.pseudo.subjects import Photographs

QUIET, OPEN = Console(file=io.StringIO()), Gate()
CHILD = """
import sys, time
from pathlib import Path
from test_run import Bright, label
label(Path(sys.argv[1]), Path(sys.argv[2]), annotator=Bright(pause=0.2))
"""


@dataclass
class Bright:
    """Takes what is bright for a target; says which pictures it was shown."""

    word: str = "bright"
    pause: float = 0.0
    dies_at: str = ""
    shown: list[str] = field(default_factory=list)

    @property
    def params(self):
        return {"word": self.word}

    def annotate(self, pictures):
        time.sleep(self.pause)
        if self.dies_at in [picture.name for picture in pictures]:
            raise KeyboardInterrupt
        self.shown += [picture.name for picture in pictures]
        return [self.seen(picture.image[..., 0] > 200) for picture in pictures]

    @staticmethod
    def seen(mask):
        boxes = Boxes.of([[0, 0, 1, 1]], ["bright"], [0.5]) if mask.any() else Boxes.of([], [], [])
        return Seen(boxes, mask, mask.astype(np.uint8) * 128, 0.5 if mask.any() else 0.0)


@pytest.fixture
def images(tmp_path):
    """Seven pictures with a bright square of 0, 1, … rows."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(7):
        image = np.full((10, 12, 3), 20 * number, np.uint8)
        image[:number, :5] = 255
        write_picture(folder / f"p{number}.png", image)
    return folder


def label(images, output, *, annotator=None, labels=None, gate=OPEN, batch_size=2):
    samples = read_folder(images) if labels is None else read_labels(images, labels)
    labelling = Labelling(Photographs(images, samples), "bright", annotator or Bright(), gate)
    return pseudo_label_pictures(labelling, labels, output, batch_size=batch_size, console=QUIET)


def rows(output):
    return list(read_pseudo_table(output / TABLE))


def contents(output):
    return {path.name: path.read_bytes() for path in output.iterdir()}


def test_every_picture_has_a_row_that_says_what_became_of_it(images, tmp_path):
    found = label(images, tmp_path / "out", gate=Gate(most_area=0.2))
    assert [row.image_id for row in rows(tmp_path / "out")] == [f"p{number}" for number in range(7)]
    for number, row in enumerate(rows(tmp_path / "out")):
        assert row.mask.sum() == 5 * number and row.valid == (0 < number <= 4)
        assert row.picture_hash == picture_hash((images / row.file).read_bytes())
        assert (row.method, json.loads(row.params_json)["word"], row.label) == ("bright", "bright", None)
        assert row.heat.max() == (128 if number else 0) and row.size == (10, 12)
    assert (found.valid, found.refused, found.unreadable) == (4, {"area above 20 %": 2, "nothing found": 1}, {})
    assert set(contents(tmp_path / "out")) == {TABLE, SHEET, "pseudo-label.json"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_is_known_to_show_no_target_is_not_looked_at(images, tmp_path):
    (tmp_path / "labels.csv").write_text("file,label\np0.png,1\np3.png,0\np4.png,1\n")
    annotator = Bright()
    found = label(images, tmp_path / "out", annotator=annotator, labels=tmp_path / "labels.csv")
    assert annotator.shown == ["p0", "p4"] and (found.valid, found.negative) == (2, 1)
    missed, negative, positive = rows(tmp_path / "out")
    assert (missed.label, missed.valid, missed.reason) == (1, False, "nothing found")
    assert (negative.label, negative.valid, negative.mask.sum(), negative.size) == (0, True, 0, (10, 12))
    assert (positive.label, positive.valid, positive.mask.sum()) == (1, True, 20)


def test_a_picture_that_cannot_be_read_is_named_and_the_others_go_through(images, tmp_path):
    (images / "p2.png").write_bytes(b"no picture")
    (images / "p5.png").write_bytes((images / "p5.png").read_bytes()[:40])
    found = label(images, tmp_path / "out")
    assert set(found.unreadable) == {"p2.png", "p5.png"} and found.valid == 4
    assert found.unreadable["p2.png"] == "not an image that can be read; replace it"
    assert json.loads((tmp_path / "out/pseudo-label.json").read_text())["unreadable"] == found.unreadable
    broken = [row for row in rows(tmp_path / "out") if row.file in found.unreadable]
    assert all(not row.valid and row.label is None and row.size == (0, 0) for row in broken)


def test_a_run_that_broke_off_continues_to_the_same_files(images, tmp_path):
    label(images, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        label(images, tmp_path / "out", annotator=Bright(dies_at="p4"))
    assert not (tmp_path / "out").exists()
    again = Bright()
    label(images, tmp_path / "out", annotator=again)
    assert again.shown == ["p4", "p5", "p6"]
    assert contents(tmp_path / "out")[TABLE] == contents(tmp_path / "whole")[TABLE]


def test_a_killed_run_continues_to_the_same_files(images, tmp_path):
    label(images, tmp_path / "whole")
    here = Path(__file__)
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    child = subprocess.Popen(
        [sys.executable, script, images, tmp_path / "out"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(here.parent), str(here.parents[3])])},
    )
    parts, deadline = tmp_path / ".out.pseudo-label/parts", time.monotonic() + 60
    while not list(parts.glob("*.parquet")) and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert 0 < len(list(parts.glob("*.parquet"))) < 4 and not (tmp_path / "out").exists()
    label(images, tmp_path / "out")
    assert contents(tmp_path / "out")[TABLE] == contents(tmp_path / "whole")[TABLE]


def test_a_finished_run_is_not_run_again(images, tmp_path):
    label(images, tmp_path / "out")
    annotator = Bright()
    assert label(images, tmp_path / "out", annotator=annotator) is None and annotator.shown == []


def test_another_run_is_not_mixed_in(images, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        label(images, tmp_path / "out", annotator=Bright(dies_at="p4"))
    for change, differs in (
        ({"annotator": Bright(word="other")}, "params"),
        ({"gate": Gate(most_area=0.5)}, "params"),
        ({"batch_size": 3}, "batch_size"),
    ):
        with pytest.raises(OutputError, match=rf"left by another pseudo-label \({differs} differs\)"):
            label(images, tmp_path / "out", **change)
    write_picture(images / "p6.png", np.zeros((3, 3, 3), np.uint8))
    with pytest.raises(OutputError, match=r"pictures differs.*choose another --output"):
        label(images, tmp_path / "out")


def test_a_folder_that_holds_something_else_is_left_alone(images, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.tex").touch()
    annotator = Bright()
    with pytest.raises(OutputError, match=r"holds something else, 'thesis\.tex' among it; choose another --output"):
        label(images, tmp_path / "mine", annotator=annotator)
    assert annotator.shown == [] and [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.tex"]


def test_what_an_export_left_is_not_taken_over(images, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/export.json").write_text("{}")
    with pytest.raises(OutputError, match="holds something else"):
        label(images, tmp_path / "out")


def test_a_full_disk_is_told_and_the_run_goes_on_afterwards(images, tmp_path, monkeypatch):
    from synthgen.core import files

    def full(path):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "_sync", full)
        with pytest.raises(OutputError, match="No space left on device"):
            label(images, tmp_path / "out")
    assert label(images, tmp_path / "out").valid == 6


def test_without_a_picture_to_judge_there_is_no_sheet(images, tmp_path):
    (tmp_path / "labels.csv").write_text("file,label\np3.png,0\n")
    label(images, tmp_path / "out", labels=tmp_path / "labels.csv")
    assert SHEET not in contents(tmp_path / "out")
