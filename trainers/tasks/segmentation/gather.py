"""Masks of all ranks with the pixels that are to be ignored, which some ranks may have and others not."""

from __future__ import annotations

from torch import Tensor

from trainers.learn.ranks import gathered, several_ranks

__all__ = ["gathered_masks"]


def gathered_masks(logits: Tensor, masks: Tensor, ignore: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return logits (b, c, h, w), masks (b, k, h, w) and ignored pixels (b, 1, h, w) of all ranks.

    None stands for the last where nothing is to be ignored.
    """
    if not several_ranks():
        return logits, masks, ignore
    coded = masks.to(logits.dtype)
    if ignore is not None:
        coded = coded.masked_fill(ignore, -1)
    everything, coded = gathered(logits, coded)
    left_out = coded[:, :1] < 0
    return everything, coded > 0, left_out if left_out.any() else None
