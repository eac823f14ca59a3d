"""GEM, held against the authors' method in their own layout: tokens first, pictures second, a head at a time."""

from copy import deepcopy

import pytest
import torch
from torch.nn.functional import linear, normalize, softmax

from synthgen.core.errors import TrainingError
from tiny_clip import RESNET, VIT, saved_clip, with_
from tiny_transformers import saved_transformers
from trainers.clip.load import open_tower
from trainers.clip.positions import positions_at
from trainers.config.localizer import LocalizerConfig
from trainers.localize.heat import heat_map
from trainers.localize.localizer import Localizer
from trainers.localize.methods.gem import gem_patches
from trainers.localize.opened import open_localizer

PROMPTS = ("handgun", "knife")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("gem")


@pytest.fixture(scope="module")
def config(folder):
    return saved_clip(folder / "vit", with_(VIT, "vision_cfg", layers=5))


@pytest.fixture(scope="module")
def tower(config):
    return open_tower(config)


def pictures(height=64, width=64, count=2):
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(1))


def at_size(tower, shown):
    """The image tower with its positions where these pictures have patches."""
    visual = deepcopy(tower.model.visual)
    moved = positions_at(visual.positional_embedding, visual.grid_size, tower.grid(shown))
    visual.positional_embedding = torch.nn.Parameter(moved, requires_grad=False)
    return visual


def reference(visual, normalised, texts, depth):
    """gem_torch's blocks as its authors wrote them for tokens (n, b, w): depth − 1 rewritten blocks, ss_iter 1."""
    seen = list[torch.Tensor]()
    hook = visual.ln_pre.register_forward_hook(lambda _module, _given, found: seen.append(found))
    visual(normalised)
    hook.remove()
    both: tuple[torch.Tensor, torch.Tensor] | torch.Tensor = seen[0].permute(1, 0, 2)
    blocks = list(visual.transformer.resblocks)
    for number, block in enumerate(blocks):
        if number < len(blocks) - (depth - 1):
            both = ordinary(block, both)
        elif isinstance(both, torch.Tensor):
            both = both + self_self(block, both), ordinary(block, both)
        else:
            both = both[0] + self_self(block, both[1]), ordinary(block, both[1])
    features = visual.ln_post(both[0].permute(1, 0, 2)) @ visual.proj
    features = features[:, 1:] / features[:, 1:].norm(dim=-1, keepdim=True)
    return (features @ texts.T).permute(0, 2, 1)


def ordinary(block, x):
    return block(x.permute(1, 0, 2)).permute(1, 0, 2)


def self_self(block, x):
    tokens, count, width = x.shape
    side = width // block.attn.num_heads
    normed = block.ln_1(x)
    out = torch.zeros_like(x)
    for picture in range(count):
        rows = linear(normed[:, picture], block.attn.in_proj_weight, block.attn.in_proj_bias)
        inverse_temperature = rows.new_tensor(
            sum(float(row.norm()) for row in normed[:, picture]) / tokens * side**-0.5
        )
        for head in range(block.attn.num_heads):
            q, k, v = (rows[:, part * width + head * side : part * width + (head + 1) * side] for part in range(3))
            for z in (v, k, q):
                z = normalize(z, dim=-1)
                z = softmax(z @ z.T * inverse_temperature, dim=-1) @ z
                z = normalize(z, dim=-1)
                found = softmax(z @ z.T * inverse_temperature, dim=-1) @ v
                out[:, picture, head * side : (head + 1) * side] += found / 3
    return linear(out, block.attn.out_proj.weight, block.attn.out_proj.bias)


@pytest.mark.parametrize("depth", [2, 4, 6])
def test_maps_are_the_references(config, tower, depth):
    localizer = open_localizer(LocalizerConfig(method="gem", prompts=PROMPTS, clip=config, depth=depth))
    shown = pictures()
    expected = reference(at_size(tower, shown), tower.normalized(shown), tower.text(PROMPTS), depth)
    found = localizer.relevance(shown, PROMPTS)
    assert found.shape == (2, 2, 8, 8)
    torch.testing.assert_close(found.flatten(2), expected, atol=5e-7, rtol=0)


def test_a_depth_beyond_the_tower_means_all_its_blocks(tower):
    shown = pictures(32, 32)
    torch.testing.assert_close(gem_patches(tower, shown, 6), gem_patches(tower, shown, 60))


def test_two_libraries_agree_on_the_same_weights(folder):
    ours = open_tower(saved_clip(folder / "ours", mean=(0.5,) * 3, std=(0.25,) * 3))
    theirs = open_tower(saved_transformers(folder / "theirs"))
    torch.testing.assert_close(
        gem_patches(ours, pictures(), 3), gem_patches(theirs, pictures(), 3), atol=1e-5, rtol=1e-5
    )


def test_a_picture_alone_has_the_map_that_it_has_in_a_batch(tower):
    shown = pictures(32, 48, count=3)
    together = gem_patches(tower, shown, 4)
    alone = torch.cat([gem_patches(tower, each[None], 4) for each in shown])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=1e-5)


def test_it_takes_twice_the_size_that_the_tower_learnt_from_and_says_what_decides_its_maps(config):
    localizer = open_localizer(LocalizerConfig(method="gem", prompts=PROMPTS, clip=config))
    assert isinstance(localizer, Localizer)
    assert localizer.size == (64, 64) and not localizer.positive
    assert localizer.params["depth"] == 7 and localizer.params["size"] == [64, 64]
    assert localizer.title == "gem, local-dir:vit"
    heat = heat_map(localizer.relevance(pictures(), PROMPTS)[0, 0].numpy(), (40, 50), "bilinear", positive=False)
    assert heat.shape == (40, 50) and heat.min() == 0 and heat.max() == 1


def test_backgrounds_are_taken_from_each_prompt(config):
    shown, backgrounds = pictures(), ("street", "room")
    plain = open_localizer(LocalizerConfig(method="gem", prompts=PROMPTS, clip=config))
    against = open_localizer(LocalizerConfig(method="gem", prompts=PROMPTS, clip=config, backgrounds=backgrounds))
    expected = plain.relevance(shown, PROMPTS) - plain.relevance(shown, backgrounds).mean(1, keepdim=True)
    torch.testing.assert_close(against.relevance(shown, PROMPTS), expected, atol=1e-6, rtol=0)


def test_a_template_surrounds_prompts_and_backgrounds(config):
    told = {"method": "gem", "clip": config}
    wrapped = open_localizer(
        LocalizerConfig(prompts=["knife"], backgrounds=["room"], template="a photo of a {}.", **told)
    )
    written = open_localizer(
        LocalizerConfig(prompts=["a photo of a knife."], backgrounds=["a photo of a room."], **told)
    )
    assert wrapped.relevance(pictures(), ["knife"]).equal(written.relevance(pictures(), ["a photo of a knife."]))


def test_a_resnet_and_a_size_that_patches_do_not_fill_are_refused(config, folder):
    resnet = saved_clip(folder / "resnet", RESNET)
    with pytest.raises(TrainingError, match=r"goes by the layers of a vision transformer.*ViT-B-16-quickgelu"):
        open_localizer(LocalizerConfig(method="gem", prompts=PROMPTS, clip=resnet))
    with pytest.raises(TrainingError, match=r"gem: size is 60×64.*multiples of 8"):
        open_localizer(LocalizerConfig(method="gem", prompts=PROMPTS, clip=config, size=(60, 64)))
