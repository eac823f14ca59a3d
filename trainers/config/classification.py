"""What a training of classification is told beside the loop. No torch in here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from trainers.config.loop import TrainingConfig
from trainers.config.over_clip import OverClipConfig
from trainers.config.registry import CLASSIFIERS, OneOf

__all__ = ["ClassificationConfig"]

ZERO_SHOT = "clip_zero_shot"
OVER_CLIP = ("danger_clip", "ts_cam", "lctr", "clip_linear", ZERO_SHOT)
Prompts = Annotated[tuple[str, ...], Field(min_length=1)]


class ClassificationConfig(OverClipConfig, TrainingConfig):
    """One network that tells pictures with a target from those without.

    Attributes:
        network: "timm" is an encoder below one linear layer. "resnet50" and "vgg16" are torchvision's, below a hidden
            layer of 512 units. Five stand on a frozen CLIP: "danger_clip" is a transformer that learns from masks, too;
            "ts_cam" and "lctr" learn from labels and say where; "clip_linear" is one linear layer; "clip_zero_shot"
            compares prompts and learns nothing.
        encoder: Of "timm": any classifier that timm lists, or else an encoder of segmentation-models-pytorch, such as
            "mobilenet_v2", whose files of weights are torchvision's.
        prompt: Of "danger_clip", "ts_cam" and "lctr": what to look for. "lctr" does not read it: it is a name there.
        layers: Of "danger_clip": layers of its transformer.
        descriptor: Of "danger_clip": whether its transformer is asked by the prompt together with the picture as a
            whole; otherwise by the prompt alone.
        dense: Of "danger_clip": whether its attention learns from masks, where they are known.
        prompts: Of "clip_zero_shot": what to look for. A picture's probability is that of the likeliest one.
        backgrounds: What pictures show otherwise. "clip_zero_shot" compares each prompt with them, by softmax; the mean
            of their embeddings is the other class that "ts_cam" starts with.
        start: Of "ts_cam": "zero_shot" starts with the embeddings of `prompt` and `backgrounds`, "random" with nothing.
    """

    task: Literal["classification"] = "classification"
    network: Annotated[str, OneOf(CLASSIFIERS)] = "timm"
    encoder: str = "mobilenetv3_small_100"
    prompt: str = Field(default="weapon", min_length=1)
    layers: int = Field(default=6, ge=1, le=24)
    descriptor: bool = True
    dense: bool = True
    prompts: Prompts = ("weapon", "gun", "knife")
    backgrounds: Prompts = ("person", "room", "street", "tool", "phone")
    start: Literal["zero_shot", "random"] = "zero_shot"

    @property
    def over_clip(self) -> bool:
        """Whether the network stands on a CLIP."""
        return self.network in OVER_CLIP

    @property
    def learns_masks(self) -> bool:
        """Whether masks are learnt from, beside labels."""
        return self.network == "danger_clip" and self.dense

    @property
    def has_encoder(self) -> bool:
        """Whether the network has an encoder that may learn later than its head."""
        return super().has_encoder and not self.over_clip

    @property
    def begins_with(self) -> str:
        """What it begins with, without anybody's folders."""
        return super().begins_with if self.clip is None else self.clip.title

    def published(self) -> Self:
        """Return the same without the folders of whoever trained; a CLIP lies beside the model then."""
        clip = None if self.clip is None else self.clip.published()
        return super().published().model_copy(update={"clip": clip})

    def found_beside(self, folder: Path) -> Self:
        """Return the same with a CLIP that lies beside the model in `folder`.

        Raises:
            TrainingError: It is not there.
        """
        return self if self.clip is None else self.model_copy(update={"clip": self.clip.found_beside(folder)})

    def bare(self) -> Self:
        """Return the same network, for whoever does not train it."""
        return super().bare().model_copy(update={"views": 0, "start": "random"})

    @model_validator(mode="before")
    @classmethod
    def _clip_of_its_own(cls, values: Any) -> Any:
        """Leave aside a CLIP that the network does not stand on, and views that it does not learn from.

        So a study may name them for all its grids.
        """
        if not isinstance(values, Mapping):
            return values
        network = values.get("network")
        aside = ("clip", "views") if network not in OVER_CLIP else ("views",) if network == ZERO_SHOT else ()
        return {name: value for name, value in values.items() if name not in aside}

    @model_validator(mode="after")
    def _whole_pictures(self) -> ClassificationConfig:
        if self.crop is not None:
            raise ValueError("crop does not go with classification: a crop may leave out what the label tells of")
        return self

    @model_validator(mode="after")
    def _has_a_clip(self) -> ClassificationConfig:
        if self.over_clip and self.clip is None:
            example = "{model: ViT-B-16-quickgelu, weights: openai}"
            raise ValueError(f"network {self.network} stands on a CLIP; give clip, e.g. {example}")
        if self.over_clip and self.weights != "none":
            raise ValueError(f"weights are of encoders; what {self.network} begins with is said by clip")
        return self

    @model_validator(mode="after")
    def _views_can_recur(self) -> ClassificationConfig:
        if self.views and self.augment not in (False, "ssd"):
            raise ValueError("views goes with augment ssd or false: others are drawn anew in each step, on the device")
        return self

    def _short_name(self) -> str:
        if self.over_clip:
            return self.network
        return f"classifier-{self.encoder if self.network == 'timm' else self.network}"
