"""What `synthgen localize MODEL` stands on, told by what MODEL is."""

import pytest
import yaml

from synthgen.core.errors import ConfigError
from synthgen.core.yaml_file import validated
from trainers.config.localize import LocalizeConfig, standing_on


def config(folder, model, weights=None, classes=None, method="raw"):
    values = standing_on(str(model), weights, classes)
    values["localizer"] = {"method": method, "prompts": ["handgun"], **values["localizer"]}
    return validated(LocalizeConfig, values, "localize", base=folder)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory, with what a model may be."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip").mkdir()
    (tmp_path / "trained").mkdir()
    (tmp_path / "mobilenet.pth").touch()
    (tmp_path / "classes.yaml").write_text("handgun: [763, 764]\nlaptop: [620]")
    return tmp_path


def test_a_clip_is_named_as_elsewhere(folder):
    assert config(folder, "local-dir:clip").localizer.clip.model == f"local-dir:{folder}/clip"
    named = config(folder, "ViT-B-16-quickgelu", "openai").localizer.clip
    assert (named.model, named.weights) == ("ViT-B-16-quickgelu", "openai")
    assert config(folder, "RN50", "mobilenet.pth").localizer.clip.weights == f"{folder}/mobilenet.pth"


def test_a_folder_is_a_trained_model_and_classes_make_an_encoder(folder):
    assert config(folder, "trained", method="cam").localizer.model == folder / "trained"
    encoder = config(folder, "mobilenet_v2", "mobilenet.pth", folder / "classes.yaml", method="cam").localizer
    assert (encoder.encoder, encoder.weights) == ("mobilenet_v2", f"{folder}/mobilenet.pth")
    assert encoder.classes == {"handgun": (763, 764), "laptop": (620,)}


def test_none_stands_on_nothing(folder):
    found = config(folder, "none", method="centre").localizer
    assert (found.clip, found.model, found.encoder) == (None, None, "")


def test_what_was_chosen_comes_with_its_threshold_and_its_paths(folder):
    (folder / "models").mkdir()
    chosen = {
        "localizer": {"method": "raw", "prompts": ["rifle"], "clip": {"model": "local-dir:../clip"}},
        "chosen_on": "dataset, val",
        "post": {"threshold": 0.31, "order": "dilate_erode", "kernel": 0.05},
    }
    (folder / "models/localizer.yaml").write_text(yaml.safe_dump(chosen))
    found = standing_on("models/localizer.yaml", None, None)
    whole = validated(LocalizeConfig, found, "it", base=folder)
    assert (whole.localizer.method, whole.localizer.prompts) == ("raw", ("rifle",))
    assert whole.localizer.clip.place.resolve() == folder / "clip"
    assert (whole.post.threshold, whole.post.order, whole.post.kernel) == (0.31, "dilate_erode", 0.05)


@pytest.mark.parametrize(
    ("model", "weights", "complaint"),
    [
        ("models/none-such", None, "models/none-such: no such file or folder; correct the path"),
        ("mine.pt", None, "mine.pt: no such file or folder"),
        ("trained", "openai", "--weights openai: trained brings its own weights"),
        ("RN50", None, "localize: localizer.clip: RN50 has no weights of its own"),
        ("local-dir:nothing", None, "no such folder; give one in open_clip's format"),
        ("classes.yaml", None, "classes.yaml: localizer: Field required"),
    ],
)
def test_what_is_no_model_is_refused(folder, model, weights, complaint):
    with pytest.raises(ConfigError) as error:
        config(folder, model, weights)
    assert complaint in str(error.value)
