"""What the gap between synthetic pictures and photographs is measured with. No torch in here."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from synthgen.core.config import Model
from synthgen.core.letterbox import Fit
from synthgen.core.paths import LocalFolder
from trainers.config.weights import Weights

__all__ = ["GapConfig"]


class GapConfig(Model):
    """How the gap is measured.

    Attributes:
        images: Folder of photographs.
        encoder: Any that segmentation-models-pytorch knows, or timm.
        weights: Of the encoder: "imagenet" (from the hub), a local file, or "none": random ones.
        fit: How pictures of other sizes come into the first dataset's frame: "letterbox" or "stretch".
        group: Regular expression whose first group (or all that it matches) in a photograph's name, without suffix,
            names its source; empty: each photograph is a source of its own.
        samples: At most so many pictures of each dataset, and of the photographs, evenly spaced; 0 for all.
    """

    images: LocalFolder
    encoder: str = "mobilenet_v2"
    weights: Weights = "imagenet"
    fit: Fit = "letterbox"
    group: str = ""
    samples: int = Field(default=1000, ge=0)

    @field_validator("group")
    @classmethod
    def _readable(cls, group: str) -> str:
        try:
            re.compile(group)
        except re.error as error:
            raise ValueError(f"{group} is no regular expression: {error}; correct it") from error
        return group
