"""Losses of pictures without a mask, against values by hand."""

import math

import pytest
import torch

from trainers.tasks.segmentation.weak import (
    LEAST_FILL,
    box_loss,
    fill_term,
    pairwise_term,
    projection_term,
    somewhere_loss,
)

SURE = 40.0  # a logit whose probability is 1 in 32 bits


def region(rows, columns, size=(4, 4)):
    found = torch.zeros(size, dtype=torch.bool)
    found[slice(*rows), slice(*columns)] = True
    return found


def logits_of(probabilities):
    return torch.logit(torch.tensor(probabilities, dtype=torch.float64), eps=1e-12)[None]


def test_the_projection_of_a_picture_by_hand():
    # The box has rows 0–1 and columns 0–2. Highest of each row within it: .5, .8; of each column: .5, .8, .2.
    # 1 − 2·1.3 / (.25 + .64 + 2), and 1 − 2·1.5 / (.25 + .64 + .04 + 3); the .9 below the box counts for nothing.
    probabilities = [[0.5, 0.1, 0.2, 0.0], [0.3, 0.8, 0.0, 0.0], [0.9, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    rows, columns = 1 - 2.6 / 2.89, 1 - 3 / 3.93
    box = region((0, 2), (0, 3))
    assert projection_term(logits_of(probabilities), box[None]).item() == pytest.approx(rows + columns, abs=1e-6)
    other = region((3, 4), (3, 4))  # nothing is predicted there: 1 + 1
    both = projection_term(logits_of(probabilities), torch.stack([box, other])).item()
    assert both == pytest.approx((rows + columns + 2) / 2, abs=1e-6)


def test_the_fill_of_a_box_by_hand():
    # Two boxes of four pixels. The first holds .1 + .2 + .1 + 0, a fill of .1 where .25 is asked for; the second holds
    # 2, a fill of .5.
    probabilities = [[0.1, 0.2, 1.0, 1.0], [0.1, 0.0, 0.0, 0.0], [0.9, 0.9, 0.9, 0.9], [0.9, 0.9, 0.9, 0.9]]
    boxes = torch.stack([region((0, 2), (0, 2)), region((0, 2), (2, 4))])
    assert fill_term(logits_of(probabilities), boxes).item() == pytest.approx((1 - 0.1 / LEAST_FILL) ** 2 / 2, abs=1e-6)


def test_outlines_alone_are_not_enough():
    """Each pixel of the edge satisfies the rows and columns of its box; a filled box costs less."""
    box = region((4, 28), (4, 28), (32, 32))
    edge = box & ~region((5, 27), (5, 27), (32, 32))
    colours = box.float().expand(3, 32, 32)
    outline, filled = (box_loss(torch.where(where, SURE, -SURE)[None], colours, box[None]) for where in (edge, box))
    assert filled.item() == pytest.approx(0, abs=1e-5) and outline.item() > filled.item() + 0.1


def test_the_pairwise_term_of_a_picture_by_hand():
    # 3×3 pixels: neighbours two apart are the corners of the square, and middles of opposite sides.
    # Of six pairs the left column's pixels are black, all others white: pairs within one colour are
    # (0,2)-(2,2) in the right column, (0,0)-(2,0) in the left, (0,1)-(2,1) in the middle.
    p = [[0.9, 0.5, 0.2], [0.5, 0.5, 0.5], [0.7, 0.6, 0.1]]
    colours = torch.ones(3, 3, 3)
    colours[:, :, 0] = 0
    pairs = ((0.9, 0.7), (0.5, 0.6), (0.2, 0.1))
    by_hand = sum(-math.log(a * b + (1 - a) * (1 - b)) for a, b in pairs) / 3
    everywhere = torch.ones(3, 3, dtype=torch.bool)
    assert pairwise_term(logits_of(p), colours, everywhere).item() == pytest.approx(by_hand, abs=1e-6)
    left = region((0, 3), (0, 1), (3, 3))  # only the pair of the left column has an end in it
    assert pairwise_term(logits_of(p), colours, left).item() == pytest.approx(-math.log(0.66), abs=1e-6)
    assert pairwise_term(logits_of(p), colours, ~everywhere).item() == 0


def test_a_target_that_reaches_all_sides_costs_nothing_and_outside_costs_what_is_seen_there():
    box = region((1, 3), (0, 4))
    colours = box.float().expand(3, 4, 4)
    perfect = torch.where(box, SURE, -SURE)[None]
    assert box_loss(perfect, colours, box[None]).item() == pytest.approx(0, abs=1e-5)
    beside = perfect.clone()
    beside[0, 0, 0] = 2.0  # one of eight pixels outside, of another colour than those inside
    assert box_loss(beside, colours, box[None]).item() == pytest.approx(math.log1p(math.exp(2.0)) / 8, rel=1e-4)
    ignore = region((0, 1), (0, 1))[None]
    assert box_loss(beside, colours, box[None], ignore).item() == pytest.approx(0, abs=1e-5)


def test_a_box_that_is_gone_leaves_background():
    logits = torch.full((1, 4, 4), 1.0)
    nothing = box_loss(logits, torch.zeros(3, 4, 4), torch.zeros(2, 4, 4, dtype=torch.bool)).item()
    assert nothing == pytest.approx(math.log1p(math.e))


def test_somewhere_asks_the_surest_pixels():
    logits = torch.full((1, 20, 20), -9.0)
    logits[0, 3, 3:7] = torch.tensor([1.0, 2.0, 3.0, 4.0])  # one in a hundred of 400
    assert somewhere_loss(logits).item() == pytest.approx(math.log1p(math.exp(-2.5)))


@pytest.mark.parametrize("seed", range(5))
def test_boxes_alone_teach_which_colour_a_target_has(seed):
    torch.manual_seed(seed)
    y, x = torch.meshgrid(torch.arange(16), torch.arange(16), indexing="ij")
    disc = (y - 7) ** 2 + (x - 8) ** 2 <= 25
    colours = torch.where(disc, 0.1, 0.9).expand(3, 16, 16)
    box = region((2, 13), (3, 14), (16, 16))
    layer = torch.nn.Conv2d(3, 1, 1)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.2)
    for _ in range(150):
        optimizer.zero_grad()
        box_loss(layer(colours), colours, box[None]).backward()
        optimizer.step()
    assert torch.equal(layer(colours)[0] > 0, disc)
