"""The decomposition of an embedding into patches, heads and perceptrons, and the maps that it gives."""

import pytest
import torch

from synthgen.core.errors import TrainingError
from tiny_clip import RESNET, VIT, saved_clip, with_
from tiny_transformers import saved_transformers
from trainers.clip.load import open_tower
from trainers.config.localizer import LocalizerConfig
from trainers.localize.heads.decomposition import decomposed
from trainers.localize.opened import open_localizer

LAYERS, HEADS = 3, 4  # of the tiny tower
LONGER = {**VIT, "embed_dim": 64}  # an embedding whose numbers are as small as a real one's


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("span")


@pytest.fixture(scope="module")
def configs(folder):
    scaled = with_(LONGER, "vision_cfg", ls_init_value=0.5)
    return {
        "open_clip": saved_clip(folder / "vit", LONGER),
        "scaled layers": saved_clip(folder / "scaled", scaled),
        "transformers": saved_transformers(folder / "transformers"),
    }


def pictures(height=32, width=48, count=2):
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("name", "dtype", "close"),
    [
        ("open_clip", torch.float32, 1.5e-7),
        ("open_clip", torch.float64, 5e-16),
        ("scaled layers", torch.float64, 5e-16),
        ("transformers", torch.float32, 5e-7),  # its embeddings have 12 numbers, and its softmax is float32 at any rate
    ],
)
def test_shares_add_up_to_the_embedding(configs, name, dtype, close):
    tower = open_tower(configs[name]).to(dtype)
    shown = pictures().to(dtype)
    found = decomposed(tower, shown)
    by_patch, by_perceptron = found.by_patch_and_head(), found.by_perceptron()
    assert by_patch.shape == (2, LAYERS, 25, HEADS, tower.embedding)
    assert by_perceptron.shape == (2, LAYERS + 1, tower.embedding)
    whole = torch.nn.functional.normalize(tower.tokens(shown)[0], dim=-1)
    torch.testing.assert_close(by_patch.sum((1, 2, 3)) + by_perceptron.sum(1), whole, atol=close, rtol=0)
    torch.testing.assert_close(found.embedding(), whole, atol=close, rtol=0)


def test_sums_over_heads_or_patches_are_those_of_the_whole_decomposition(configs):
    found = decomposed(open_tower(configs["open_clip"]), pictures())
    whole = found.by_patch_and_head()
    torch.testing.assert_close(found.by_patch(), whole.sum((1, 3)), atol=1e-6, rtol=0)
    for layer in range(LAYERS):
        torch.testing.assert_close(found.by_head(layer), whole[:, layer].sum(1), atol=1e-6, rtol=0)


def test_a_map_is_the_share_of_each_patch_along_the_prompt_less_that_along_the_backgrounds(configs):
    config = configs["open_clip"]
    localizer = open_localizer(
        LocalizerConfig(method="clip_text_span", prompts=("knife",), backgrounds=("room", "street"), clip=config)
    )
    tower, shown = open_tower(config), pictures()
    shares = decomposed(tower, shown).by_patch_and_head()[:, :, 1:].sum((1, 3))
    prompt, room, street = tower.text(["knife", "room", "street"])
    expected = (shares @ prompt - (shares @ room + shares @ street) / 2).view(2, 1, 4, 6)
    torch.testing.assert_close(localizer.relevance(shown, ("knife",)), expected, atol=1e-6, rtol=0)
    assert localizer.positive and localizer.size == (32, 32)


def test_two_libraries_agree_on_the_same_weights(configs, folder):
    ours = open_tower(saved_clip(folder / "ours", mean=(0.5,) * 3, std=(0.25,) * 3))
    one, other = (decomposed(each, pictures()).by_patch() for each in (ours, open_tower(configs["transformers"])))
    torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


def test_a_resnet_is_refused(folder):
    with pytest.raises(TrainingError, match="clip_text_span goes by the layers of a vision transformer"):
        open_localizer(
            LocalizerConfig(method="clip_text_span", prompts=("knife",), clip=saved_clip(folder / "rn", RESNET))
        )
