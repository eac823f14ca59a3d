"""The heads of TS-CAM and LCTR: their sizes, and their formulas beside a transcription that shares no code."""

import numpy as np
import pytest
import torch

from trainers.models.lctr import LctrHead, reached
from trainers.models.ts_cam import TsCamHead

WIDTH, GRID = 6, (3, 5)


def weights_of(module):
    return sum(parameter.numel() for parameter in module.parameters())


def head(kind, width=WIDTH):
    torch.manual_seed(0)
    built = kind(width)
    for parameter in built.parameters():  # nothing silent, such as an offset of 0
        parameter.data += 0.1 * torch.randn_like(parameter)
    return built.eval()


def tokens(numbers, grid=GRID, count=2):
    return torch.randn(count, numbers, *grid, generator=torch.Generator().manual_seed(1))


def attention(grid=GRID, count=2, layers=3):
    size = grid[0] * grid[1] + 1
    return torch.randn(count, layers, size, size, generator=torch.Generator().manual_seed(2)).softmax(-1)


def numpy_of(*parts):
    return [part.detach().double().numpy() for part in parts]


def correlated(picture, kernel, offset):
    """A convolution of 3×3 over (w, h, w'), place by place; around the picture there is 0."""
    around = np.pad(picture, ((0, 0), (1, 1), (1, 1)))
    found = np.empty((len(kernel), *picture.shape[1:]))
    for down, across in np.ndindex(*picture.shape[1:]):
        seen = around[:, down : down + 3, across : across + 3]
        found[:, down, across] = (kernel * seen).sum((1, 2, 3)) + offset
    return found


def test_heads_have_as_many_weights_as_the_specification_says():
    assert weights_of(TsCamHead(768)) == 13_826 and weights_of(LctrHead(768)) == 5_370_634


def test_a_score_of_ts_cam_is_a_convolution_its_logit_their_mean_and_its_map_that_times_the_attention_of_all_layers():
    built, given, attn = head(TsCamHead), tokens(WIDTH), attention()
    scores = built.scores(given)
    kernel, offset = numpy_of(built.score.weight, built.score.bias)
    for place, (picture, weights) in enumerate(zip(*numpy_of(given, attn), strict=True)):
        expected = correlated(picture, kernel, offset)
        np.testing.assert_allclose(scores[place].detach(), expected, atol=1e-5)
        np.testing.assert_allclose(built(given)[place].detach(), expected.mean((1, 2)), atol=1e-5)
        shown = sum(layer[0, 1:] for layer in weights).reshape(GRID) * expected[1]
        np.testing.assert_allclose(built.relevance(scores, attn)[place].detach(), shown, atol=1e-5)


def test_lctr_digs_cues_where_little_is_attended_to_and_mixes_one_kernel_for_each_picture():
    built, given, attn = head(LctrHead), tokens(WIDTH), attention()
    attended = attn[:, :, 0, 1:].mean(1).reshape(2, 1, *GRID)
    cells = torch.cat([given, attended], 1)
    scores = built.scores(cells)
    cue_kernel, cue_offset, kernels, offset = numpy_of(
        built.cue.weight, built.cue.bias, built.kernels.weight.view(4, 2, WIDTH, 3, 3), built.bias.view(2)
    )
    mean_weight, mean_offset = numpy_of(built.by_mean.weight, built.by_mean.bias)
    most_weight, most_offset = numpy_of(built.by_most.weight, built.by_most.bias)
    for place, (picture, hidden) in enumerate(zip(*numpy_of(given, attended), strict=True)):
        cue = correlated(picture * (1 - hidden), cue_kernel, cue_offset)
        drawn = mean_weight @ cue.mean((1, 2)) + mean_offset + most_weight @ cue.max((1, 2)) + most_offset
        shares = 1 / (1 + np.exp(-drawn))
        own = sum(share * kernel for share, kernel in zip(shares, kernels, strict=True))
        expected = correlated(picture, own, offset)
        np.testing.assert_allclose(scores[place].detach(), expected, atol=1e-5)
        around = np.pad(expected, ((0, 0), (1, 1), (1, 1)))
        pooled = [around[:, down : down + 3, across : across + 3].mean((1, 2)) for down, across in np.ndindex(*GRID)]
        np.testing.assert_allclose(built(cells)[place].detach(), np.mean(pooled, axis=0), atol=1e-5)


def test_what_the_class_token_reaches_goes_by_way_of_all_tokens_itself_included():
    attn = attention()
    (all_layers,) = numpy_of(attn)
    for place, picture in enumerate(all_layers):
        expected = np.zeros(len(picture[0]))
        for layer in picture:
            for token in range(len(layer)):
                expected += layer[0, token] * layer[token] / len(layer)
        np.testing.assert_allclose(reached(attn)[place], (expected / len(picture))[1:], atol=1e-7)


def test_a_map_of_lctr_is_what_is_reached_times_scores_above_nothing():
    built, attn = head(LctrHead), attention()
    scores = built.scores(tokens(WIDTH + 1))
    found = built.relevance(scores, attn)
    torch.testing.assert_close(found, reached(attn).view(2, *GRID) * scores[:, 1].clamp(min=0))
    assert built.positive and (found >= 0).all() and (scores[:, 1] < 0).any()


@pytest.mark.parametrize("grid", [(1, 1), (2, 7), (9, 4)], ids=str)
@pytest.mark.parametrize("kind", [TsCamHead, LctrHead])
def test_grids_may_have_any_size(kind, grid):
    built, given = head(kind), tokens(WIDTH + (kind is LctrHead), grid)
    assert built(given).shape == (2, 2)
    assert built.relevance(built.scores(given), attention(grid)).shape == (2, *grid)


def test_texts_to_start_with_stand_in_the_middle_of_the_kernel_alone():
    texts = torch.randn(2, WIDTH)
    built, given = TsCamHead(WIDTH, texts), tokens(WIDTH)
    torch.testing.assert_close(built.scores(given), torch.einsum("bwij,kw->bkij", given, texts))
