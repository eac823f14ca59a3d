"""The head of DangerCLIP: its size, its layers as torch has them, what asks and what is asked."""

import pytest
import torch
from torch import nn
from torch.nn.functional import normalize

from synthgen.core.errors import TrainingError
from trainers.models.danger_clip import AskingLayer, DangerHead


def head(width=16, layers=2, descriptor=True):
    torch.manual_seed(0)
    return DangerHead(normalize(torch.randn(width), dim=0), layers, descriptor=descriptor).eval()


def tokens(width=16, patches=6):
    torch.manual_seed(1)
    return torch.randn(3, width), torch.randn(3, patches, width)


def weights_of(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_it_has_as_many_weights_as_the_paper_over_vit_b_16():
    assert weights_of(head(512, 6)) == 19_439_617
    assert weights_of(head(512, 6, descriptor=False)) == 19_439_617 - (2 * 512 + 1) * 512
    layer = weights_of(AskingLayer(512))
    assert weights_of(head(512, 3)) == 19_439_617 - 3 * layer and weights_of(head(512, 1)) == 19_439_617 - 5 * layer


def test_it_gives_a_logit_for_the_picture_and_one_for_each_patch_in_each_layer():
    logits, scores = head(layers=3).look(*tokens(patches=6))
    assert logits.shape == (3, 1) and scores.shape == (3, 3, 6)


def as_torch_has_it(layer, width):
    """torch's own layer with the same weights."""
    theirs = nn.TransformerEncoderLayer(width, 8, 2048, 0.1, "relu", batch_first=True).eval()
    pairs = {
        "self_attn.in_proj_": layer.attend,
        "self_attn.out_proj.": layer.join,
        "linear1.": layer.widen,
        "linear2.": layer.narrow,
        "norm1.": layer.attended,
        "norm2.": layer.thought,
    }
    parts = {f"{name}{part}": getattr(own, part) for name, own in pairs.items() for part in ("weight", "bias")}
    theirs.load_state_dict(parts)
    return theirs


def test_a_layer_is_torchs_own_and_its_scores_are_those_under_the_softmax():
    layer, given = AskingLayer(16).eval(), torch.randn(2, 5, 16)
    theirs = as_torch_has_it(layer, 16)
    found, scores = layer(given)
    torch.testing.assert_close(found, theirs(given))
    width = 16 // 8
    queries, keys, _ = layer.attend(given).chunk(3, dim=-1)
    by_head = [
        queries[:, 0, None, part] @ keys[..., part].transpose(1, 2) / width**0.5
        for part in (slice(first, first + width) for first in range(0, 16, width))
    ]
    _, attended = theirs.self_attn(given, given, given, need_weights=True, average_attn_weights=False)
    torch.testing.assert_close(torch.stack(by_head, 1)[:, :, 0].softmax(-1), attended[:, :, 0])
    torch.testing.assert_close(scores, torch.stack(by_head, 1)[:, :, 0, 1:].mean(1))


def test_lengths_of_tokens_say_nothing():
    built, (whole, patches) = head(), tokens()
    torch.testing.assert_close(built(7 * whole, 3 * patches), built(whole, patches))


def test_the_descriptor_asks_with_prompt_and_picture_and_without_it_the_prompt_asks_alone():
    (whole, patches), unit = tokens(), head().prompt
    with_it, without = head(layers=1), head(layers=1, descriptor=False)
    expected = with_it.describe(torch.cat([normalize(whole, dim=1) * unit, unit.expand(3, -1)], 1))
    asked = torch.cat([expected[:, None], normalize(patches, dim=-1)], 1)
    torch.testing.assert_close(with_it.look(whole, patches)[1][:, 0], with_it.layers[0](asked)[1])
    torch.testing.assert_close(without(whole, patches), without(torch.randn(3, 16), patches))
    assert not torch.allclose(with_it(whole, patches), with_it(torch.randn(3, 16), patches))


def test_embeddings_that_eight_heads_cannot_part_are_refused():
    with pytest.raises(TrainingError, match="8 heads, and the embeddings of this CLIP have 12 numbers; choose one"):
        head(width=12)
