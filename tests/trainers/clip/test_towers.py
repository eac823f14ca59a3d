"""What towers give, held against the libraries' own models and against each other."""

import open_clip
import pytest
import torch

from synthgen.core.errors import TrainingError
from tiny_clip import HALF, RESNET, VIT, saved_clip, tiny_clip, with_
from tiny_transformers import saved_transformers
from trainers.clip.load import open_tower
from trainers.clip.positions import positions_at
from trainers.clip.tower import Tower

POOLED = "visual.attnpool.positional_embedding"
WORDS = ["weapon", "a photo of a handgun"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("towers")


@pytest.fixture(scope="module")
def towers(folder):
    return {
        "vit": open_tower(saved_clip(folder / "vit", mean=HALF, std=(0.25,) * 3)),
        "resnet": open_tower(saved_clip(folder / "resnet", RESNET)),
        "transformers": open_tower(saved_transformers(folder / "transformers")),
    }


def pictures(height=32, width=32, count=2):
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("name", "side", "patches"), [("vit", 32, 16), ("resnet", 64, 4)])
def test_an_embedding_is_the_librarys_own_after_its_own_normalisation(towers, name, side, patches):
    tower, shown = towers[name], pictures(side, side)
    whole, cells = tower.tokens(shown)
    mean, std = (torch.tensor(tower.model.visual.preprocess_cfg[key]).view(3, 1, 1) for key in ("mean", "std"))
    torch.testing.assert_close(whole, tower.model.encode_image((shown - mean) / std))
    assert whole.shape == (2, 12) and cells.shape == (2, patches, 12)
    torch.testing.assert_close(
        tower.text(WORDS), tower.model.encode_text(open_clip.tokenize(WORDS, 16), normalize=True)
    )


@pytest.mark.parametrize("name", ["vit", "resnet", "transformers"])
def test_a_tower_says_what_it_takes_and_gives(towers, name):
    tower = towers[name]
    assert isinstance(tower, Tower)
    assert (tower.size, tower.stride) == (((64, 64), 32) if name == "resnet" else ((32, 32), 8))
    assert tower.embedding == 12 and tower.scale == pytest.approx(float(tower.model.logit_scale.exp()))
    assert torch.allclose(tower.text(WORDS).norm(dim=1), torch.ones(2))
    with pytest.raises(TrainingError, match=r"pictures are 32×36, and its patches have \d+ pixels a side; give sides"):
        tower.tokens(pictures(32, 36))


@pytest.mark.parametrize("shape", [(32, 32), (48, 32)])
def test_two_libraries_agree_on_the_same_weights(towers, shape):
    ours, theirs, shown = towers["vit"], towers["transformers"], pictures(*shape)
    for one, other in (
        *zip(ours.tokens(shown), theirs.tokens(shown), strict=True),
        (ours.hidden(shown), theirs.hidden(shown)),
        (ours.attn(shown), theirs.attn(shown)),
        (ours.text(WORDS), theirs.text(WORDS)),
    ):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


def test_transformers_own_walk_gives_the_same(towers):
    tower, shown = towers["transformers"], pictures()
    told = tower.model.vision_model((shown - 0.5) / 0.25, output_attentions=True)
    torch.testing.assert_close(tower.hidden(shown)[:, 0], told.pooler_output)
    torch.testing.assert_close(tower.attn(shown), torch.stack([each.mean(1) for each in told.attentions], 1))


@pytest.mark.parametrize("name", ["vit", "transformers"])
def test_attention_has_a_map_for_each_layer_whose_rows_add_up_to_one(towers, name):
    found = towers[name].attn(pictures(32, 48))
    assert found.shape == (2, 3, 25, 25)
    assert (found >= 0).all() and torch.allclose(found.sum(-1), torch.ones(2, 3, 25))
    assert towers[name].hidden(pictures(32, 48)).shape == (2, 25, 32)


@pytest.mark.parametrize("name", ["vit", "transformers"])
def test_one_walk_gives_hidden_tokens_and_attention(towers, name):
    hidden, attn = towers[name].hidden_and_attn(pictures(32, 48))
    torch.testing.assert_close(hidden, towers[name].hidden(pictures(32, 48)), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(attn, towers[name].attn(pictures(32, 48)))
    patches = hidden[:, 1:] @ towers[name].projection
    torch.testing.assert_close(patches, towers[name].tokens(pictures(32, 48))[1], atol=1e-5, rtol=1e-5)


def test_positions_at_another_size_are_those_that_open_clip_makes_when_it_loads(towers):
    tower, shown, other = towers["vit"], pictures(96, 96), tiny_clip(with_(VIT, "vision_cfg", image_size=96))
    state = dict(tower.model.state_dict())
    open_clip.model.resize_pos_embed(state, other)
    other.load_state_dict(state)
    torch.testing.assert_close(tower.tokens(shown)[0], other.encode_image(tower.normalized(shown)))


def test_a_resnets_positions_are_moved_in_the_same_way(towers):
    tower, shown, other = towers["resnet"], pictures(96, 96), tiny_clip(with_(RESNET, "vision_cfg", image_size=96))
    learnt = tower.model.visual.attnpool.positional_embedding
    state = dict(tower.model.state_dict()) | {POOLED: positions_at(learnt, (2, 2), (3, 3))}
    other.load_state_dict(state)
    torch.testing.assert_close(tower.tokens(shown)[0], other.encode_image(tower.normalized(shown)))


def test_a_cell_of_a_resnet_goes_through_value_and_output_projection_alone(towers):
    tower, shown = towers["resnet"], pictures(64, 64)
    inner = tower.model.visual.forward_intermediates(tower.normalized(shown), intermediates_only=True)
    corner = inner["image_intermediates"][-1][:, :, 0, 1]
    pool = tower.model.visual.attnpool
    expected = (corner @ pool.v_proj.weight.T + pool.v_proj.bias) @ pool.c_proj.weight.T + pool.c_proj.bias
    torch.testing.assert_close(tower.tokens(shown)[1][:, 1], expected)


@pytest.mark.parametrize("asked", ["hidden", "attn"])
def test_a_resnet_refuses_what_it_has_not(towers, asked):
    with pytest.raises(TrainingError, match="a model without the tower that is asked for: a ResNet has no") as error:
        getattr(towers["resnet"], asked)(pictures(64, 64))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["vit", "resnet", "transformers"])
def test_a_tower_is_frozen_and_gradients_reach_the_picture(towers, name):
    tower, shown = towers[name], pictures(64, 64).requires_grad_()
    assert not any(module.training for module in torch.nn.ModuleList([tower]).train()[0].modules())
    assert not any(parameter.requires_grad for parameter in tower.parameters())
    tower.tokens(shown)[0].sum().backward()
    assert shown.grad.abs().sum() > 0


def test_a_digest_names_weights_architecture_and_preprocessing(folder, towers):
    again = open_tower(saved_clip(folder / "again", mean=HALF, std=(0.25,) * 3)).digest
    others = [
        saved_clip(folder / "seed", seed=1, mean=HALF, std=(0.25,) * 3),
        saved_clip(folder / "mean", std=(0.25,) * 3),
        saved_clip(folder / "heads", with_(VIT, "vision_cfg", head_width=16), mean=HALF, std=(0.25,) * 3),
    ]
    found = {open_tower(config).digest for config in others}
    assert again == towers["vit"].digest and len(found - {again}) == 3
