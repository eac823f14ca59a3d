"""A localizer as an annotator: masks, boxes of parts, and a score that says how far a mask stands out."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.core.picture import DecodedPicture
from tiny_localizers import coloured
from trainers.config.localizer import LocalizerConfig, PostProcessing
from trainers.localize.annotator import LocalizerAnnotator, distinctness
from trainers.localize.methods.baselines import Centre, centre, uniform
from trainers.pseudo.annotator import Annotator


def annotator(opened=coloured, prompts=("red",), **post):
    config = LocalizerConfig(method="centre", prompts=prompts)
    return LocalizerAnnotator(opened(config), config, PostProcessing(**post))


def picture(*marks, size=(64, 96)):
    """A grey picture with rectangles (rows, columns, colour)."""
    image = np.full((*size, 3), 128, np.uint8)
    for rows, columns, colour in marks:
        image[rows, columns] = colour
    return DecodedPicture("p", "p", image)


RED, GREEN = (230, 20, 20), (20, 230, 20)
LEFT, RIGHT = (slice(16, 48), slice(12, 36), RED), (slice(16, 48), slice(60, 84), GREEN)


def test_what_a_prompt_names_becomes_mask_box_and_score():
    (seen,) = annotator().annotate([picture(LEFT, RIGHT)])
    expected = np.zeros((64, 96), bool)
    expected[16:48, 12:36] = True
    assert np.count_nonzero(seen.mask & expected) / np.count_nonzero(seen.mask | expected) > 0.85
    np.testing.assert_allclose(seen.boxes.xyxy, [[12, 16, 36, 48]], atol=2)
    assert seen.boxes.categories == ("red",) and seen.boxes.scores[0] == pytest.approx(seen.score)
    assert seen.score > 0.7 and seen.heatmap.dtype == np.uint8 and seen.heatmap.max() == 255


def test_each_large_part_is_a_box_of_the_prompt_that_fits_it_best():
    both = annotator(prompts=("green", "red"))
    (seen,) = both.annotate([picture(LEFT, RIGHT, (slice(0, 4), slice(0, 4), RED))])
    found = dict(zip(seen.boxes.categories, seen.boxes.xyxy.tolist(), strict=True))
    assert len(seen.boxes) == 2  # the small corner is no part
    np.testing.assert_allclose(found["red"], [12, 16, 36, 48], atol=2)
    np.testing.assert_allclose(found["green"], [60, 16, 84, 48], atol=2)


class Trained(Centre):
    """Knows one target, and need not be asked for it, like a model that was trained here."""

    def relevance(self, pixels, prompts):
        return super().relevance(pixels, prompts or ("its own",))


def test_what_a_model_finds_that_is_asked_for_nothing_is_a_target(tmp_path):
    config = LocalizerConfig(method="ts_cam", model=tmp_path)
    (seen,) = LocalizerAnnotator(Trained((64, 64)), config, PostProcessing()).annotate([picture()])
    assert seen.boxes.categories == ("target",)


def test_pictures_of_several_sizes_are_one_batch_and_each_gets_its_own_size():
    shown = [picture(LEFT), picture(LEFT, size=(48, 120)), picture(LEFT, size=(200, 150))]
    seen = annotator().annotate(shown)
    assert [each.mask.shape for each in seen] == [each.size for each in shown]
    alone = [annotator().annotate([each])[0] for each in shown]
    assert all((one.mask == other.mask).all() for one, other in zip(seen, alone, strict=True))


def test_what_covers_everything_or_nothing_scores_nothing():
    (whole,) = annotator(uniform).annotate([picture()])
    assert whole.mask.all() and whole.score == 0
    (none,) = annotator().annotate([picture(RIGHT)])  # no red: what is below 0 counts as nothing
    assert none.score == 0 or not none.mask.all()
    assert distinctness(np.ones((4, 4), np.float32), np.zeros((4, 4), bool)) == 0


@given(st.integers(0, 2**16), st.floats(0.05, 0.95))
def test_a_score_is_between_0_and_1_and_grows_with_the_contrast(seed, threshold):
    heat = np.random.default_rng(seed).random((6, 7), np.float32)
    mask = heat >= threshold
    score = distinctness(heat, mask)
    assert 0 <= score <= 1
    if mask.any() and not mask.all():
        assert distinctness(np.where(mask, 1, 0).astype(np.float32), mask) == 1 >= score


def test_the_threshold_is_what_a_pixel_must_reach():
    areas = [annotator(centre, threshold=value).annotate([picture()])[0].mask.mean() for value in (0.3, 0.6, 0.9)]
    assert areas == sorted(areas, reverse=True) and 0 < areas[2] < 0.1


def test_what_decides_its_answers_is_written_as_json():
    own = annotator(threshold=0.4)
    said = json.loads(json.dumps(own.params))
    assert isinstance(own, Annotator)
    assert (said["localizer"], said["by"], said["prompts"], said["post"]["threshold"]) == (
        "coloured",
        "colour",
        ["red"],
        0.4,
    )
