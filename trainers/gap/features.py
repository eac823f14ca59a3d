"""Features of pictures: every picture fitted into one size and looked at by a frozen encoder."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import nn

from synthgen.core.letterbox import Fit
from synthgen.core.picture import Picture, Samples
from synthgen.core.progress import Report
from synthgen.core.types import Size
from trainers.gap.kid import Features
from trainers.loading.photographs import Evenly
from trainers.models.pixels import prepared, to_channels_first
from trainers.score.load import load_batches

__all__ = ["evenly", "features_of"]

BATCH = 32


def features_of(
    samples: Samples,
    encoder: nn.Module,
    *,
    size: Size,
    fit: Fit = "letterbox",
    group: Callable[[Picture], str] | None = None,
    report: Report | None = None,
) -> Features:
    """Return what an encoder gives for each picture.

    Args:
        samples: The pictures, in order.
        encoder: (b, 3, h, w) → (b, d); see `trainers.models.pooled.pooled_encoder`.
        size: (height, width) that pictures of other sizes are fitted into.
        fit: How: "letterbox" or "stretch".
        group: Names what a picture shares with others that are no independent observations; None: its own group.
        report: Is told how many pictures are done.

    Raises:
        DatasetError: A picture cannot be read.
    """
    values, groups = list[np.ndarray](), list[str]()
    for batch in load_batches(samples, batch=BATCH, size=size, fit=fit):
        values.append(_encoded(encoder, np.stack([picture.image for picture in batch])))
        groups += [picture.group if group is None else group(picture) for picture in batch]
        if report is not None:
            report(len(batch))
    return Features.of(np.concatenate(values), groups)


def evenly(samples: Samples, most: int) -> Samples:
    """Return at most so many of the pictures, evenly spaced; all of them for 0."""
    return Evenly(samples, most) if most and len(samples) > most else samples


@torch.inference_mode()
def _encoded(encoder: nn.Module, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b d"]:
    pixels = to_channels_first(images).to(next(encoder.parameters()).device)
    found: np.ndarray = encoder(prepared(pixels.float() / 255)).float().cpu().numpy()
    return found
