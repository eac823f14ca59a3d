"""Names, files and folders of CLIPs, and all that may be wrong with them, told before anything starts."""

import json
import logging
import sys

import open_clip
import pytest
import safetensors.torch
import torch

from synthgen.core.errors import TrainingError
from tiny_clip import HALF, OPENAI, RESNET, VIT, saved_clip, tiny_clip, with_
from tiny_transformers import saved_transformers
from trainers.clip.load import open_tower
from trainers.config.clip import ClipConfig


@pytest.mark.parametrize("described", [VIT, RESNET], ids=["vit", "resnet"])
@torch.no_grad()
def test_a_round_trip_through_a_folder_changes_nothing(tmp_path, described):
    saved = tiny_clip(described)
    tower = open_tower(saved_clip(tmp_path, described))
    shown = torch.rand(2, 3, *tower.size)
    assert torch.equal(tower.model.encode_image(shown), saved.encode_image(shown))
    words = open_clip.tokenize(["weapon"], 16)
    assert torch.equal(tower.model.encode_text(words), saved.encode_text(words))


def test_the_tokenizer_needs_no_network(tmp_path):
    for config in (saved_clip(tmp_path / "ours"), saved_transformers(tmp_path / "theirs")):
        prompts = open_tower(config).prompts
        assert prompts(["weapon"])[0, :3].tolist() == [49406, 10537, 49407]
        assert prompts(["weapon", "a Photo of a handgun!"]).shape == (2, 16)


def test_open_clips_tokens_are_its_tokenizers(tmp_path):
    words = ["weapon", "An image of a “revolver” & a knife."]
    assert torch.equal(open_tower(saved_clip(tmp_path)).prompts(words), open_clip.tokenize(words, 16))


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A file of weights; open_clip knows its model as "tiny", and the file by the tag "half"."""
    torch.save(tiny_clip().state_dict(), tmp_path / "tiny.pt")
    tag = {"file": str(tmp_path / "tiny.pt"), "mean": HALF, "std": HALF}
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "tiny", VIT)
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "tiny", {"half": tag})
    return tmp_path / "tiny.pt"


def test_a_name_goes_with_a_tag_a_file_or_random_weights(weights):
    shown, expected = torch.rand(1, 3, 32, 32), tiny_clip()
    for given, (mean, std) in (("half", (HALF, HALF)), (str(weights), OPENAI)):
        tower = open_tower(ClipConfig(model="tiny", weights=given))
        images = (shown - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)
        torch.testing.assert_close(tower.tokens(shown)[0], expected.encode_image(images))
    once, again = (open_tower(ClipConfig(model="tiny", weights="none")) for _ in range(2))
    assert once.digest == again.digest and once.title == "tiny (none)"


def test_a_tag_has_a_mean_of_its_own():
    assert (
        open_clip.get_pretrained_cfg("ViT-L-14", "laion2b_s32b_b82k")["mean"] == HALF
    )  # what the test above stands for


@pytest.mark.parametrize(
    ("model", "weights", "complaint"),
    [
        ("ViT-B-16", "openai", "learnt with QuickGELU, and this model computes GELU; give model: ViT-B-16-quickgelu$"),
        ("RN50", "openai", "learnt with QuickGELU, and this model computes GELU; give model: RN50-quickgelu$"),
        ("ViT-B-16", "laoin2b", "'laoin2b' is neither a file nor a tag; open_clip lists: openai, laion400m_e31"),
        ("ViT-B16", "none", "open_clip knows no model 'ViT-B16'; choose one that it lists"),
        ("ViT-B-16", "laion2b_s34b_b88k", "ViT-B-16: cannot be loaded: .*; fetch it again, or give another one$"),
        ("hf-hub:nobody/nothing", "", "hf-hub:nobody/nothing: cannot be loaded: .*; fetch it again"),
        ("transformers:nobody/nothing", "", "transformers:nobody/nothing: cannot be loaded: .*; fetch it again"),
    ],
)
def test_a_model_that_cannot_be_had_is_refused_in_a_line(model, weights, complaint):
    with pytest.raises(TrainingError, match=complaint) as error:
        open_tower(ClipConfig(model=model, weights=weights))
    assert "\n" not in str(error.value)


def truncated(folder):
    file = folder / "open_clip_model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])


def without_weights(folder):
    (folder / "open_clip_model.safetensors").unlink()


def without_a_tensor(folder):
    file = folder / "open_clip_model.safetensors"
    state = safetensors.torch.load_file(file)
    del state["visual.proj"]
    safetensors.torch.save_file(state, file)


def without_config(folder):
    (folder / "open_clip_config.json").unlink()


def with_broken_config(folder):
    (folder / "open_clip_config.json").write_text('{"model_cfg": ')


@pytest.mark.parametrize("damage", [truncated, without_weights, without_a_tensor, without_config, with_broken_config])
def test_a_folder_that_was_half_downloaded_is_refused(tmp_path, damage):
    config = saved_clip(tmp_path)
    damage(tmp_path)
    with pytest.raises(TrainingError, match=r"local-dir:.*: cannot be loaded: .*; fetch it again") as error:
        open_tower(config)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("given", ["half", "tiny.pt"])
def test_a_file_of_weights_that_was_half_downloaded_is_refused(weights, given):
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(TrainingError, match=r"tiny: cannot be loaded: .*; fetch it again"):
        open_tower(ClipConfig(model="tiny", weights=given if given == "half" else str(weights)))


def test_weights_that_a_clipmodel_lacks_are_not_made_up(tmp_path):
    config, file = saved_transformers(tmp_path), tmp_path / "model.safetensors"
    state = safetensors.torch.load_file(file)
    del state["visual_projection.weight"]
    safetensors.torch.save_file(state, file, metadata={"format": "pt"})
    with pytest.raises(TrainingError, match=r"1 of its weights are missing, first visual_projection\.weight; fetch"):
        open_tower(config)
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(TrainingError, match=r"transformers:.*: cannot be loaded: .*; fetch it again"):
        open_tower(config)


def test_a_tokenizer_of_another_model_is_refused(tmp_path):
    small = with_(VIT, "text_cfg", vocab_size=500)
    for config in (saved_clip(tmp_path / "ours", small), saved_transformers(tmp_path / "theirs", vocabulary=500)):
        with pytest.raises(TrainingError, match="the tokenizer knows 49408 tokens, and the model 500: it is another"):
            open_tower(config)


def test_a_prompt_longer_than_the_context_is_refused_and_not_cut(tmp_path):
    tower = open_tower(saved_clip(tmp_path))
    assert tower.text(["gun " * 14]).shape == (1, 12)
    with pytest.raises(
        TrainingError, match=r"the prompt 'gun gun .* has 17 tokens, start and end included, and the mod"
    ):
        tower.text(["weapon", "gun " * 15])


def test_a_model_without_the_tower_is_refused(tmp_path):
    from transformers import CLIPVisionConfig, CLIPVisionModel

    CLIPVisionModel(
        CLIPVisionConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=32, patch_size=8)
    ).save_pretrained(tmp_path / "vision")
    averaged = with_(VIT, "vision_cfg", pool_type="avg")
    for config, found in (
        (ClipConfig(model=f"transformers:{tmp_path / 'vision'}"), "of kind clip_vision_model, not clip"),
        (
            saved_clip(tmp_path / "averaged", averaged),
            "its image tower, VisionTransformer, is no vision transformer with",
        ),
    ):
        with pytest.raises(TrainingError, match=f"a model without the tower that is asked for: .*{found}"):
            open_tower(config)


@pytest.mark.parametrize(("name", "model"), [("open_clip", "RN50"), ("transformers", "transformers:nowhere")])
def test_a_library_that_is_missing_is_named_with_its_extra(monkeypatch, name, model):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(TrainingError, match=rf"CLIP needs {name}, .*; pip install 'synthgen\[clip\]'"):
        open_tower(ClipConfig(model=model, weights="none" if model == "RN50" else ""))


def test_a_saved_folder_says_how_pictures_were_normalised(tmp_path):
    saved_clip(tmp_path, mean=HALF, std=HALF)
    told = json.loads((tmp_path / "open_clip_config.json").read_text())
    assert told["preprocess_cfg"]["mean"] == list(HALF) and told["model_cfg"]["vision_cfg"] == VIT["vision_cfg"]


def test_loading_leaves_no_handler_of_logs_behind(tmp_path):
    before = logging.root.handlers[:]
    open_tower(saved_clip(tmp_path))
    assert logging.root.handlers == before
