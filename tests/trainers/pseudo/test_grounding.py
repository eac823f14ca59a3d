"""Grounding DINO and SAM: opened whole or not at all, and what they find, on tiny models that were saved to disk."""

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.nn.functional import interpolate
from transformers import AutoProcessor, GroundingDinoForObjectDetection, SamModel

from synthgen.core.errors import TrainingError
from synthgen.core.geometry import decode_rle
from synthgen.core.picture import DecodedPicture
from tiny_models import LONGEST_PROMPT, SIDE, WORDS, write_grounding_dino, write_sam
from trainers.config.pseudo_label import Gate, PseudoLabelConfig
from trainers.pseudo.annotator import Annotator
from trainers.pseudo.grounding import from_config

WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    write_grounding_dino(folder / "dino")
    write_sam(folder / "sam")
    return folder


@pytest.fixture
def copies(models, tmp_path):
    """Models to spoil."""
    return shutil.copytree(models, tmp_path / "models")


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def opened(models, **values):
    values = {"prompt": "weapon", "detector": str(models / "dino"), "segmenter": str(models / "sam"), **values}
    return from_config(PseudoLabelConfig(images=".", **values))


def pictures(*sizes):
    rng = np.random.default_rng(0)
    return [
        DecodedPicture(f"{number}", "", rng.integers(0, 256, (*size, 3), dtype=np.uint8))
        for number, size in enumerate(sizes)
    ]


def found_by_hand(models, image, prompt="weapon."):
    """Corners in pixels and scores of all queries: sigmoid of the best word, centre and size as shares."""
    detector, processor = (
        kind.from_pretrained(models / "dino") for kind in (GroundingDinoForObjectDetection, AutoProcessor)
    )
    with torch.inference_mode():
        outputs = detector(**processor(images=image, text=prompt, return_tensors="pt"))
    scores = 1 / (1 + np.exp(-outputs.logits[0].numpy().max(axis=1)))
    x, y, width, height = outputs.pred_boxes[0].numpy().T
    corners = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    scaled = corners * np.array([image.shape[1], image.shape[0]] * 2)
    return np.clip(scaled, 0, [image.shape[1], image.shape[0]] * 2), scores


def masks_by_hand(models, image, corners):
    """Masks of a picture of SAM's own size: logits of 32×32, enlarged bilinearly, above 0."""
    segmenter, processor = (kind.from_pretrained(models / "sam") for kind in (SamModel, AutoProcessor))
    inputs = processor(images=image, input_boxes=[corners.tolist()], return_tensors="pt")
    with torch.inference_mode():
        logits = segmenter(
            pixel_values=inputs["pixel_values"], input_boxes=inputs["input_boxes"], multimask_output=False
        ).pred_masks[0]
    return interpolate(logits, (SIDE, SIDE), mode="bilinear", align_corners=False)[:, 0].numpy() > 0


def test_boxes_scores_and_masks_are_those_of_the_models(models):
    (picture,) = pictures((SIDE, SIDE))
    corners, scores = found_by_hand(models, picture.image)
    least = float(np.sort(scores)[-2])
    sure = scores >= least
    (seen,) = opened(models, gate=Gate(least_score=least - 1e-4)).annotate([picture])
    assert len(seen.boxes) == 2
    np.testing.assert_allclose(seen.boxes.scores, scores[sure], rtol=1e-5)
    np.testing.assert_allclose(seen.boxes.xyxy, corners[sure], atol=1e-4)
    masks = masks_by_hand(models, picture.image, seen.boxes.xyxy)
    for own, runs in zip(masks, seen.boxes.masks, strict=True):
        np.testing.assert_array_equal(decode_rle(runs, (SIDE, SIDE)), own)
    assert len({mask.tobytes() for mask in masks}) > 1 and 0 < masks.any(axis=0).mean() < 1
    np.testing.assert_array_equal(seen.mask, masks.any(axis=0))
    sure_of = (masks * seen.boxes.scores[:, None, None]).max(axis=0)
    np.testing.assert_array_equal(seen.heatmap, np.rint(255 * sure_of))
    assert seen.score == scores.max()


def test_it_satisfies_the_protocol_and_says_what_decides_its_answers(models):
    annotator = opened(models)
    assert isinstance(annotator, Annotator)
    said = json.dumps(annotator.params)
    assert '"prompt": "weapon."' in said and '"name": "dino"' in said
    assert str(models) not in said
    assert opened(models, prompt="gun").params != annotator.params


def test_what_is_found_does_not_depend_on_the_pictures_beside_it(models):
    annotator, shown = opened(models), pictures((40, 60), (80, 50), (40, 60), (300, 200))
    together = annotator.annotate(shown)
    for picture, seen in zip(shown, together, strict=True):
        (alone,) = annotator.annotate([picture])
        np.testing.assert_allclose(alone.boxes.xyxy, seen.boxes.xyxy, atol=1e-3)
        np.testing.assert_allclose(alone.boxes.scores, seen.boxes.scores, atol=1e-5)
        assert seen.mask.shape == picture.size and max(seen.heatmap.shape) <= 256


def test_where_nothing_is_sure_the_surest_alone_is_told(models):
    (picture,) = pictures((SIDE, SIDE))
    _, scores = found_by_hand(models, picture.image)
    (seen,) = opened(models, gate=Gate(least_score=1.0)).annotate([picture])
    np.testing.assert_allclose(seen.boxes.scores, [scores.max()], rtol=1e-5)
    assert seen.score < 1


@pytest.mark.parametrize("prompt", ["Weapon", "weapon.", " WEAPON . "])
def test_a_prompt_becomes_a_caption(prompt):
    assert PseudoLabelConfig(images=".", prompt=prompt, detector="a", segmenter="b").prompt == "weapon."


def test_half_of_the_weights_are_refused(copies):
    file = copies / "dino" / WEIGHTS
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(TrainingError, match=r"detector .*dino: cannot be opened: in this folder: "):
        opened(copies)


def test_a_folder_without_weights_is_refused(copies):
    (copies / "sam" / WEIGHTS).unlink()
    with pytest.raises(TrainingError, match=r"segmenter .*sam: cannot be opened: .*model\.safetensors"):
        opened(copies)


def test_weights_that_lack_some_are_refused_where_transformers_would_begin_them_at_random(copies):
    file = copies / "dino" / WEIGHTS
    weights = load_file(file)
    gone = sorted(name for name in weights if "text_backbone.encoder" in name)
    save_file({name: values for name, values in weights.items() if name not in gone}, file, {"format": "pt"})
    with pytest.raises(TrainingError, match=f"{len(gone)} of its weights are missing, such as model.text_backbone"):
        opened(copies)


def test_another_model_is_refused(models):
    with pytest.raises(TrainingError, match=r"detector .*: is a model of type 'sam', expected 'grounding-dino'"):
        opened(models, detector=str(models / "sam"))
    with pytest.raises(TrainingError, match=r"segmenter .*: is a model of type 'grounding-dino', expected 'sam'"):
        opened(models, segmenter=str(models / "dino"))


@pytest.mark.parametrize("name", ["models/nowhere", "/no/such/folder"])
def test_without_models_and_without_a_network_there_is_one_error(models, name):
    with pytest.raises(TrainingError, match=f"detector {name}: cannot be opened: no such folder here, and from the"):
        opened(models, detector=name)


def test_a_prompt_that_is_longer_than_the_model_reads_is_refused(models):
    words = " ".join(["gun"] * (LONGEST_PROMPT - 3))  # beside the dot and two special tokens
    assert opened(models, prompt=words).prompt == f"{words}."
    with pytest.raises(TrainingError, match=f"prompt of {LONGEST_PROMPT + 1} tokens; detector .* reads 12"):
        opened(models, prompt=f"{words} gun")


def test_a_prompt_of_which_the_model_knows_no_word_is_refused(models):
    with pytest.raises(TrainingError, match=r"prompt '火器\.': .* knows no word of it"):
        opened(models, prompt="火器")


def test_the_tokenizer_of_another_model_is_refused(tmp_path, models):
    write_grounding_dino(tmp_path / "dino", words=[*WORDS, *(f"word{number}" for number in range(50)), "rifle"])
    with pytest.raises(TrainingError, match="its tokenizer knows words that the model does not"):
        opened(models, prompt="rifle", detector=str(tmp_path / "dino"))
