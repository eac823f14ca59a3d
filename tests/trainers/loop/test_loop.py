"""A whole loop of tiny rounds: what it shares, what it turns, that it goes on where it was killed, what it refuses."""

import json

import pyarrow.parquet as pq
import pytest
import torch
import yaml

from experiment_files import SCORED, TRAINING, write_pictures
from jobs_here import jobs_here
from synthgen.core.errors import ConfigError
from synthgen.shards.reader import ShardDataset
from trainers.commands.loop import loop
from trainers.learn.checkpoint import load_model
from trainers.loop.report import turned_in

RECIPE = {
    "instances": {"min": 1, "max": 1},
    "scale": {"unit": "frame", "min": 0.3, "max": 0.9, "strata": [{"min": 0.3, "max": 0.5}, {"min": 0.5, "max": 0.9}]},
    "background": {"plain": {"share": 0.5}},
}
LOOP = {
    "title": "Discs",
    "pipeline": "pipeline.yaml",
    "training": {**TRAINING, "learning_rate": 0.03},
    "later": {"learning_rate": 0.02},
    "steps": 40,
    "rounds": 3,
    "pictures": 8,
    "probes": 20,
    "knobs": ["scale", "ground", "categories"],
    "scored": SCORED,
    "seeds": [0],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = write_pictures(tmp_path_factory.mktemp("loop"), real=4, scored=6)
    pipeline = yaml.safe_load((folder / "pipeline.yaml").read_text())
    pipeline["assets"]["splits"] = {"train": 0.5, "val": 0.5}
    (folder / "pipeline.yaml").write_text(yaml.safe_dump({**pipeline, "recipe": RECIPE}))
    return folder


def write_loop(folder, name="loop.yaml", **changes):
    file = folder / name
    file.write_text(yaml.safe_dump({**LOOP, **changes}, sort_keys=False))
    return file


@pytest.fixture(scope="module")
def done(folder):
    output = folder / "out"
    boxed = {"images": "real/images", "boxes": "real/boxes.json"}
    with jobs_here():
        loop(write_loop(folder, boxed=boxed, empty="real/images"), output=output)
    (row,) = (json.loads(file.read_text()) for file in output.glob("runs/*/result.json"))
    assert row["status"] == "done", row["error"]
    (work,) = (path for path in (output / "runs/s0").iterdir() if path.is_dir())
    return output, work, row


def recipe_of(dataset):
    return ShardDataset.open(dataset).manifest.pipeline["recipe"]


def test_both_loops_share_the_first_round_and_the_open_one_never_turns(done):
    _, work, row = done
    assert sorted(path.name for path in work.iterdir()) == ["closed-2", "closed-3", "first", "open-2", "open-3"]
    assert recipe_of(work / "first/dataset") == recipe_of(work / "open-2/dataset") == recipe_of(work / "open-3/dataset")
    scores = {(each["arm"], each["round"]): each["scores"] for each in row["loop"]}
    assert scores["open", 1] == scores["closed", 1] and len(scores) == 6


def test_the_closed_loop_generates_what_it_turned_to_within_bounds(done):
    _, work, row = done
    for each in row["loop"]:
        if not each.get("turns"):
            continue
        weights = {(turn["knob"], turn["option"]): turn["after"] for turn in each["turns"]}
        made = recipe_of(work / f"closed-{each['round']}/dataset")
        strata = [stratum["weight"] for stratum in made["scale"]["strata"]]
        assert strata == pytest.approx([weights["scale", "0.3–0.5"], weights["scale", "0.5–0.9"]])
        assert made["background"]["plain"]["share"] == pytest.approx(weights["ground", "plain"])
        assert all(0.05 <= weight <= 0.9 for weight in weights.values())
    assert [turned.round for turned in turned_in([row])] == [2] * 4 + [3] * 4


def test_every_round_of_both_makes_other_pictures_of_the_same_number(done):
    _, work, _ = done
    datasets = [ShardDataset.open(path / "dataset") for path in work.iterdir()]
    assert {(dataset.count("train"), dataset.count("val")) for dataset in datasets} == {(8, 20)}
    seeds = {path.name: ShardDataset.open(path / "dataset").manifest.seed for path in work.iterdir()}
    assert seeds["open-2"] == seeds["closed-2"] != seeds["open-3"] == seeds["closed-3"]


def test_the_page_compares_both_and_tells_what_was_turned(done):
    output, _, _ = done
    text = (output / "report/results.md").read_text()
    assert "| closed loop less open loop | 1 |" in text and "## What was turned" in text
    html = (output / "report/results.html").read_text()
    for name in ("photographs-rounds.png", "weights.png"):
        assert name in html and (output / "report" / name).is_file()
    assert pq.read_table(output / "report/rounds.parquet").num_rows == 6


@pytest.mark.slow
def test_a_loop_that_was_killed_goes_on_to_the_same_weights(done, folder):
    output, work, row = done
    models = {path: path.stat().st_mtime_ns for path in work.rglob("model.pt")}
    last = work / "closed-3/model/model.pt"
    before = load_model(last).network.state_dict()
    (output / "runs/s0/result.json").unlink()
    last.unlink()
    boxed = {"images": "real/images", "boxes": "real/boxes.json"}
    loop(write_loop(folder, boxed=boxed, empty="real/images"), output=output)
    again = json.loads((output / "runs/s0/result.json").read_text())
    assert again["loop"] == row["loop"]
    assert {path for path, time in models.items() if path.stat().st_mtime_ns != time} == {last}
    after = load_model(last).network.state_dict()
    assert all(torch.equal(weights, after[name]) for name, weights in before.items())


@pytest.mark.parametrize(
    ("changes", "pipeline", "complaint"),
    [
        ({"knobs": ["rotation"]}, {}, "knob rotation: recipe.rotation.strata leaves no choice"),
        ({"bounds": {"min": 0.3, "max": 0.45}}, {}, "knob scale: 2 weights within 0.3–0.45 cannot make 1"),
        ({"bounds": {"min": 0.05, "max": 0.9}}, {"plain": 0.95}, "gives plain a weight of 0.95, outside of the bounds"),
        ({}, {"splits": {"train": 1}}, "assets.splits gives val nothing"),
        ({"rounds": 1}, {}, "rounds: Input should be greater than or equal to 2"),
        ({"knobs": ["colour"]}, {}, "knobs.0: Input should be 'scale'"),
        ({"training": {"steps": 3}}, {}, "training: steps: the arms and seeds decide it"),
        ({"boxed": {"images": "real/images"}}, {}, "boxed.boxes: Field required"),
        ({"seeds": [0, 0]}, {}, "seeds: one stands there twice"),
    ],
    ids=str,
)
def test_what_is_wrong_is_one_line_before_anything_is_made(folder, tmp_path, changes, pipeline, complaint):
    overrides = [f"assets.splits={pipeline['splits']}"] if "splits" in pipeline else []
    overrides += [f"recipe.background.plain.share={pipeline['plain']}"] if "plain" in pipeline else []
    with pytest.raises(ConfigError) as error:
        loop(write_loop(folder, "wrong.yaml", **changes), output=tmp_path / "out", set_=overrides)
    assert complaint in str(error.value) and "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()
