"""Which localizers are judged: out of a file, out of a chosen one, out of a folder of chosen ones."""

import pytest
import yaml

from localizers import localizers_file, more_localizers  # noqa: F401
from synthgen.core.errors import ConfigError
from trainers.config.localizer import ChosenLocalizer, LocalizerConfig, PostProcessing
from trainers.config.localizers import LocalizersConfig
from trainers.localize.judging.lineup import lineup_of

pytestmark = pytest.mark.usefixtures("more_localizers")


def test_localizers_share_what_they_do_not_say_and_are_beside_those_that_look_at_nothing(tmp_path):
    named = {"a": {"method": "colourful"}, "b": {"method": "colourful", "prompts": ["cup"], "size": [32, 32]}}
    lineup = lineup_of(localizers_file(tmp_path / "l.yaml", named, backgrounds=["wall"]))
    found = {each.name: each.config for each in lineup.candidates}
    assert list(found) == ["centre", "uniform", "a", "b"]
    assert (found["a"].prompts, found["a"].backgrounds) == (("disc",), ("wall",))
    assert (found["b"].prompts, found["b"].size) == (("cup",), (32, 32))
    assert lineup.prompts == ()


def test_sentences_are_tried_with_those_that_stand_on_a_clip_and_say_none(tmp_path):
    clip = {"model": "ViT-B-16", "weights": "none"}
    values = {
        "prompts": ["gun"],
        "clip": clip,
        "templates": ["a {}", "the {}"],
        "localizers": {
            "tried": {"method": "colourful"},
            "told": {"method": "colourful", "template": "one {}"},
            "blind": {"method": "centre"},
            "trained": {"method": "colourful", "encoder": "resnet50", "classes": {"gun": [1]}},
        },
    }
    config = LocalizersConfig.model_validate(values)
    assert config.localizers["tried"].clip is not None and config.localizers["blind"].clip is None
    tried = {name: config.templates_of(name) for name in config.localizers}
    assert tried == {"tried": ("a {}", "the {}"), "told": ("one {}",), "blind": ("{}",), "trained": ("{}",)}


def test_pictures_that_say_what_they_show_are_asked_for_that(tmp_path):
    file = localizers_file(tmp_path / "l.yaml", names={"n04086273": "revolver"})
    lineup = lineup_of(file, ("n04086273", "cup", "n04086273"))
    assert lineup.prompts == ("revolver", "cup", "revolver")
    assert all(each.config.prompts == ("revolver", "cup") for each in lineup.candidates if each.name == "colour")
    (tmp_path / "bare.yaml").write_text(yaml.safe_dump({"localizers": {"c": {"method": "colourful"}}}))
    assert lineup_of(tmp_path / "bare.yaml", ("cup",)).prompts == ("cup",)


def test_what_was_chosen_is_judged_by_its_own_post_processing(tmp_path):
    chosen = ChosenLocalizer(
        localizer=LocalizerConfig(method="colourful", prompts=("disc",), template="a {}"),
        post=PostProcessing(order="erode_dilate", kernel=0.1, threshold=0.25),
    )
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(chosen.model_dump(mode="json")))
    (alone,) = (each for each in lineup_of(tmp_path / "one.yaml").candidates if each.name == "one")
    assert (alone.post, alone.templates, alone.config) == (chosen.post, ("a {}",), chosen.localizer)
    assert [each.name for each in lineup_of(tmp_path).candidates] == ["centre", "uniform", "one", "two"]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"prompts": ["gun"]}, "localizers: Field required"),
        ({"localizers": {}}, "localizers: Dictionary should have at least 1 item"),
        ({"localizers": {"a": {"method": "colourful"}}}, "localizers.a: .*colourful looks for what prompts name"),
        (
            {"localizers": {"a": {"method": "guess", "prompts": ["gun"]}}},
            "unknown method 'guess'; choose one of: centre",
        ),
        ({"localizers": {"a": {"method": "centre", "prompts": [""]}}}, "localizers.a.prompts.0"),
        ({"localizers": {"a b": {"method": "centre", "prompts": ["gun"]}}}, "cannot be the name of a folder"),
        (
            {"localizers": {"a": {"method": "centre", "prompts": ["gun"]}}, "templates": ["a gun"]},
            "template 'a gun' has no place for a prompt",
        ),
        ({"localizer": {"method": "centre", "prompts": ["gun"]}, "posts": {}}, "posts"),
    ],
)
def test_a_file_that_says_something_wrong_is_refused(tmp_path, values, complaint):
    (tmp_path / "l.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(ConfigError, match=complaint):
        lineup_of(tmp_path / "l.yaml")


def test_a_folder_without_files_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"holds no \.yaml"):
        lineup_of(tmp_path)
