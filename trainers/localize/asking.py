"""Pictures of any size are brought to a localizer, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import cv2
import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from synthgen.core.types import AnyRGB, Size
from trainers.localize.localizer import Classifies, Localizer

__all__ = ["asked", "fits_of", "pixels_for", "relevance_of"]


def pixels_for(localizer: Localizer, images: Sequence[AnyRGB]) -> Float32[Tensor, "b 3 _down _across"]:
    """Return pictures of any sizes as a localizer takes them: of its own size (bicubic), 0–1, on its device."""
    return torch.stack([_brought(image, localizer.size) for image in images]).to(localizer.device)


def relevance_of(
    localizer: Localizer, images: Sequence[AnyRGB], prompts: Sequence[str]
) -> Float32[np.ndarray, "b k _down _across"]:
    """Return the coarse maps of pictures of any sizes, each brought to the localizer's own size (bicubic).

    Raises:
        TrainingError: A prompt means nothing to it.
    """
    found: np.ndarray = localizer.relevance(pixels_for(localizer, images), prompts).detach().float().cpu().numpy()
    return found


def fits_of(
    localizer: Localizer, images: Sequence[AnyRGB], prompts: Sequence[str]
) -> Float32[np.ndarray, "b k"] | None:
    """Return how well pictures of any sizes fit each prompt; None where the localizer does not classify.

    Raises:
        TrainingError: A prompt means nothing to it.
    """
    if not isinstance(localizer, Classifies):
        return None
    found: np.ndarray = localizer.fits(pixels_for(localizer, images), prompts).detach().float().cpu().numpy()
    return found


def asked(
    localizer: Localizer, images: Sequence[AnyRGB], prompts: Sequence[tuple[str, ...]], batch_size: int
) -> Iterator[Float32[np.ndarray, "_down _across"]]:
    """Yield a map for each picture, which has prompts of its own: at each place the prompt that fits best counts.

    Pictures that follow each other with the same prompts are asked together.

    Raises:
        TrainingError: A prompt means nothing to it.
    """
    for wanted, group in groupby(zip(images, prompts, strict=True), key=lambda pair: pair[1]):
        same = [image for image, _ in group]
        for first in range(0, len(same), batch_size):
            yield from relevance_of(localizer, same[first : first + batch_size], wanted).max(axis=1)


def _brought(image: AnyRGB, size: Size) -> Tensor:
    height, width = size
    smaller = image.shape[0] * image.shape[1] > height * width
    resized = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
    return torch.from_numpy(np.ascontiguousarray(resized)).permute(2, 0, 1).float() / 255
