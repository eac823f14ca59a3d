"""Blends: one suite that every registered blend meets, and what is special to each."""

import cv2
import numpy as np
import pytest
from pydantic import ValidationError
from scipy.ndimage import distance_transform_edt

from synthgen.ops.blend.feather import feather
from synthgen.ops.blend.registry import BLENDS, BlendRecipe
from synthgen.ops.blend.smooth import BoxBlend, GaussianBlend
from synthgen.ops.choice import op_from_json, op_to_json
from synthgen.ops.kernels import motion_kernel
from synthgen.ops.premultiplied import over

every_blend = pytest.mark.parametrize("name", BLENDS)
SIDE = 96


def disc(radius=14, colour=(200, 120, 40)):
    """A soft disc in the middle of a window wide enough for every blend's reach."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE / 2 + 0.5
    alpha = np.clip(radius + 0.5 - np.hypot(rows, columns), 0, 1)
    return np.rint(alpha[:, :, None] * np.array([*colour, 255])).astype(np.uint8)


def ground(seed=1):
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def drawn(name, seed=3):
    return BlendRecipe(modes=(name,)).draw(np.random.default_rng(seed))


def blended(name, layer=None, below=None, seed=3):
    layer, below = disc() if layer is None else layer, ground() if below is None else below
    return drawn(name, seed).apply(layer, layer[:, :, 3] >= 128, below)


@every_blend
def test_json_round_trip(name):
    assert op_from_json(BLENDS, op_to_json(BLENDS, drawn(name))) == drawn(name)


@every_blend
def test_same_seed_same_draw(name):
    assert drawn(name, 11) == drawn(name, 11)


@every_blend
def test_result_is_premultiplied(name):
    result = blended(name)
    assert result.shape == (SIDE, SIDE, 4) and result.dtype == np.uint8
    assert (result[:, :, :3] <= result[:, :, 3:]).all()


@every_blend
def test_inputs_are_left_alone(name):
    layer, below = disc(), ground()
    before = layer.copy(), below.copy()
    drawn(name).apply(layer, layer[:, :, 3] >= 128, below)
    assert np.array_equal(layer, before[0]) and np.array_equal(below, before[1])


@every_blend
@pytest.mark.parametrize("seed", range(4))
def test_nothing_changes_beyond_the_reach(name, seed):
    layer, below = disc(), ground()
    reach = drawn(name, seed).reach
    away = distance_transform_edt(layer[:, :, 3] == 0) > reach * np.sqrt(2) + 1e-6
    image = below.copy()
    over(image, blended(name, layer, below, seed), linear_light=True)
    assert away.any() and np.array_equal(image[away], below[away])


@every_blend
def test_an_empty_layer_changes_nothing(name):
    layer = np.zeros((SIDE, SIDE, 4), dtype=np.uint8)
    assert not blended(name, layer)[:, :, 3].any()


@every_blend
def test_a_single_pixel_does_no_harm(name):
    layer = np.zeros((SIDE, SIDE, 4), dtype=np.uint8)
    layer[48, 48] = (10, 200, 30, 255)
    assert blended(name, layer)[:, :, 3].max() > 0


@pytest.mark.parametrize("name", ["gaussian", "box", "motion", "none", "feather"])
def test_one_colour_stays_that_colour(name):
    result = blended(name, disc(colour=(255, 128, 0))).astype(float)
    covered = result[:, :, 3] > 24
    straight = result[covered][:, :3] / result[covered][:, 3:] * 255
    assert np.abs(straight - [255, 128, 0]).max() <= 12  # one code of rounding at alpha 24 is 10 of colour


@pytest.mark.parametrize("radius", [0.5, 1.0, 3.0])
def test_feather_follows_the_distance_to_the_edge(radius):
    layer = disc()
    mask = layer[:, :, 3] >= 128
    distance = distance_transform_edt(mask) - 2 * (1 - layer[:, :, 3] / 255)
    expected = np.clip(distance / (radius + 1), 0, 1)[:, :, None] * layer
    # OpenCV's 3×3 distance differs from the exact one by at most 8 %.
    assert np.abs(feather(layer, mask, radius) - expected).max() <= 0.09 * 255


def test_feather_leaves_no_steps_on_a_slanted_edge():
    """Along a circle, coverage just inside the edge depends on the distance to the middle alone."""
    layer = disc(radius=30.3)
    alpha = feather(layer, layer[:, :, 3] >= 128, 1.0)[:, :, 3].astype(float)
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE / 2 + 0.5
    radii = np.hypot(rows, columns)
    ring = (radii > 29.8) & (radii < 30.8)
    smooth = np.polyval(np.polyfit(radii[ring], alpha[ring], 3), radii[ring])
    assert (alpha[ring] - smooth).std() < 0.015 * 255


def test_feather_touches_nothing_outside_the_mask():
    layer = disc()
    mask = layer[:, :, 3] >= 128
    assert not feather(layer, mask, 2.0)[~mask].any()


def test_gaussian_coverage_is_the_blurred_coverage():
    layer = disc()
    expected = cv2.GaussianBlur(layer[:, :, 3].astype(np.float32), (9, 9), 1.2)
    result = GaussianBlend(1.2).apply(layer, layer[:, :, 3] >= 128, ground())
    assert np.abs(result[:, :, 3] - expected).max() <= 0.51


def test_box_coverage_is_the_mean_of_the_square():
    layer = disc()
    expected = cv2.blur(layer[:, :, 3].astype(np.float32), (5, 5))
    assert np.abs(BoxBlend(2).apply(layer, layer[:, :, 3] >= 128, ground())[:, :, 3] - expected).max() <= 0.51


@pytest.mark.parametrize("angle", [0, 30, 90, 135])
def test_motion_kernel_is_a_unit_streak_in_its_direction(angle):
    kernel = motion_kernel(9.0, angle)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    rows, columns = np.mgrid[: kernel.shape[0], : kernel.shape[1]] - kernel.shape[0] // 2
    along = columns * np.cos(np.deg2rad(angle)) - rows * np.sin(np.deg2rad(angle))
    across = columns * np.sin(np.deg2rad(angle)) + rows * np.cos(np.deg2rad(angle))
    assert (kernel * along**2).sum() > 8 * (kernel * across**2).sum()


def test_poisson_takes_the_scenes_colour_and_keeps_the_cutouts_gradients():
    layer, below = disc(radius=20, colour=(90, 90, 90)), np.full((SIDE, SIDE, 3), (200, 180, 60), np.uint8)
    layer[40:56, 46:50, :3] = 130  # a stripe, 40 codes brighter
    result = blended("poisson", layer, below).astype(int)
    flat, stripe = result[48, 60, :3], result[48, 47, :3]
    assert np.abs(flat - [200, 180, 60]).max() <= 4
    assert np.abs(stripe - flat - 40).max() <= 6


def test_poisson_keeps_thin_parts():
    layer, below = np.zeros((SIDE, SIDE, 4), np.uint8), ground()
    layer[47:49, 10:86] = (20, 20, 20, 255)  # a barrel two pixels thick, with a bright line along it
    layer[47, 10:86, :3] = 220
    result = blended("poisson", layer, below).astype(int)
    assert (result[47, 20:76, :3] - result[48, 20:76, :3]).mean() > 60


def test_laplacian_keeps_the_middle_and_meets_the_scene_outside():
    layer, below = disc(radius=26, colour=(30, 200, 90)), np.full((SIDE, SIDE, 3), 120, np.uint8)
    result = blended("laplacian", layer, below)
    assert np.abs(result[48, 48, :3].astype(int) - [30, 200, 90]).max() <= 3
    edge = result[48, 48 + 26]
    assert edge[3] == 255 and np.abs(edge[:3].astype(int) - [75, 160, 105]).max() <= 25  # half and half


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        ({"modes": ["glue"]}, "unknown blend 'glue'; choose among: none, feather"),
        ({"modes": []}, "at least 1"),
        ({"modes": ["none", "feather"], "paired": 3}, "paired 3 needs as many different modes; there are 2"),
        ({"gaussian": {"sigma": {"min": 0, "max": 1}}}, "not within 0–50, 0 excluded"),
        ({"laplacian": {"levels": {"min": 1, "max": 9}}}, "not within 1–6"),
        ({"feather": {"min": 0, "max": 1}}, "not above 0"),
    ],
)
def test_bad_sections_say_what_is_wrong(section, complaint):
    with pytest.raises(ValidationError, match=complaint):
        BlendRecipe.model_validate(section)


WIDTHS = {
    "feather": ({"unit": "width", "min": 0.02, "max": 0.02}, "radius"),
    "gaussian": ({"unit": "width", "sigma": {"min": 0.02, "max": 0.02}}, "sigma"),
    "motion": ({"unit": "width", "length": {"min": 0.02, "max": 0.02}}, "length"),
}


@pytest.mark.parametrize("name", WIDTHS)
def test_a_width_is_a_share_of_the_objects_narrow_side_and_is_drawn_in_pixels(name):
    section, number = WIDTHS[name]
    recipe = BlendRecipe.model_validate({"modes": [name], name: section})
    thick, thin = (getattr(recipe.draw_for(narrow, name, np.random.default_rng(1)), number) for narrow in (200.0, 4.0))
    assert thick == pytest.approx(4.0) and thin == pytest.approx(1.0 if name == "motion" else 0.08)


@pytest.mark.parametrize("name", WIDTHS)
def test_pixels_do_not_depend_on_the_object(name):
    recipe = BlendRecipe(modes=(name,))
    drawn = [recipe.draw_for(narrow, name, np.random.default_rng(1)) for narrow in (4.0, 400.0)]
    assert drawn[0] == drawn[1] == recipe.draw_numbers(name, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"feather": {"unit": "width"}}, "0.5–2 is not within 0–0.5"),
        ({"gaussian": {"unit": "width", "sigma": {"min": 0.1, "max": 0.6}}}, "share of the object's narrow side"),
        ({"motion": {"unit": "width"}}, "3–7 is not within 0–0.5"),
        ({"motion": {"length": {"min": 0.5, "max": 3}}}, "not above 1 pixel"),
        ({"feather": {"unit": "metres"}}, "'pixels' or 'width'"),
    ],
)
def test_bad_widths_are_refused(section, said):
    with pytest.raises(ValidationError, match=said):
        BlendRecipe.model_validate(section)
