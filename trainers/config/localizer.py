"""How a localizer is opened, and how its maps become masks. No torch in here."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from synthgen.core.config import Model
from synthgen.core.types import Size
from trainers.config.clip import ClipConfig
from trainers.config.registry import LOCALIZERS, OneOf

__all__ = ["ChosenLocalizer", "Interpolation", "LocalizerConfig", "Order", "PostProcessing"]

Interpolation = Literal["nearest", "bilinear", "bicubic"]
Order = Literal["none", "dilate_erode", "erode_dilate"]
Prompts = tuple[Annotated[str, Field(min_length=1)], ...]


class LocalizerConfig(Model):
    """One way to say where on a picture that lies which a prompt names.

    Attributes:
        method: Name in the registry of localizers.
        prompts: What to look for. Of several, the one that a place fits best counts.
        backgrounds: What pictures show otherwise. The mean of their embeddings is taken from that of each prompt.
        template: The sentence that a prompt or a background stands in, at "{}".
        size: (height, width) that pictures are brought to; by default the method's own.
        clip: The CLIP of methods that stand on one.
        model: Folder of a trained model, of methods that learn: "ts_cam" and "lctr".
        encoder: A network that was trained on classes, e.g. torchvision's "mobilenet_v2" with ImageNet's.
        weights: Of the encoder, its classifier with it: a file, or "imagenet".
        classes: Which of the encoder's classes a prompt means, by their numbers.
        depth: Of "gem": blocks of the transformer that it reaches over; all but the first of them are rewritten.
        seed_literal: Of "grad_cam" and "score_cam" over a CLIP: go by the cosine itself, as the paper says, and not by
            the cosine times what the CLIP learnt to multiply it by.
    """

    method: Annotated[str, OneOf(LOCALIZERS)]
    prompts: Annotated[Prompts, Field(min_length=1)]
    backgrounds: Prompts = ()
    template: str = "{}"
    size: Size | None = None
    clip: ClipConfig | None = None
    model: str = ""
    encoder: str = ""
    weights: str = ""
    classes: dict[str, tuple[int, ...]] = Field(default={})
    depth: int = Field(default=7, ge=2)
    seed_literal: bool = False

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.template.count("{}") != 1:
            raise ValueError(
                f'template {self.template!r} has no place for a prompt; write one "{{}}", e.g. "a photo of a {{}}"'
            )
        return self


class PostProcessing(Model):
    """How a map becomes a mask.

    Attributes:
        interpolation: How a coarse map is enlarged to the picture.
        order: Which grey morphology comes first: "dilate_erode" closes gaps, "erode_dilate" takes specks away.
        kernel: Side of its square kernel, as a share of the picture's longer side; 0 for none.
        threshold: What a pixel must reach, 0–1.
    """

    interpolation: Interpolation = "bilinear"
    order: Order = "none"
    kernel: float = Field(default=0.0, ge=0, le=1)
    threshold: float = Field(default=0.5, ge=0, le=1)


class ChosenLocalizer(Model):
    """A localizer with the post-processing that was chosen for it: the file localizer.yaml.

    Attributes:
        localizer: How it is opened.
        post: How its maps become masks.
    """

    localizer: LocalizerConfig
    post: PostProcessing = PostProcessing()
