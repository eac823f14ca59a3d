"""Layer, mask and picture of one window have one size: a call that mixes sizes is refused while tests run."""

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from synthgen.ops.blend.registry import BLENDS, BlendRecipe
from synthgen.ops.harmonize.registry import HARMONIZERS, HarmonizeRecipe
from synthgen.ops.premultiplied import over

LAYER, MASK, BELOW = np.zeros((20, 30, 4), np.uint8), np.zeros((20, 30), bool), np.zeros((20, 30, 3), np.uint8)
OPS = [("blend", name) for name in BLENDS] + [("harmonize", name) for name in HARMONIZERS]


@pytest.mark.parametrize(("section", "name"), OPS)
def test_an_op_takes_layer_mask_and_scene_of_one_window(section, name):
    op = {"blend": BlendRecipe, "harmonize": HarmonizeRecipe}[section](modes=(name,)).draw(np.random.default_rng(0))
    assert op.apply(LAYER, MASK, BELOW).shape == LAYER.shape
    with pytest.raises(TypeCheckError):
        op.apply(LAYER, MASK, BELOW[:, :-1])
    with pytest.raises(TypeCheckError):
        op.apply(LAYER, MASK[1:], BELOW)


def test_only_layers_of_the_scenes_size_are_laid_over_it():
    with pytest.raises(TypeCheckError):
        over(BELOW.copy(), LAYER[1:], linear_light=True)
