"""How a localizer is opened, and how its maps become masks. No torch in here."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt, model_validator

from synthgen.core.config import Model
from synthgen.core.paths import LocalSource
from trainers.config.clip import ClipConfig
from trainers.config.registry import LOCALIZERS, OneOf
from trainers.config.weights import Weights

__all__ = ["ChosenLocalizer", "Interpolation", "LocalizerConfig", "Order", "PostProcessing", "with_place"]

Interpolation = Literal["nearest", "bilinear", "bicubic"]
Order = Literal["none", "dilate_erode", "erode_dilate"]


def _says_something(prompt: str) -> str:
    if not any(letter.isalnum() for letter in prompt):
        raise ValueError(f"{prompt!r} has neither a letter nor a digit, so it says nothing; write what to look for")
    return prompt


def with_place(template: str) -> str:
    """Return a sentence in which a prompt has its place, at "{}".

    Raises:
        ValueError: It has none, or several.
    """
    if template.count("{}") != 1:
        raise ValueError(f'template {template!r} has no place for a prompt; write one "{{}}", e.g. "a photo of a {{}}"')
    return template


Prompts = tuple[Annotated[str, AfterValidator(_says_something)], ...]
Classes = Annotated[tuple[NonNegativeInt, ...], Field(min_length=1)]

OVER_CLIP = ("backgrounds", "template")
OVER_CLASSES = {"encoder": ("backgrounds", "weights", "classes"), "model": ()}
FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "centre": {"": ()},
    "uniform": {"": ()},
    "raw": {"clip": OVER_CLIP},
    "gem": {"clip": (*OVER_CLIP, "depth")},
    "clip_text_span": {"clip": OVER_CLIP},
    "cam": OVER_CLASSES,
    "grad_cam": {"clip": (*OVER_CLIP, "seed_literal"), **OVER_CLASSES},
    "score_cam": {"clip": (*OVER_CLIP, "seed_literal"), **OVER_CLASSES},
    "ts_cam": {"model": ()},
    "lctr": {"model": ()},
}
"""What a method can stand on, and the fields that then say something to it. Any method is told prompts and size."""

GROUNDS = {
    "clip": "a clip, e.g. {model: ViT-B-16-quickgelu, weights: openai}",
    "encoder": "an encoder, e.g. mobilenet_v2, with its classes",
    "model": "a model, the folder of one that was trained",
    "": "nothing of these",
}


class LocalizerConfig(Model):
    """One way to say where on a picture that lies which a prompt names.

    Attributes:
        method: Name in the registry of localizers.
        prompts: What to look for. Of several, the one that a place fits best counts. To a model that was trained here,
            every prompt means its target, and it needs none.
        backgrounds: What pictures show otherwise: over a CLIP, the mean of their embeddings is taken from that of each
            prompt; over an encoder, a prompt's classes are compared with theirs.
        template: Over a CLIP: the sentence that a prompt or a background stands in, at "{}".
        size: (height, width) that pictures are brought to; by default the method's own.
        clip: The CLIP of methods that stand on one: "raw", "gem", "clip_text_span", "grad_cam", "score_cam".
        model: Folder of a trained model. Of methods that learn, "ts_cam" and "lctr"; and of "cam", "grad_cam" and
            "score_cam" over a classifier of one logit.
        encoder: Of "cam", "grad_cam" and "score_cam": a classifier of torchvision's, such as "mobilenet_v2".
        weights: Of the encoder, its classifier with it: "imagenet", from the hub; a file; or "none", random ones.
        classes: Which of the encoder's classes a prompt or a background means, by their numbers.
        depth: Of "gem": its second path runs beside all blocks of the last `depth` but the first; beside all where
            there are no more.
        seed_literal: Of "grad_cam" and "score_cam" over a CLIP: go by the cosine itself, as the paper says, and not by
            the cosine times what the CLIP learnt to multiply it by.
    """

    method: Annotated[str, OneOf(LOCALIZERS)]
    prompts: Prompts = ()
    backgrounds: Prompts = ()
    template: Annotated[str, AfterValidator(with_place)] = "{}"
    size: tuple[PositiveInt, PositiveInt] | None = None
    clip: ClipConfig | None = None
    model: LocalSource | None = None
    encoder: str = ""
    weights: Weights = "imagenet"
    classes: dict[str, Classes] = Field(default={})
    depth: int = Field(default=7, ge=2)
    seed_literal: bool = False

    @property
    def ground(self) -> str:
        """What the method stands on: "clip", "encoder" or "model"; empty where it looks at nothing."""
        return " and ".join(name for name in GROUNDS if name and getattr(self, name))

    @model_validator(mode="after")
    def _fits_its_method(self) -> Self:
        known = FIELDS.get(self.method)
        if known is None:
            return self
        if self.ground not in known:
            wanted = "; or ".join(GROUNDS[name] for name in known)
            raise ValueError(f"{self.method} cannot stand on {self.ground or 'nothing'}; give {wanted}")
        telling = {name for grounds in FIELDS.values() for names in grounds.values() for name in names}
        for name in sorted(telling - set(known[self.ground])):
            if getattr(self, name) != type(self).model_fields[name].default:
                over = f" over a {self.ground}" if self.ground else ""
                raise ValueError(f"{name} says nothing to {self.method}{over}; leave it out")
        return self

    @model_validator(mode="after")
    def _knows_what_to_look_for(self) -> Self:
        if not self.prompts and self.ground != "model":
            raise ValueError(f"{self.method} looks for what prompts name; give at least one")
        return self

    @model_validator(mode="after")
    def _classes_are_known(self) -> Self:
        asked = (*self.prompts, *self.backgrounds) if self.ground == "encoder" else ()
        missing = [name for name in asked if name not in self.classes]
        if missing:
            raise ValueError(f"classes says nothing of {missing[0]!r}; give the numbers of the classes that it means")
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
    """A localizer with what makes masks of its maps; `synthgen evaluate --localizer` writes one.

    Attributes:
        localizer: How it is opened.
        post: How its maps become masks.
        chosen_on: The pictures on which `post` and the localizer's template were chosen.
    """

    localizer: LocalizerConfig
    post: PostProcessing = PostProcessing()
    chosen_on: str = ""
