"""Pictures to score, read and fitted a batch ahead in threads, so that decoding does not hold up the predictor."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from jaxtyping import UInt8

from synthgen.core.letterbox import FITS, Fit, Letterbox
from synthgen.core.picture import DecodedPicture, Picture, Samples, Truth
from synthgen.core.types import Size

__all__ = ["load_batches"]

THREADS = 2
AnyMask = UInt8[np.ndarray, "_h _w"]


def load_batches(
    samples: Samples, *, batch: int, size: Size | None, fit: Fit = "letterbox"
) -> Iterator[list[DecodedPicture]]:
    """Yield all pictures in order, at most `batch` at a time, fitted into `size` (None: as they are).

    Two batches are in memory. Boxes stay in the picture's own pixels: whoever compares boxes asks for no size.
    """
    with ThreadPoolExecutor(THREADS) as pool:

        def begin(first: int) -> list[Future[DecodedPicture]]:
            numbers = range(first, min(first + batch, len(samples)))
            return [pool.submit(_loaded, samples, number, size, fit) for number in numbers]

        pending = begin(0)
        for first in range(0, len(samples), batch):
            following = begin(first + batch)
            yield [part.result() for part in pending]
            pending = following


def _loaded(samples: Samples, number: int, size: Size | None, fit: Fit) -> DecodedPicture:
    picture: Picture = samples[number]
    image, truth = picture.image, picture.truth
    if size is not None and image.shape[:2] != size:
        fitted = FITS[fit]((image.shape[0], image.shape[1]), size)
        image, truth = fitted.put(image), _fitted(truth, fitted)
    return DecodedPicture(picture.name, picture.group, image, truth)


def _fitted(truth: Truth, letterbox: Letterbox) -> Truth:
    """Fit mask and ignored region; the bars beside the frame are background.

    Of the mask stays what is a target, and whose pixels they are where boxes say which instances there are.
    """
    mask = None if truth.mask is None else letterbox.put(truth.mask > 0).astype(np.uint8)
    if truth.mask is not None and mask is not None and truth.boxes is not None and truth.boxes.numbers is not None:
        mask *= _owners(truth.mask, truth.boxes.numbers, letterbox)
    ignore = None if truth.ignore is None else letterbox.put(truth.ignore)
    return replace(truth, mask=mask, ignore=ignore)


def _owners(mask: AnyMask, numbers: UInt8[np.ndarray, " n"], letterbox: Letterbox) -> AnyMask:
    """Return the number of the instance that covers most of each pixel, among those of `numbers`; 1 without any."""
    if not len(numbers):
        return np.ones(letterbox.size, np.uint8)
    covers = [letterbox.put((mask == number).astype(np.uint8) * 255) for number in numbers]
    owners: np.ndarray = numbers[np.argmax(covers, axis=0)]
    return owners
