"""Patches as the CLIP ends them."""

import pytest
import torch
from torch.nn.functional import normalize

from synthgen.core.errors import TrainingError
from tiny_clip import RESNET, saved_clip
from trainers.clip.load import open_tower
from trainers.config.localizer import LocalizerConfig
from trainers.localize.opened import open_localizer


@pytest.mark.parametrize(("described", "side", "cells"), [({}, 48, 6), ({"described": RESNET}, 96, 3)])
def test_a_map_is_the_cosine_of_each_patch_whatever_the_tower(tmp_path, described, side, cells):
    config = saved_clip(tmp_path / "clip", **described)
    localizer = open_localizer(LocalizerConfig(method="raw", prompts=("knife", "gun"), clip=config, size=(side, side)))
    shown, tower = torch.rand(2, 3, side, side), open_tower(config)
    expected = normalize(tower.tokens(shown)[1], dim=-1) @ tower.text(["gun", "a dog"]).T
    found = localizer.relevance(shown, ("gun", "a dog"))
    torch.testing.assert_close(found, expected.transpose(1, 2).view(2, 2, cells, cells))
    assert not localizer.positive and open_localizer(
        LocalizerConfig(method="raw", prompts=("a",), clip=config)
    ).size == (tower.size)


def test_a_prompt_that_says_nothing_or_too_much_is_refused_before_a_picture_is_read(tmp_path):
    config = saved_clip(tmp_path / "clip")
    with pytest.raises(TrainingError, match="shorten it"):
        open_localizer(LocalizerConfig(method="raw", prompts=("very " * 20 + "long",), clip=config))
    with pytest.raises(TrainingError, match="says nothing; write what to look for"):
        open_tower(config).text(["gun", " \t"])
