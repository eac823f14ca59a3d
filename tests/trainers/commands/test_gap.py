"""`synthgen gap`: a table, gap.json and a chart; what is wrong is one line, before any picture is looked at."""

import inspect
import json
import typing

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from rich.console import Console

from command_line import run
from sample_factory import make_samples, write_dataset
from synthgen.core.errors import SynthgenError
from synthgen.engine import GenerationConfig, generate
from tiny_assets import write_tiny_assets
from trainers.commands import probing
from trainers.commands.gap import gap
from trainers.commands.probing import probing_studio, windows
from trainers.config.gap import GapConfig
from trainers.gap import features

ENCODER = ("--encoder", "mobilenetv3_small_050", "--weights", "none")


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Two datasets of discs, of which the second is grey, and photographs of noise, two of each camera."""
    coloured = make_samples(24, size=(32, 48))
    grey = make_samples(12, size=(32, 48))
    for sample in grey:
        sample.image[:] = sample.image.mean(axis=2, keepdims=True).astype(np.uint8)
    write_dataset(tmp_path / "coloured", {"train-00000.parquet": coloured})
    write_dataset(tmp_path / "grey", {"train-00000.parquet": grey})
    write_photographs(tmp_path / "photos", 48)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_photographs(folder, count):
    rng = np.random.default_rng(1)
    folder.mkdir()
    for number in range(count):
        picture = cv2.resize(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8), (80, 60))
        assert cv2.imwrite(str(folder / f"cam{number // 2}_{number}.png"), picture)


def test_the_gaps_of_several_datasets_are_told_drawn_and_written(work):
    said = run("gap", "coloured", "grey", "--images", "photos", *ENCODER, "--group", "^(cam[0-9]+)_", "--output", "g")
    found = json.loads((work / "g/gap.json").read_text())
    assert (found["encoder"], found["weights"], found["size"]) == ("mobilenetv3_small_050", "none", [32, 48])
    photographs = found["photographs"]
    assert (photographs["name"], photographs["pictures"], photographs["sources"]) == ("photos", 48, 24)
    assert photographs["halves"][1] < 0 < photographs["halves"][2]
    one, other = found["datasets"]
    assert (one["name"], one["pictures"], one["above_the_first"], one["probe_auc"]) == ("coloured", 24, None, None)
    assert other["above_the_first"][0] == pytest.approx(other["kid"][0] - one["kid"][0])
    for value, low, high in (one["kid"], other["kid"]):
        assert 0 < low < value < high
    assert "random weights" in said and "above the first" in said and "real halves" in said
    assert "48 of 48 photographs have bars beside them in 32×48" in " ".join(said.split())
    assert cv2.imread(str(work / "g/gap.png")).std() > 10


def test_one_dataset_has_no_difference_and_a_stretch_makes_no_bars(work):
    said = run(
        "gap", "coloured", "--images", "photos", *ENCODER, "--fit", "stretch", "--samples", "20", "--output", "g"
    )
    assert "above the first" not in said and "bars" not in said
    found = json.loads((work / "g/gap.json").read_text())
    assert (found["fit"], found["photographs"]["pictures"], found["datasets"][0]["pictures"]) == ("stretch", 20, 20)


def test_datasets_of_one_name_are_told_by_their_paths(work):
    (work / "other").mkdir()
    (work / "grey").rename(work / "other/coloured")
    run("gap", "coloured", "other/coloured", "--images", "photos", *ENCODER, "--output", "g")
    names = [each["name"] for each in json.loads((work / "g/gap.json").read_text())["datasets"]]
    assert names == ["coloured", "other/coloured"]


def write_results(folder, names):
    """Write an experiment's report; each arm learnt from the dataset of its name."""
    runs = [{"arm": f"like {name}", "seed": 0, "dataset": name, "status": "done"} for name in names]
    own = {"place": "street", "kind": "boxes", "score": "box_recall"}
    results = [{"arm": f"like {name}", **own, "value": 0.1 * number} for number, name in enumerate(names)]
    (folder / "report").mkdir(parents=True)
    for name, rows in (("runs", runs), ("results", results)):
        pq.write_table(pa.Table.from_pylist(rows), folder / f"report/{name}.parquet")


def test_of_an_experiment_is_told_whether_the_gap_predicts_the_scores(work):
    names = ["coloured", "grey", "third", "fourth"]
    for name, factor in {"third": 0.5, "fourth": 0.2}.items():
        dark = make_samples(12, size=(32, 48))
        for sample in dark:
            sample.image[:] = (factor * sample.image).astype(np.uint8)
        write_dataset(work / name, {"train-00000.parquet": dark})
    (work / "e/datasets").mkdir(parents=True)
    for name in names:
        (work / name).rename(work / "e/datasets" / name)
    write_results(work / "e", names)
    said = run("gap", "--experiment", "e", "--images", "photos", *ENCODER, "--fit", "stretch", "--output", "g")
    found = json.loads((work / "g/gap.json").read_text())
    assert [each["name"] for each in found["datasets"]] == [f"like {name}" for name in names]
    assert found["datasets"][2]["scores"] == {"street box recall": pytest.approx(0.2)}
    (rank,) = found["rank_correlations"]
    assert -1 <= rank["rho"] <= 1 and "KID and street box recall of 4 arms: rank correlation" in said
    assert cv2.imread(str(work / "g/gap-scores.png")).std() > 10


def test_an_experiment_of_few_datasets_ranks_nothing(work):
    write_results(work / "e", ["coloured", "grey"])
    with pytest.raises(SynthgenError, match=r"e: 2 arms learnt each from a dataset of its own; .* needs 4"):
        run("gap", "--experiment", "e", "--images", "photos", *ENCODER, "--output", "g")


@pytest.mark.parametrize("name", ["encoder", "weights", "fit", "samples"])
def test_the_defaults_that_are_shown_are_the_config_models(name):
    option = typing.get_args(typing.get_type_hints(gap, include_extras=True)[name])[1]
    assert option.show_default == str(GapConfig.model_fields[name].default)
    assert inspect.signature(gap).parameters[name].default is None


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("coloured", "--images", "nowhere"), "gap: images: .*nowhere: no such folder"),
        (("coloured", "--images", "empty"), "empty: no images found"),
        (("coloured", "--images", "few"), r"few: 19 photographs of 19 sources; a KID .* need 20 sources"),
        (("coloured", "--images", "photos", "--group", "^cam."), "48 photographs of 10 sources"),
        (("coloured", "--images", "photos", "--group", "("), "gap: group: .* is no regular expression"),
        (
            ("coloured", "--images", "photos", "--samples", "9"),
            "9 pictures of 9 scenes in split 'train'; a KID .* needs 10",
        ),
        (("unfinished", "--images", "photos"), "unfinished/manifest.json not found: the run did not finish"),
        (("valued", "--images", "photos"), "no split 'train'; present: val"),
        (("coloured", "--images", "photos", "--encoder", "resnet1"), "unknown encoder 'resnet1'"),
        (("coloured", "--images", "photos", "--weights", "none.pth"), "gap: weights: .*none.pth: no such file"),
        (("coloured", "--images", "photos", "--weights", "other.pth"), "other.pth: does not fit"),
        (("coloured", "--images", "photos", "--fit", "crop"), "gap: fit: Input should be 'letterbox' or 'stretch'"),
        (("--images", "photos"), "give datasets, or the folder of an experiment by --experiment"),
        (("coloured", "--images", "photos", "--experiment", "e"), "give datasets, or the folder of an experiment"),
        (("--images", "photos", "--experiment", "e"), "e: no report of an experiment"),
        (("coloured", "--images", "photos", "--set", "assets.foregrounds=x"), "--set goes with --probe"),
        (
            ("coloured", "--images", "photos", "--probe"),
            "coloured: assets.foregrounds: Field required.*; say where the assets are",
        ),
    ],
)
def test_what_is_wrong_is_one_line_before_any_work(work, arguments, complaint, monkeypatch):
    def looked(*arguments, **options):
        raise AssertionError("pictures were looked at")

    monkeypatch.setattr(features, "load_batches", looked)
    (work / "unfinished").mkdir()
    (work / "unfinished/run.json").write_text("{}")
    (work / "empty").mkdir()
    write_photographs(work / "few", 19)
    write_dataset(work / "valued", {"val-00000.parquet": make_samples(12, "val")})
    torch.save({"conv.weight": torch.zeros(1)}, work / "other.pth")
    options = [] if "--encoder" in arguments or "--weights" in arguments else ENCODER
    with pytest.raises(SynthgenError, match=complaint) as error:
        run("gap", *arguments, *options, "--output", "g")
    assert "\n" not in str(error.value) and not (work / "g").exists()


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """A dataset whose scenes all lie on plain grounds, with targets and distractors."""
    project = tmp_path_factory.mktemp("project")
    values = {
        "assets": write_tiny_assets(project / "assets").model_dump(),
        "size": (72, 96),
        "samples": {"train": 20},
        "recipe": {
            "distractors": {"min": 1, "max": 2},
            "background": {"plain": {"share": 1.0}},
            "blend": {"modes": ["none", "feather"], "paired": 2},
        },
        "output": {"path": "unused"},
        "engine": {"workers": 1},
    }
    generate(GenerationConfig.model_validate(values), project / "dataset", console=Console(quiet=True))
    return project / "dataset"


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(probing, "LEARNT", 24)
    monkeypatch.setattr(probing, "JUDGED", 16)


def test_what_is_pasted_is_a_piece_of_another_scene_and_nothing_else(generated, few):
    studio = probing_studio(generated)
    seen = {split: set() for split in studio.casts}
    for split in studio.casts:
        for index in range(8):
            scene = studio.scene(split, index)
            assert [placement.part for placement in scene.placements] == ["decoy"]
            seen[split].add(scene.backdrop.background_id)
    assert seen["train"].isdisjoint(seen["test"])
    assert studio.config.recipe.blend.modes == ("none", "feather")


def test_windows_are_cut_around_the_paste_by_turns_with_it_and_without(generated, few):
    studio = probing_studio(generated)
    found = windows(studio, "test", lambda *told: None)
    assert found.images.shape == (16, 64, 64, 3) and found.labels.tolist() == [1] * 8 + [0] * 8
    for index in range(4):
        scene = studio.scene("test", index)
        whole = studio.render(scene).image
        x, y = (round(value) - 32 for value in scene.placements[0].pose.center)
        x, y = min(max(x, 0), 96 - 64), min(max(y, 0), 72 - 64)
        window = found.images[index // 2 + 8 * (index % 2)]
        pasted = np.array_equal(window, whole[y : y + 64, x : x + 64])
        assert pasted == (index % 2 == 0)


def test_the_probe_is_asked_for_and_reported(generated, few, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(probing, "EPOCHS", 1)
    write_photographs(tmp_path / "photos", 24)
    said = run("gap", generated, "--images", "photos", *ENCODER, "--probe", "--output", "g")
    ((value, low, high),) = [
        each["probe_auc"] for each in json.loads((tmp_path / "g/gap.json").read_text())["datasets"]
    ]
    assert 0 <= low <= value <= high <= 1
    assert "AUC" in said and cv2.imread(str(tmp_path / "g/gap.png")).std() > 10


def test_pictures_smaller_than_a_window_have_no_probe(generated, few, monkeypatch):
    monkeypatch.setattr(probing, "WINDOW", 80)
    with pytest.raises(SynthgenError, match="72×96 pixels; the probe needs sides of 80; leave --probe out"):
        probing_studio(generated)
