"""How a config names a CLIP."""

import pytest
from pydantic import ValidationError

from synthgen.core.paths import FromCommandLine
from trainers.config.clip import ClipConfig


def test_folders_and_files_are_found_beside_the_config(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine.pt").touch()
    context = {"base": tmp_path}
    for prefix in ("local-dir:", "transformers:"):
        found = ClipConfig.model_validate({"model": f"{prefix}mine"}, context=context)
        assert found.model == f"{prefix}{tmp_path}/mine" and found.title == f"{prefix}mine"
    found = ClipConfig.model_validate({"model": "RN50", "weights": "mine.pt"}, context=context)
    assert found.weights == f"{tmp_path}/mine.pt" and found.title == "RN50 (mine.pt)"


def test_what_is_typed_is_found_where_it_was_typed(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    typed = FromCommandLine("local-dir:mine")
    found = ClipConfig.model_validate({"model": typed}, context={"base": tmp_path / "elsewhere"})
    assert found.model == f"local-dir:{tmp_path}/mine"


@pytest.mark.parametrize(("model", "weights"), [("transformers:openai/clip", ""), ("RN50", "openai"), ("RN50", "none")])
def test_names_on_the_hub_and_tags_stay_as_they_are(tmp_path, model, weights):
    found = ClipConfig.model_validate({"model": model, "weights": weights}, context={"base": tmp_path})
    assert (found.model, found.weights) == (model, weights)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"model": "RN50"}, "RN50 has no weights of its own; give weights: a tag of open_clip, a file, or none"),
        ({"model": "hf-hub:a/b", "weights": "openai"}, "hf-hub:a/b brings its weights; leave weights out"),
        ({"model": "local-dir:mine"}, "mine: no such folder; give one in open_clip's format"),
    ],
)
def test_what_names_no_clip_is_refused(tmp_path, values, complaint):
    with pytest.raises(ValidationError, match=complaint):
        ClipConfig.model_validate(values, context={"base": tmp_path})
