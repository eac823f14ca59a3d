"""Experiments from the file to the page: paired runs, tables, charts, pictures; and what is done is not done again."""

import shutil

import cv2
import pyarrow.parquet as pq
import pytest

from experiment_files import write_experiment
from jobs_here import jobs_here
from synthgen.core.errors import SynthgenError
from trainers.commands.experiment import experiment

BOXES = {"images": "scored/images", "boxes": "scored/boxes.json", "fit": "stretch", "group": "^[^.]+"}
SCORED = {"boxed": BOXES, "labelled": {"images": "scored/images", "labels": "scored/labels.csv"}}
STAGED = [{"steps": 1, "pictures": 8}, {"steps": 1, "real": 0.5, "photographs": 4}]
ARMS = {
    "synthetic": {"steps": 2},
    "real": {"steps": 2, "real": 1, "photographs": [4, 0]},
    "first one, then both": STAGED,
}
ANYTHING = {"threshold": 0.3, "closing": 0, "least_area": 0.001, "least_score": 0}


@pytest.fixture
def here(monkeypatch):
    """Runs in this process, and tables without charts and pictures."""
    monkeypatch.setattr("trainers.experiment.experiment.write_report", lambda *_: None)
    with jobs_here():
        yield


@pytest.fixture(scope="module")
def file(pictures, tmp_path_factory):
    folder = shutil.copytree(pictures, tmp_path_factory.mktemp("own") / "e")
    return write_experiment(folder, scored=SCORED, arms=ARMS, evaluation=ANYTHING, seeds=[0])


@pytest.fixture(scope="module")
def finished(file, tmp_path_factory):
    output = tmp_path_factory.mktemp("out")
    with jobs_here():
        experiment(file, output=output)
    return output


def table(report, name):
    return pq.read_table(report / f"{name}.parquet").to_pylist()


def times(output):
    return {path.parent.name: path.stat().st_mtime_ns for path in output.glob("runs/*/result.json")}


def test_every_arm_is_run_on_the_same_data(finished):
    rows = table(finished / "report", "runs")
    assert [(row["arm"], row["seed"], row["status"], row["stages"]) for row in rows] == [
        ("synthetic", 0, "done", 1),
        ("real, 4 photographs", 0, "done", 1),
        ("real, all photographs", 0, "done", 1),
        ("first one, then both", 0, "done", 2),
    ]
    (manifest,) = finished.glob("datasets/*/manifest.json")
    assert [row["dataset"] for row in rows] == [manifest.parent.name, "", "", ""]
    assert not (manifest.parent / ".assets").exists()


def test_a_later_stage_goes_on_with_the_model_of_the_one_before(finished):
    (folder,) = finished.glob("runs/first-one-then-both-*-s0")
    for stage in (1, 2):
        assert (folder / f"stage-{stage}/model.pt").is_file() and not (folder / f"stage-{stage}/checkpoints").exists()
    from trainers.learn.checkpoint import load_model

    origin = load_model(folder / "stage-2").origin
    assert [source.samples for source in origin.sources] == [{"train": 16}]
    assert [photographs.count for photographs in origin.photographs] == [4]


def test_results_have_a_row_for_each_arm_place_and_score(finished):
    rows = table(finished / "report", "results")
    assert {(row["place"], row["kind"]) for row in rows} == {("boxed", "boxes"), ("labelled", "labels")}
    recall = {row["arm"]: row for row in rows if row["score"] == "box_recall"}
    assert len(recall) == 4 and recall["real, all photographs"]["reference"]
    synthetic = recall["synthetic"]
    runs = [row["boxed_box_recall"] for row in table(finished / "report", "runs") if row["arm"] == "synthetic"]
    assert [synthetic["value"]] == runs and synthetic["seeds"] == synthetic["paired"] == 1
    assert synthetic["low"] <= synthetic["value"] <= synthetic["high"]
    assert synthetic["difference"] == pytest.approx(synthetic["value"] - recall["real, all photographs"]["value"])
    assert 0 < synthetic["p"] <= 1 and recall["real, all photographs"]["p"] is None


def test_the_page_tells_all(finished):
    report = finished / "report"
    text, html = (report / "results.md").read_text(), (report / "results.html").read_text()
    assert "## boxed: 10 photographs, in 3 groups, compared by boxes" in text
    assert "Difference to real, all photographs:" in text and "synthetic: as good as" in text
    for name in ("boxed-factors.png", "boxed-curves.png", "labelled-factors.png"):
        assert f'src="{name}"' in html and cv2.imread(str(report / name)).std() > 10
    drawn = list((report / "pictures").iterdir())
    assert drawn and all(f"pictures/{picture.name}" in html for picture in drawn)
    assert str(finished) not in html + text


def test_rows_are_kept_by_picture(finished):
    rows = pq.read_table(finished / "runs/synthetic-s0/boxed.parquet").to_pylist()
    assert len(rows) == 10 and {"name", "hits", "found", "truth"} <= set(rows[0])


def test_a_second_start_does_nothing_again_and_another_grouping_needs_no_training(file, finished, here):
    before = times(finished)
    experiment(file, output=finished, set_=["scored.boxed.group=''"])
    assert times(finished) == before
    assert "## boxed: 10 photographs, each its own group" in (finished / "report/results.md").read_text()


def test_what_broke_off_is_done_and_no_more(file, finished, here):
    before = times(finished)
    (finished / "runs/synthetic-s0/result.json").unlink()
    experiment(file, output=finished)
    assert {name for name, time in times(finished).items() if time != before[name]} == {"synthetic-s0"}


def test_an_arm_with_more_pictures_leaves_the_others_as_they_are(file, finished, here):
    before = times(finished)
    experiment(file, output=finished, set_=["arms.synthetic.pictures=20"])
    now = times(finished)
    assert {name for name, time in now.items() if time != before[name]} == {"synthetic-s0"}


def test_a_run_that_fails_is_told_and_stops_nothing(file, tmp_path, here, monkeypatch):
    from trainers.experiment import job

    honest = job.fit

    def broken(config, *arguments, **options):
        if config.seed == 1 and config.photographs:
            raise ZeroDivisionError("nought")
        return honest(config, *arguments, **options)

    monkeypatch.setattr("trainers.experiment.job.fit", broken)
    arms = "arms={synthetic: {steps: 1}, real: {steps: 1, real: 1}}"
    experiment(file, output=tmp_path, set_=[arms, "seeds=[0,1]"])
    text = (tmp_path / "report/results.md").read_text()
    assert "- real-s1: ZeroDivisionError: nought" in text
    assert "| real | 1 |" in text and "| synthetic | 2 |" in text
    assert "| synthetic | 1 |" in text[text.index("Difference to real") :]


@pytest.mark.parametrize(
    ("change", "message"),
    {
        "reference=nobody": "reference: no arm 'nobody'",
        "arms.synthetic.steps=5": "arms of unequal compute",
        "arms.synthetic.recipe={flips: 1}": "arm 'synthetic': .*recipe.flips: unknown key",
        "scored.boxed.images=real/images": "real/images/.*named in the annotations, but missing",
        "real={images: scored/images, boxes: scored/boxes.json}": r"real and scored.boxed share .*and 9 more pairs",
        "samples.train=": "samples.train",
    }.items(),
)
def test_what_is_wrong_is_told_before_the_first_dataset(file, tmp_path, change, message, monkeypatch):
    monkeypatch.chdir(file.parent)
    with pytest.raises(SynthgenError, match=message):
        experiment(file, output=tmp_path / "out", set_=[change])
    assert not (tmp_path / "out").exists()
