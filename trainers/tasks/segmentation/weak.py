"""Losses of pictures without a mask: of those with boxes, and of those that show a target somewhere.

Boxes: Tian et al. 2021, "BoxInst: High-performance instance segmentation with box annotations", equations 1 to 5. There
each object has a mask of its own; here all share one foreground, so an object's mask is the foreground in its box, and
a third term says that what lies in no box is background. Objects' outlines alone would satisfy all three: they reach
all sides, and no pixel of theirs has neighbours of its colour. So a fourth says that an object covers some of its box:
Kervadec et al. 2020, "Bounding boxes for weakly supervised segmentation: Global constraints get close to full
supervision", the constraint on sizes.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from kornia.color import rgb_to_lab
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, softplus

__all__ = ["LEAST_FILL", "box_loss", "fill_term", "pairwise_term", "projection_term", "somewhere_loss"]

REACH = 2  # pixels between neighbours of the pairwise term
ALIKE = 0.3  # of exp(−ΔE/2), from which neighbours are taken to belong together
SUREST = 0.01  # share of a picture's pixels that are asked whether it shows a target

LEAST_FILL = 0.25
"""Share of its box that an object covers at least."""


def box_loss(
    logits: Float[Tensor, "1 h w"],
    colours: Float[Tensor, "3 h w"],
    boxes: Bool[Tensor, "k h w"],
    ignore: Bool[Tensor, "1 h w"] | None = None,
) -> Tensor:
    """Return the loss of one picture, a scalar: projection, pairwise, fill and background term.

    Args:
        logits: Of the foreground.
        colours: RGB, 0–1.
        boxes: The pixels of each box; those without any count for nothing.
        ignore: Pixels that are no background, though they lie in no box.
    """
    boxes = boxes[boxes.any(dim=2).any(dim=1)]
    inside = boxes.any(dim=0)
    outside = ~inside if ignore is None else ~inside & ~ignore[0]
    background = softplus(logits[0][outside]).mean() if outside.any() else logits.sum() * 0
    if not len(boxes):
        return background
    terms = projection_term(logits, boxes) + fill_term(logits, boxes) + pairwise_term(logits, colours, inside)
    return terms + background


def projection_term(logits: Float[Tensor, "1 h w"], boxes: Bool[Tensor, "k h w"]) -> Tensor:
    """Return the mean over boxes of 1 − dice of rows, plus that of columns: a target reaches all sides of its box."""
    probabilities = torch.sigmoid(logits) * boxes
    terms = [_dice_loss(probabilities.amax(dim=side), boxes.any(dim=side).float()) for side in (1, 2)]
    return torch.stack(terms).sum(dim=0).mean()


def fill_term(logits: Float[Tensor, "1 h w"], boxes: Bool[Tensor, "k h w"]) -> Tensor:
    """Return the mean over boxes of the squared share of `LEAST_FILL` that is missing in them: 0 where none is."""
    pixels = boxes.sum(dim=(1, 2))
    fill = (torch.sigmoid(logits) * boxes).sum(dim=(1, 2)) / pixels
    return ((1 - fill / LEAST_FILL).clamp(min=0) ** 2).mean()


def pairwise_term(
    logits: Float[Tensor, "1 h w"], colours: Float[Tensor, "3 h w"], inside: Bool[Tensor, "h w"]
) -> Tensor:
    """Return the mean of −log P(same label) over neighbours of like colour of which one lies inside; 0 without any.

    Neighbours lie `REACH` pixels apart, across, down or aslant; each pair counts once.
    """
    with torch.no_grad():
        lab = rgb_to_lab(colours[None])[0]
    losses, kept = [], []
    for first, second in _neighbours(inside.shape[0], inside.shape[1]):
        a, b = logits[0][first], logits[0][second]
        same = torch.logaddexp(logsigmoid(a) + logsigmoid(b), logsigmoid(-a) + logsigmoid(-b))
        distance = (lab[:, *first] - lab[:, *second]).norm(dim=0)
        losses.append(-same.flatten())
        kept.append(((torch.exp(-distance / 2) >= ALIKE) & (inside[first] | inside[second])).flatten())
    weights = torch.cat(kept).to(logits.dtype)
    return (torch.cat(losses) * weights).sum() / weights.sum().clamp(min=1)


def somewhere_loss(logits: Float[Tensor, "1 h w"]) -> Tensor:
    """Return the cross-entropy, a scalar, of a picture that shows a target, nobody knows where.

    Its logit is the mean of the highest ones, as in Durand et al. 2017, "WILDCAT".
    """
    count = max(1, round(SUREST * logits.numel()))
    highest = logits.flatten().topk(count).values.mean()
    return binary_cross_entropy_with_logits(highest, torch.ones_like(highest))


def _dice_loss(found: Float[Tensor, "k n"], truth: Float[Tensor, "k n"]) -> Float[Tensor, " k"]:
    both = 2 * (found * truth).sum(dim=1)
    return 1 - both / ((found**2).sum(dim=1) + (truth**2).sum(dim=1))


def _neighbours(height: int, width: int) -> list[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Return two windows for each direction: pixels at one place of both are neighbours."""
    pairs = []
    for down, across in ((0, REACH), (REACH, 0), (REACH, REACH), (REACH, -REACH)):
        rows = slice(0, height - down), slice(down, height)
        columns = slice(max(0, -across), width - max(0, across)), slice(max(0, across), width - max(0, -across))
        pairs.append(((rows[0], columns[0]), (rows[1], columns[1])))
    return pairs
