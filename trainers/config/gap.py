"""What the gap between synthetic pictures and photographs is measured with. No torch in here."""

from __future__ import annotations

from pydantic import Field

from synthgen.core.config import Model
from synthgen.core.letterbox import Fit
from synthgen.core.paths import LocalFolder
from trainers.config.sources import SourcePattern
from trainers.config.weights import Weights

__all__ = ["GapConfig"]


class GapConfig(Model):
    """How the gap is measured.

    Attributes:
        images: Folder of photographs.
        encoder: Any that segmentation-models-pytorch knows, or timm.
        weights: Of the encoder: "imagenet" (from the hub), a local file, or "none": random ones.
        fit: How pictures of other sizes come into the first dataset's frame: "letterbox" or "stretch".
        group: Tells sources from names, as in `trainers.config.sources.source_of`.
        samples: At most so many pictures of each dataset, and of the photographs, evenly spaced; 0 for all.
    """

    images: LocalFolder
    encoder: str = "mobilenet_v2"
    weights: Weights = "imagenet"
    fit: Fit = "letterbox"
    group: SourcePattern = ""
    samples: int = Field(default=1000, ge=0)
