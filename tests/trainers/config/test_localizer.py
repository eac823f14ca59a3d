"""Which method stands on what, and which fields then say something."""

import pytest
from pydantic import ValidationError

from synthgen.core.paths import FromCommandLine
from trainers.config.localizer import FIELDS, LocalizerConfig
from trainers.config.registry import LOCALIZERS

CLIP = {"clip": {"model": "ViT-B-16-quickgelu", "weights": "none"}}
ENCODER = {"encoder": "resnet50", "classes": {"gun": [763]}}


def config(method, **told):
    return LocalizerConfig.model_validate({"method": method, "prompts": ["gun"], **told})


@pytest.mark.parametrize(
    ("method", "told", "ground"),
    [
        ("uniform", {}, ""),
        ("gem", {**CLIP, "depth": 5, "template": "a photo of a {}", "backgrounds": ["room"]}, "clip"),
        ("grad_cam", {**CLIP, "seed_literal": True}, "clip"),
        ("score_cam", {**ENCODER, "weights": "none"}, "encoder"),
        ("cam", {"model": "models/resnet"}, "model"),
    ],
)
def test_a_method_says_what_it_stands_on(method, told, ground):
    assert config(method, **told).ground == ground


@pytest.mark.parametrize(
    ("method", "told", "said"),
    [
        ("gem", {}, "gem cannot stand on nothing; give a clip, e.g. {model: ViT-B-16-quickgelu"),
        ("gem", ENCODER, "gem cannot stand on encoder; give a clip"),
        ("cam", CLIP, "cam cannot stand on clip; give an encoder, e.g. mobilenet_v2, with its classes; or a model"),
        ("grad_cam", CLIP | ENCODER, "grad_cam cannot stand on clip and encoder"),
        ("centre", CLIP, "centre cannot stand on clip; give nothing of these"),
        ("raw", {**CLIP, "depth": 3}, "depth says nothing to raw over a clip; leave it out"),
        ("gem", {**CLIP, "seed_literal": True}, "seed_literal says nothing to gem"),
        ("grad_cam", {**ENCODER, "seed_literal": True}, "seed_literal says nothing to grad_cam over a encoder"),
        ("cam", {"model": "m", "backgrounds": ["room"]}, "backgrounds says nothing to cam over a model"),
        ("uniform", {"template": "a {}"}, "template says nothing to uniform; leave it out"),
        ("cam", {**ENCODER, "prompts": ["rifle"]}, "classes says nothing of 'rifle'; give the numbers"),
        ("cam", {**ENCODER, "backgrounds": ["room"]}, "classes says nothing of 'room'"),
        ("cam", {"encoder": "resnet50", "classes": {"gun": []}}, "at least 1 item"),
        ("cam", {"encoder": "resnet50", "classes": {"gun": [-1]}}, "greater than or equal to 0"),
        ("gem", {**CLIP, "prompts": []}, "gem looks for what prompts name; give at least one"),
        ("gem", {**CLIP, "prompts": ["  "]}, "has neither a letter nor a digit, so it says nothing"),
        ("gem", {**CLIP, "backgrounds": ["?!"]}, "says nothing; write what to look for"),
        ("gem", {**CLIP, "template": "a photo"}, "has no place for a prompt"),
        ("gem", {**CLIP, "size": [0, 64]}, "greater than 0"),
        ("gme", {}, "unknown method 'gme'; choose one of: centre"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(method, told, said):
    with pytest.raises(ValidationError) as error:
        config(method, **told)
    assert said in str(error.value)


def test_every_method_that_needs_no_training_is_in_the_table():
    assert set(LOCALIZERS) - {"ts_cam", "lctr"} == set(FIELDS) - {"ts_cam", "lctr"}


def test_files_are_found_from_where_a_config_stands(tmp_path):
    (tmp_path / "w.pth").touch()
    told = {"method": "cam", "prompts": ["gun"], **ENCODER, "weights": "w.pth"}
    found = LocalizerConfig.model_validate(told, context={"base": tmp_path})
    assert found.weights == str(tmp_path / "w.pth")
    with pytest.raises(ValidationError, match="no such folder or file"):
        LocalizerConfig.model_validate(
            {"method": "cam", "prompts": ["gun"], "model": FromCommandLine("nowhere")}, context={"base": tmp_path}
        )
