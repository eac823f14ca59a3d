"""Small CLIPs of open_clip's own classes, which two cores train in minutes."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import normalize

from trainers.clip.libraries import library
from trainers.clip.prompts import Prompts, simple_prompts
from trainers.models.pixels import MEAN, STD

__all__ = ["SmallClip", "described", "small_prompts"]

WIDTH = 192  # of both towers, and of what they meet in
TOWERS: dict[str, dict[str, Any]] = {
    "vit": {"layers": 6, "width": WIDTH, "head_width": 64, "patch_size": 8},
    "resnet": {"layers": [1, 1, 1, 1], "width": 32},
}
VOCABULARY = 49408  # of CLIP's own tokenizer
TEXT = {"vocab_size": VOCABULARY, "width": WIDTH, "heads": 3, "layers": 3}


def described(network: str, side: int, context: int) -> dict[str, Any]:
    """Return what open_clip builds a small CLIP from.

    Args:
        network: Name in `TOWERS` of its image tower.
        side: Of its square pictures, pixels.
        context: Tokens that its text tower reads.
    """
    return {
        "embed_dim": WIDTH,
        "vision_cfg": {"image_size": side, **TOWERS[network]},
        "text_cfg": {"context_length": context, **TEXT},
    }


def small_prompts(title: str, context: int) -> Prompts:
    """Return the prompts of a small CLIP; `title` opens messages.

    Raises:
        TrainingError: open_clip is not installed.
    """
    return simple_prompts(title, library("open_clip").SimpleTokenizer(), context, VOCABULARY)


class SmallClip(nn.Module):
    """open_clip's `CLIP` with random weights: pictures and captions → embeddings of unit length."""

    def __init__(self, network: str, side: int, context: int) -> None:
        """Build it.

        Raises:
            TrainingError: open_clip is not installed.
        """
        super().__init__()
        open_clip = library("open_clip")
        self.described = described(network, side, context)
        self.clip: Any = open_clip.CLIP(**deepcopy(self.described))
        open_clip.set_model_preprocess_cfg(self.clip, {"size": side, "mean": MEAN, "std": STD})
        self.prompts = small_prompts(network, context)

    @property
    def scale(self) -> Tensor:
        """What cosines are multiplied by to be logits, a scalar."""
        scale: Tensor = self.clip.logit_scale.exp()
        return scale

    def forward(self, images: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b e"]:
        """Return the embedding of pictures, normalised as `trainers.models.pixels.prepared` does it."""
        return normalize(self.clip.encode_image(images), dim=-1)

    def texts(self, ids: Int64[Tensor, "k context"]) -> Float[Tensor, "k e"]:
        """Return the embedding of captions given as numbers; equal ones are computed once."""
        distinct, places = torch.unique(ids, dim=0, return_inverse=True)
        return normalize(self.clip.encode_text(distinct), dim=-1)[places]
