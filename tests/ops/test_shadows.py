"""Shadows: darkness where the object takes light away, nowhere else."""

import numpy as np
import pytest

from synthgen.ops.choice import op_from_json, op_to_json
from synthgen.ops.shadow.cast import CastShadow
from synthgen.ops.shadow.contact import ContactShadow
from synthgen.ops.shadow.registry import SHADOWS, ShadowRecipe
from synthgen.ops.shadow.soft import SoftShadow

every_shadow = pytest.mark.parametrize("name", SHADOWS)


def drawn(name, seed=5):
    return ShadowRecipe(modes=(name,)).draw(np.random.default_rng(seed))


def post():
    """An upright post, 6 wide and 40 tall, on a 60×30 window."""
    alpha = np.zeros((60, 30), np.float32)
    alpha[10:50, 12:18] = 1
    return alpha


def middle(shade, offset, rows):
    """(x, y) of the darkness within some rows of the canvas, y counted there."""
    x, y = offset
    part = shade[rows[0] - y : rows[1] - y]
    columns = np.arange(part.shape[1]) + x + 0.5
    return float((part * columns).sum() / part.sum())


@every_shadow
def test_json_round_trip(name):
    assert op_from_json(SHADOWS, op_to_json(SHADOWS, drawn(name))) == drawn(name)


@every_shadow
@pytest.mark.parametrize("seed", range(5))
def test_darkness_is_a_share_and_ends_within_its_array(name, seed):
    shade, _ = drawn(name, seed).shade(post())
    if name == "none":
        assert shade.size == 0
        return
    assert 0 <= shade.min() and 0.05 < shade.max() <= 1
    rim = np.concatenate([shade[0], shade[-1], shade[:, 0], shade[:, -1]])
    assert rim.max() <= 0.02 * shade.max() + 1e-6


@every_shadow
def test_nothing_casts_no_shadow(name):
    shade, _ = drawn(name).shade(np.zeros((20, 20), np.float32))
    assert not shade.any()


def test_contact_lies_just_below_the_object():
    shade, (_, top) = ContactShadow(strength=0.5, softness=0.02, drop=0.05).shade(post())
    rows = np.arange(shade.shape[0]) + top + 0.5
    assert float((shade.sum(axis=1) * rows).sum() / shade.sum()) == pytest.approx(30 + 3, abs=0.1)
    assert shade.max() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("lean", [-0.6, 0.6])
def test_cast_stands_at_the_foot_and_leans_along_the_ground(lean):
    shade, offset = CastShadow(strength=0.4, length=0.5, lean=lean, softness=0.01).shade(post())
    rows = np.flatnonzero(shade.max(axis=1) > 0.2) + offset[1]
    assert rows.min() == pytest.approx(50 - 0.5 * 40, abs=1) and rows.max() == pytest.approx(49, abs=1)
    # half a row's height up the shadow is one row of the object, which leans by `lean`
    assert middle(shade, offset, (32, 34)) == pytest.approx(15 + lean * 2 * (50 - 33), abs=1)
    assert middle(shade, offset, (46, 48)) == pytest.approx(15 + lean * 2 * (50 - 47), abs=1)


@pytest.mark.parametrize("across", [-0.1, 0.1])
def test_soft_is_the_silhouette_moved_by_shares_of_its_long_side(across):
    shade, (left, top) = SoftShadow(strength=0.6, softness=0.02, across=across, down=0.05).shade(post())
    rows, columns = np.mgrid[: shade.shape[0], : shade.shape[1]]
    middle_x = float((shade * columns).sum() / shade.sum()) + left + 0.5
    middle_y = float((shade * rows).sum() / shade.sum()) + top + 0.5
    assert (middle_x, middle_y) == (pytest.approx(15 + across * 60, abs=0.1), pytest.approx(30 + 3, abs=0.1))
    assert 0.4 < shade.max() <= 0.6
