"""Studies laid out: every combination of every grid is a run with a name of its own."""

import re
from pathlib import Path

import pytest
import yaml

from synthgen.core.errors import ConfigError
from trainers.config.segmentation import SegmentationConfig
from trainers.study.config import read_study, split_overrides
from trainers.study.runs import runs_of

ROOT = Path(__file__).parents[3]
TINY = {"network": "plain_unet", "width": 2, "batch_size": 8, "epochs": 2, "augment": False}


def study_file(folder, *grids, **changes):
    values = {
        "title": "Discs",
        "pipeline": "pipeline.yaml",
        "defaults": TINY,
        "presets": {"tiny": {"grids": list(grids) or [{}]}},
        **changes,
    }
    (folder / "pipeline.yaml").touch()
    (folder / "model.pt").touch()
    for name in ("street", "street-masks"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(values))
    return folder / "study.yaml"


def runs_in(file, preset="tiny", weights=None):
    return runs_of(read_study(file), preset, file, weights or {})


def names_in(file, **options):
    return [run.name for run in runs_in(file, **options)]


OTHERS = {  # a value of each field that its default is not
    "task": None,  # another model, with other fields
    "network": "unet",
    "classes": "categories",
    "class_map": None,  # goes with several classes only
    "overlap": None,  # likewise
    "encoder": "densenet121",
    "weights": "imagenet",
    "finetune": "model.pt",
    "photographs": [{"images": "street", "masks": "street-masks", "share": 0.25}],
    "width": 4,
    "kernel": 5,
    "batch_norm": False,
    "activation": "elu",
    "alpha": 0.2,
    "loss": "bce",
    "encoder_rate": 0.3,
    "weight_decay": 0.1,
    "decay_norms": False,
    "head_first": None,  # goes with an encoder only
    "steps": 9,
    "warmup": None,  # goes with a cosine only
    "rate_floor": None,  # likewise
    "size": [32, 64],
    "crop": {"probability": 0.5},
    "freeze_encoder": True,
    "unfreeze_epoch": None,  # goes with freeze_encoder only
    "freeze_batch_norm": True,
    "epochs": 3,
    "batch_size": 4,
    "accumulate": 2,
    "optimizer": "sgd",
    "learning_rate": 1e-4,
    "schedule": "cosine",
    "ema": 0.9,
    "patience": 2,
    "compile": True,
    "deterministic": True,
    "samples": 8,
    "positive_share": 0.5,
    "augment": [{"RandomHorizontalFlip": {"p": 0.5}}],
    "albumentations": {"transform": {}},
    "tensorboard": True,
    "precision": "bf16-mixed",
    "device": "cpu",
    "devices": 2,
    "threads": 1,
    "seed": 1,
    "name": "other",
}


@pytest.mark.parametrize("field", [field for field, value in OTHERS.items() if value is not None])
def test_a_grid_over_any_field_has_a_name_for_each_value(tmp_path, field):
    usual = TINY.get(field, SegmentationConfig.model_fields[field].get_default())
    names = names_in(study_file(tmp_path, {field: [usual, OTHERS[field]]}))
    assert len(set(names)) == 2 and names[0] == "plain_unet-s0"


def test_every_field_of_a_segmentation_is_in_that_list():
    assert set(OTHERS) == set(SegmentationConfig.model_fields)


def test_a_task_is_a_choice_like_any_other(tmp_path):
    grids = ({"task": "segmentation"}, {"task": "classification", "encoder": "resnet18"})
    runs = runs_in(study_file(tmp_path, *grids, defaults={"epochs": 1}))
    assert [run.config.task for run in runs] == ["segmentation", "classification"]
    assert [run.name for run in runs] == ["unet-mobilenet_v2-s0", "classifier-resnet18-s0"]


def test_a_new_grid_renames_no_other_run(tmp_path):
    few = names_in(study_file(tmp_path, {"width": [4, 8]}))
    assert names_in(study_file(tmp_path, {"width": [4, 8]}, {"kernel": 5, "loss": "bce"}))[:2] == few


def test_settings_leave_out_the_seed_and_series_the_samples(tmp_path):
    run = runs_in(study_file(tmp_path, {"name": "equal", "samples": 8, "seed": 3, "budget": 2}))[0]
    assert (run.family, run.series, run.setting, run.name) == (
        "plain_unet",
        "equal-plain_unet-b2",
        "equal-plain_unet-n8-b2",
        "equal-plain_unet-n8-b2-s3",
    )


def test_weights_are_told_by_what_they_hold(tmp_path):
    for folder, data in (("one", b"1"), ("two", b"2")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "w.pth").write_bytes(data)
    grid = {"network": "unet", "weights": ["none", "one/w.pth", "two/w.pth"]}
    names = names_in(study_file(tmp_path, grid))
    assert names[0] == "unet-mobilenet_v2-s0"
    assert all(re.fullmatch(r"unet-mobilenet_v2-w-[0-9a-f]{8}-s0", name) for name in names[1:])
    assert len(set(names)) == 3


def test_weights_go_to_the_encoders_they_are_for(tmp_path):
    grids = [{"network": "unet", "encoder": ["mobilenet_v2", "densenet121"]}, {"encoder": "mobilenet_v2"}]
    (tmp_path / "w.pth").touch()
    runs = runs_in(study_file(tmp_path, *grids), weights={"mobilenet_v2": str(tmp_path / "w.pth")})
    assert [Path(run.config.weights).name for run in runs] == ["w.pth", "none", "none"]
    assert runs[0].name == "unet-mobilenet_v2-s0"


@pytest.mark.parametrize(
    ("grid", "complaint"),
    [
        ({"kernal": 3}, "the run {'kernal': 3}: kernal: unknown key"),
        ({"loss": ["dice", "dise"]}, "loss: unknown loss 'dise'"),
        ({"name": "../../x"}, "name: '../../x' cannot be the name of a folder"),
        ({"budget": "much"}, "budget: expected TFLOP, a number from 0 (found 'much')"),
        ({"budget": -1}, "budget: expected TFLOP"),
        ({"budget": 1, "steps": 9}, "budget decides how long a training is, and so does steps; give one of them"),
        ({"task": "poetry"}, "unknown task 'poetry'"),
        ({"task": 3}, "unknown task '3'"),
        ({"seed": []}, "the preset tiny has 0 runs"),
        ({"seed": list(range(200)), "width": list(range(1, 200))}, "the preset tiny has 39,800 runs"),
        ({"seed": [0, 0]}, "two runs are called 'plain_unet-s0'"),
    ],
)
def test_what_is_wrong_with_a_grid_is_named(tmp_path, grid, complaint):
    with pytest.raises(ConfigError) as error:
        runs_in(study_file(tmp_path, grid))
    assert complaint in str(error.value) and len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"presets": {}}, "presets: "),
        ({"presets": {"other": {"grids": [{}]}}}, "no preset 'tiny'; there are: other"),
        ({"pipeline": "nowhere.yaml"}, r"nowhere\.yaml: no such file"),
        ({"extra": 1}, "extra: unknown key"),
        ({"published": [{"name": "N", "test_mean_iou": "high"}]}, r"published\.0\.test_mean_iou: "),
    ],
)
def test_what_is_wrong_with_a_study_is_named(tmp_path, changes, complaint):
    with pytest.raises(ConfigError, match=complaint):
        runs_in(study_file(tmp_path, **changes))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [(None, "cannot be read"), ("a: [", "not valid YAML"), ("a: 1\na: 2", "given twice"), ("[" * 3000, "deep|nested")],
)
def test_a_study_that_cannot_be_read_is_named(tmp_path, text, complaint):
    if text is not None:
        (tmp_path / "study.yaml").write_text(text)
    with pytest.raises(ConfigError, match=rf"study\.yaml: .*({complaint})"):
        read_study(tmp_path / "study.yaml")


def test_overrides_are_of_the_study_or_of_its_pipeline(tmp_path):
    ours, pipelines = split_overrides(["defaults.epochs=1", "samples.train=8", "evaluation.threshold=0.4"])
    assert (ours, pipelines) == (["defaults.epochs=1", "evaluation.threshold=0.4"], ["samples.train=8"])
    study = read_study(study_file(tmp_path), ours)
    assert study.defaults["epochs"] == 1 and study.evaluation.threshold == 0.4


def test_an_override_of_the_defaults_renames_no_run(tmp_path):
    file = study_file(tmp_path, {"width": 4})
    run = runs_of(read_study(file, ["defaults.epochs=7"]), "tiny", file, {})[0]
    assert (run.name, run.config.epochs) == ("plain_unet-f4-s0", 7)


def test_published_figures_are_of_any_column(tmp_path):
    file = study_file(tmp_path, published=[{"name": "N", "test_accuracy": 0.9}])
    assert read_study(file).published[0].scores == {"test_accuracy": 0.9}


def test_the_papers_grid_is_whole():
    runs = runs_in(ROOT / "studies/firearms.yaml", "paper")
    papers = [run.config for run in runs if run.config.network in ("plain_unet", "transfer") and not run.budget]
    fields = ("network", "activation", "alpha", "kernel", "width", "batch_norm")
    settings = {
        (config.encoder if config.network == "transfer" else "", *(getattr(config, field) for field in fields))
        for config in papers
    }
    assert len(settings) == 18 * (1 + 2 + 4)  # U-Net, two encoders, MobileNet with four activations
    assert len(papers) == len(settings) * 2 * 3  # losses, seeds
    assert {run.config.network for run in runs} == {"plain_unet", "transfer", "unet"}


def test_the_small_preset_has_every_network_of_the_study():
    runs = runs_in(ROOT / "studies/firearms.yaml", "small")
    found = {(run.config.network, run.config.encoder) for run in runs if run.config.network != "plain_unet"}
    encoders = ("efficientnet-b0", "mobilenet_v2", "densenet121")
    assert found == {(network, encoder) for network in ("transfer", "unet") for encoder in encoders}


def test_the_tiny_clips_are_a_transformer_and_a_resnet_and_their_tables_say_what_they_read():
    runs = runs_in(ROOT / "studies/tiny-clip.yaml", "small")
    assert [(run.name, run.config.network) for run in runs] == [("clip-vit-s0", "vit"), ("clip-resnet-s0", "resnet")]
    assert all((run.config.size, run.config.context) == ((96, 96), 24) for run in runs)
    assert "have read the label in their captions" in read_study(ROOT / "studies/tiny-clip.yaml").presets["small"].note


def test_the_handgun_study_trains_as_the_paper_does():
    runs = runs_in(ROOT / "studies/handguns.yaml", "paper")
    assert {run.config.network for run in runs} == {"fast_rcnn", "rcnn", "faster_rcnn"}
    for config in (run.config for run in runs):
        assert (config.encoder, config.optimizer, config.epochs, config.batch_size) == ("alexnet", "sgd", 50, 8)
        assert config.learning_rate * config.encoder_rate == pytest.approx(1e-3) and config.learning_rate == 1e-2


@pytest.mark.parametrize("preset", ["paper", "small"])
def test_the_weapon_study_trains_baselines_as_published_beside_weights_of_a_file(preset):
    study = read_study(ROOT / "studies/weapons.yaml")
    weights = {"resnet50": "imagenet", "mobilenet_v2": "imagenet"}
    runs = runs_of(study, preset, ROOT / "studies/weapons.yaml", weights)
    found = {(run.config.network, run.config.encoder, run.config.weights) for run in runs}
    assert found == {
        ("resnet50", "mobilenetv3_small_100", "imagenet"),
        ("vgg16", "mobilenetv3_small_100", "none"),
        ("timm", "mobilenet_v2", "imagenet"),
    }
    for config in (run.config for run in runs):
        assert (config.optimizer, config.learning_rate, config.weight_decay, config.epochs) == ("sgd", 0.005, 1e-4, 20)
        assert (config.augment, config.positive_share, config.encoder_rate) == ("ssd", 0.5, 1)
    assert "assets.splits.hold_out=[rifle, shotgun]" in study.presets[preset].set


def test_the_danger_study_has_all_its_ablations_at_one_budget_and_names_that_tell_them_apart(tmp_path):
    file = ROOT / "studies/danger-clip.yaml"
    study = read_study(file, [f"defaults.clip.model=local-dir:{tmp_path}"])
    small = runs_of(study, "small", file, {"mobilenet_v2": "imagenet"})
    learning = [run for run in small if run.config.network != "clip_zero_shot"]
    assert {run.budget for run in learning} == {49.0} and len({run.setting for run in small}) == 10
    assert all(len([other for other in learning if other.setting == run.setting]) == 3 for run in learning)
    of_danger = {run.name for run in small if run.config.network == "danger_clip" and run.config.seed == 0}
    parts = ("", "-nodense", "-nodescriptor", "-layers1", "-layers3")
    assert of_danger == {f"danger_clip{part}-b49-s0" for part in parts}
    assert {run.config.weights for run in small if run.config.encoder == "mobilenet_v2"} == {"imagenet"}


def test_the_danger_study_has_the_papers_sizes_over_vit_b_16(tmp_path):
    file = ROOT / "studies/danger-clip.yaml"
    runs = runs_of(read_study(file, [f"defaults.clip.model=local-dir:{tmp_path}"]), "paper", file, {})
    for config in (run.config for run in runs if run.config.network == "danger_clip"):
        assert (config.batch_size, config.steps, config.learning_rate, config.weight_decay) == (32, 2000, 2e-4, 0.01)
        assert (config.schedule, round(config.warmup * config.steps), config.decay_norms) == ("poly", 150, False)
        assert config.clip.title == "ViT-B-16-quickgelu (openai)" and config.views == 0
    assert "danger_clip-ViT-B-16-quickgelu-openai-bs32-nodense-steps2000-views0-s0" in {run.name for run in runs}


def test_the_localizers_study_has_the_papers_schedules(tmp_path):
    file = ROOT / "studies/localizers.yaml"
    study = read_study(file, [f"defaults.clip.model=local-dir:{tmp_path}"])
    configs = {run.setting: run.config for run in runs_of(study, "paper", file, {})}
    found = [
        (c.network, c.learning_rate, c.batch_size * c.accumulate, c.epochs, round(c.warmup * c.epochs, 1))
        for c in configs.values()
    ]
    assert found == [
        *[("ts_cam", 5e-5, 128, 60, 0)] * 2,
        ("ts_cam", 5e-4, 256, 20, 0),
        ("lctr", 5e-5, 128, 80, 5),
        ("lctr", 5e-4, 256, 14, 5),
    ]
    for config in configs.values():
        assert (config.optimizer, config.weight_decay, config.schedule) == ("adamw", 0.05, "cosine")
        assert config.network == "ts_cam" or config.rate_floor * config.learning_rate == pytest.approx(1e-5)
    small = runs_of(study, "small", file, {})
    assert len(small) == 9 and {run.config.views for run in small} == {4}


def test_a_clip_in_a_folder_names_a_run_by_what_it_holds(tmp_path):
    for name in ("one/open_clip", "two/open_clip"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "weights").write_text(name)
    clips = [{"model": f"local-dir:{name}/open_clip"} for name in ("one", "two")]
    file = study_file(tmp_path, {"task": "classification", "network": "clip_linear", "clip": clips}, defaults={})
    one, two = runs_of(read_study(file), "tiny", file, {})
    assert one.setting != two.setting and all(run.setting.startswith("clip_linear-open_clip-") for run in (one, two))
