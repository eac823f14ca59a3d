"""What changes a sample on the CPU as it is loaded: an albumentations pipeline, JPEG; image by image."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from synthgen.core.augmentation import Pipeline
from synthgen.core.errors import TrainingError
from synthgen.core.picture import Truth
from synthgen.core.pictures import encode_jpeg
from synthgen.core.types import RGB
from synthgen.shards.codec import decode_image

__all__ = ["Mirrored", "Recompressed", "Recurring", "RowAugmentation", "Transform"]


@runtime_checkable
class Transform(Protocol):
    """Changes an image in place and returns the truth that it has now."""

    def __call__(self, image: RGB, truth: Truth, epoch: int, row: int) -> Truth:
        """Change one sample; called from several threads."""
        ...


class RowAugmentation:
    """An albumentations pipeline; draws from (seed, epoch, row). Masks and ignored regions follow the geometry."""

    def __init__(self, pipeline: dict[str, Any], seed: int) -> None:
        """Build the pipeline, as `albumentations.to_dict` writes it.

        Raises:
            ConfigError: albumentations cannot read it.
        """
        self._pipeline, self._seed = Pipeline(json.dumps(pipeline), "albumentations"), seed
        self._pipeline.check()

    def __call__(self, image: RGB, truth: Truth, epoch: int, row: int) -> Truth:
        """Augment in place.

        Raises:
            ConfigError: The pipeline changes the size of the picture, or its type.
            TrainingError: The truth has boxes, which such a pipeline does not move.
        """
        if truth.boxes is not None:
            raise TrainingError("albumentations moves masks only, and this task learns from boxes; use augment instead")
        seed = int(np.random.SeedSequence((self._seed, epoch, row)).generate_state(1)[0])
        regions = [region.astype(np.uint8) for region in (truth.mask, truth.ignore) if region is not None]
        done = self._pipeline.run(seed, image, **({"masks": regions} if regions else {}))
        image[:] = done["image"]
        moved = list(done.get("masks", ()))
        return replace(
            truth,
            mask=None if truth.mask is None else moved.pop(0),
            ignore=None if truth.ignore is None else moved.pop(0) > 0,
        )


class Recompressed:
    """JPEG of one picture in five, at quality 40–95; draws from (seed, epoch, row).

    It is a part of `augment: true` that runs here, as a picture takes a millisecond, where kornia's own JPEG takes a
    tenth of a step.
    """

    def __init__(self, seed: int) -> None:
        """Set the seed."""
        self._seed = seed

    def __call__(self, image: RGB, truth: Truth, epoch: int, row: int) -> Truth:
        """Compress in place; the truth stays."""
        rng = np.random.default_rng(np.random.SeedSequence((self._seed, epoch, row), spawn_key=(2,)))
        if rng.random() < 0.2:
            decode_image(encode_jpeg(image, int(rng.integers(40, 96))), out=image)
        return truth


class Mirrored:
    """Mirrors one picture in two, with its mask; draws from (seed, epoch, row).

    Where pictures change on the device, `trainers.loading.augment.MIRROR` does it.
    """

    def __init__(self, seed: int) -> None:
        """Set the seed."""
        self._seed = seed

    def __call__(self, image: RGB, truth: Truth, epoch: int, row: int) -> Truth:
        """Mirror in place.

        Raises:
            TrainingError: The truth has boxes, which are not mirrored here.
        """
        if truth.boxes is not None:
            raise TrainingError("pictures are mirrored with their masks here, and this task learns from boxes")
        rng = np.random.default_rng(np.random.SeedSequence((self._seed, epoch, row), spawn_key=(4,)))
        if rng.random() >= 0.5:
            return truth
        image[:] = image[:, ::-1].copy()
        return replace(
            truth,
            mask=None if truth.mask is None else truth.mask[:, ::-1],
            ignore=None if truth.ignore is None else truth.ignore[:, ::-1],
        )


class Recurring:
    """Another transform that makes a fixed number of views of each picture, one an epoch, and then the same again."""

    def __init__(self, transform: Transform, views: int) -> None:
        """Give as many views as the first `views` epochs of `transform` have."""
        self._transform, self._views = transform, views

    def __call__(self, image: RGB, truth: Truth, epoch: int, row: int) -> Truth:
        """Change one sample as in the epoch that this one repeats."""
        return self._transform(image, truth, epoch % self._views, row)
