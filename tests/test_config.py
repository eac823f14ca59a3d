"""pipeline.yaml: what is wrong is refused before any work, with its place in the file."""

from pathlib import Path

import pytest
import yaml

from synthgen.config import load_pipeline
from synthgen.core.errors import ConfigError
from tiny_assets import write_tiny_assets

ROOT = Path(__file__).parents[1]


@pytest.fixture
def pipeline(tmp_path):
    """A small valid file."""
    write_tiny_assets(tmp_path, foregrounds=2, backgrounds=2, distractors=0)
    return write(tmp_path)


def write(folder, **changes):
    values = {
        "seed": 0,
        "assets": {"foregrounds": "foregrounds", "backgrounds": "backgrounds"},
        "size": [64, 96],
        "samples": {"train": 4},
        "output": {"path": "run"},
        **changes,
    }
    (folder / "pipeline.yaml").write_text(yaml.safe_dump(values))
    return folder / "pipeline.yaml"


def test_paths_are_relative_to_the_file(pipeline):
    config = load_pipeline(pipeline)
    assert config.assets.foregrounds == pipeline.parent / "foregrounds"
    assert config.output.path == pipeline.parent / "run"


def test_overridden_paths_are_relative_to_the_working_directory(pipeline, monkeypatch, tmp_path):
    (tmp_path / "elsewhere" / "cutouts").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "elsewhere")
    config = load_pipeline(pipeline, ["assets.foregrounds=cutouts"])
    assert config.assets.foregrounds == tmp_path / "elsewhere" / "cutouts"


def test_overrides_reach_any_depth_and_type(pipeline):
    config = load_pipeline(
        pipeline, ["samples.train=9", "recipe.blend.modes=[feather]", "recipe.scale.max=0.5", "output.image.codec=png"]
    )
    assert config.samples.train == 9
    assert config.recipe.blend.modes == ("feather",)
    assert config.recipe.scale.max == 0.5
    assert config.output.image.codec == "png"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("recipe.sale.max=1", r"recipe\.sale: unknown key"),
        ("recipe.scale.min=0.9", r"recipe\.scale: min 0\.9 is above max 0\.6"),
        ("recipe.scale.max=.nan", r"recipe\.scale\.max: .*finite"),
        ("recipe.rotation.max=.inf", r"recipe\.rotation\.max: .*finite"),
        ("recipe.negatives=1.5", r"recipe\.negatives: .*less than or equal to 1"),
        ("recipe.blend.modes=[magic]", r"recipe\.blend\.modes: unknown blend 'magic'; choose among"),
        ("recipe.blend.modes=[]", r"recipe\.blend\.modes: "),
        ("recipe.instances={min: 0, max: 0}", r"recipe\.instances: "),
        ("recipe.scale.unit=metres", r"recipe\.scale: pixels_per_metre goes with unit: metres"),
        ("recipe.background.crop={min: 0, max: 1}", r"recipe\.background\.crop: "),
        ("samples.train=0", r"samples: all counts are 0"),
        ("samples.train=true", r"samples\.train: Input should be a valid integer \(found True\)"),
        ("samples.train='10'", r"samples\.train: Input should be a valid integer \(found '10'\)"),
        ("samples.train=10.0", r"samples\.train: Input should be a valid integer"),
        ("recipe.flip=true", r"recipe\.flip: Input should be a valid number"),
        ("recipe.linear_light=1", r"recipe\.linear_light: Input should be a valid boolean"),
        ("size=['64', 96]", r"size\.0: Input should be a valid integer"),
        ("recipe.blend.modes=feather", r"recipe\.blend\.modes: Input should be a valid tuple"),
        ("output.path=5", r"output\.path: Input is not a valid path"),
        ("samples.train=-1", r"samples\.train: .*greater than or equal to 0"),
        ("seed=-1", r"seed: "),
        ("size=[8, 96]", r"size: height 8 is not within 16–8192"),
        ("output.image.quality=0", r"output\.image\.quality: "),
        ("output.shard_rows=0", r"output\.shard_rows: "),
        ("assets.splits.train=0.9", r"assets\.splits: train \+ val \+ test is 0\.9, not 1"),
        ("engine.kind=scheduler", r"engine: kind: scheduler goes with an address"),
        ("assets.foregrounds=/nowhere/at/all", r"assets\.foregrounds: /nowhere/at/all: no such folder"),
        ("seed.inner=1", r"--set seed\.inner=1: seed holds a value, not a section"),
        ("seed", r"--set seed: expected key=value"),
        ("size=[64", r"--set size=\[64: not valid YAML"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(pipeline, override, message):
    with pytest.raises(ConfigError, match=message):
        load_pipeline(pipeline, [override])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": 2**64}, r"pipeline\.yaml: seed: Input should be less than 18446744073709551616"),
        ({"seed": -1}, r"pipeline\.yaml: seed: Input should be greater than or equal to 0"),
        ({"engine.workers": 2000}, r"pipeline\.yaml: engine\.workers: Input should be less than or equal to 1024"),
        ({"engine.workers": 0}, r"pipeline\.yaml: engine\.workers: Input should be greater than or equal to 1"),
    ],
)
def test_options_have_the_limits_of_the_file(pipeline, options, message):
    with pytest.raises(ConfigError, match=message):
        load_pipeline(pipeline, (), options)


def test_the_largest_seed_is_a_seed(pipeline):
    assert load_pipeline(pipeline, (), {"seed": 2**64 - 1}).seed == 2**64 - 1


def test_a_whole_number_stands_for_a_fraction_and_a_short_exponent_for_a_number(pipeline):
    config = load_pipeline(pipeline, ["recipe.flip=1", "recipe.min_area=1e2"])
    assert (config.recipe.flip, config.recipe.min_area) == (1.0, 100.0)


def test_all_mistakes_are_told_at_once(pipeline):
    with pytest.raises(ConfigError) as caught:
        load_pipeline(pipeline, ["seed=-1", "recipe.negatives=7"])
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ([{"network": "transformer"}], r"training\.0\.network: unknown network 'transformer'; choose one of"),
        ([{"epoch": 3}], r"training\.0\.epoch: unknown key"),
        ([{"learning_rate": 0}], r"training\.0\.learning_rate: "),
        ([{}, {}], r"training: two trainings are called 'unet-mobilenet_v2'"),
        ([{"weights": "nowhere.pth"}], r"training\.0\.weights: .*nowhere\.pth: no such file"),
    ],
)
def test_training_is_checked_before_generation(tmp_path, training, message):
    write_tiny_assets(tmp_path, foregrounds=2, backgrounds=2, distractors=0)
    with pytest.raises(ConfigError, match=message):
        load_pipeline(write(tmp_path, training=training))


def test_images_without_masks_are_refused(tmp_path):
    write_tiny_assets(tmp_path, foregrounds=2, backgrounds=2, distractors=0)
    (tmp_path / "photographs").mkdir()
    with pytest.raises(ConfigError, match=r"evaluation: images go together with masks, boxes, or both"):
        load_pipeline(write(tmp_path, evaluation={"images": "photographs"}))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read"):
        load_pipeline(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: [", "not valid YAML"),
        ("- 1", "expected a mapping"),
        ("seed: 1\nseed: 2", "key 'seed' is given twice"),
        ("seed: 1", r"assets: Field required"),
    ],
)
def test_what_is_no_pipeline_is_refused(tmp_path, text, message):
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_pipeline(tmp_path / "p.yaml")


def test_the_pipeline_of_the_repository_is_valid():
    config = load_pipeline(ROOT / "pipeline.yaml")
    assert [entry.title for entry in config.sections["training"].root] == [
        "unet-efficientnet-b0",
        "unet-mobilenet_v2",
        "unet-densenet121",
        "plain_unet",
    ]


def test_overrides_lie_upon_a_preset(pipeline):
    config = load_pipeline(pipeline, ["recipe.preset=paper", "recipe.scale.max=0.7"])
    assert (config.recipe.scale.min, config.recipe.scale.max) == (0.2, 0.7)


def test_a_preset_that_does_not_exist_is_one_line(pipeline):
    with pytest.raises(ConfigError) as caught:
        load_pipeline(pipeline, ["recipe.preset=photos"])
    assert str(caught.value).endswith(
        "pipeline.yaml: recipe: unknown preset 'photos'; choose one of: photographs, webcam, cctv, paper"
    )


def test_another_recipe_lies_upon_the_files_as_that_lies_upon_its_preset(tmp_path):
    write_tiny_assets(tmp_path, foregrounds=2, backgrounds=2, distractors=0)
    file = write(tmp_path, recipe={"preset": "cctv", "negatives": 0.5, "camera": {"noise": {"probability": 1}}})
    recipe = load_pipeline(file, ["recipe.flip=0"], recipe={"scale": {"max": 0.5}, "camera": {"noise": None}}).recipe
    assert (recipe.negatives, recipe.flip, recipe.scale.max, recipe.scale.strata) == (0.5, 0, 0.5, ())
    assert recipe.camera.noise is None and recipe.camera.preset == "cctv-day"
    assert load_pipeline(file, recipe={"preset": None}).recipe == load_pipeline(write(tmp_path)).recipe
    assert load_pipeline(write(tmp_path), recipe={"flip": 0}).recipe.flip == 0
