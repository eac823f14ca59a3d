"""A localizer that makes pseudo-labels: its maps become masks, boxes of their parts, and a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from jaxtyping import Float32

from synthgen.core.errors import TrainingError
from synthgen.core.geometry import large_parts, tight_box
from synthgen.core.picture import Boxes, Picture
from synthgen.core.types import Alpha, Coverage, Size
from trainers.config.localizer import LocalizerConfig, PostProcessing
from trainers.localize.asking import relevance_of
from trainers.localize.heat import heat_map, mask_of
from trainers.localize.localizer import Localizer
from trainers.pseudo.annotator import Seen, heat_codes

__all__ = ["LocalizerAnnotator", "distinctness"]

UNNAMED = "target"  # of a model that was trained here, and was asked for nothing else

Maps = Float32[np.ndarray, "k down across"]


@dataclass(frozen=True, slots=True, eq=False)
class LocalizerAnnotator:
    """Says where a localizer sees what its prompts name.

    Attributes:
        localizer: It.
        config: What it was opened with.
        post: How its maps become masks.
    """

    localizer: Localizer
    config: LocalizerConfig
    post: PostProcessing

    @property
    def params(self) -> Mapping[str, object]:
        """The localizer, its prompts, and the post-processing."""
        return {
            "localizer": self.localizer.title,
            **self.localizer.params,
            "prompts": self.config.prompts,
            "backgrounds": self.config.backgrounds,
            "template": self.config.template,
            "size": self.localizer.size,
            "post": self.post.model_dump(),
        }

    def annotate(self, pictures: Sequence[Picture]) -> list[Seen]:
        """Find the masks of pictures of any sizes, all asked at once.

        Raises:
            TrainingError: A prompt means nothing to the localizer, or the device has too little memory.
        """
        try:
            maps = relevance_of(self.localizer, [picture.image for picture in pictures], self.config.prompts)
        except torch.OutOfMemoryError as error:
            raise TrainingError(f"out of memory with {len(pictures)} pictures at once; lower batch_size") from error
        return [self._seen(own, picture.size) for own, picture in zip(maps, pictures, strict=True)]

    def _seen(self, maps: Maps, size: Size) -> Seen:
        """Of several prompts, the one that a place fits best counts."""
        heat = heat_map(maps.max(axis=0), size, self.post.interpolation, positive=self.localizer.positive)
        mask = mask_of(heat, self.post)
        parts, names = large_parts(mask), self.config.prompts or (UNNAMED,)
        boxes = Boxes.of(
            [tight_box(part) for part in parts],
            [names[_best(maps, part)] for part in parts],
            [_above(heat, part, ~mask) for part in parts],
        )
        return Seen(boxes, mask, heat_codes(heat), distinctness(heat, mask))


def distinctness(heat: Alpha, mask: Coverage) -> float:
    """Return how far a mask stands out: the mean of the heat map within it minus the mean outside, 0–1.

    It is 0 where the mask is empty or covers everything, as nothing stands out then.
    """
    return _above(heat, mask, ~mask)


def _above(heat: Alpha, part: Coverage, outside: Coverage) -> float:
    if not part.any() or not outside.any():
        return 0.0
    return max(0.0, float(heat[part].mean()) - float(heat[outside].mean()))


def _best(maps: Maps, part: Coverage) -> int:
    """Return the prompt whose map is highest over a part."""
    _, down, across = maps.shape
    share = cv2.resize(part.astype(np.float32), (across, down), interpolation=cv2.INTER_AREA)
    return int((maps * share).sum(axis=(1, 2)).argmax())
