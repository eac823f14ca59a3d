"""What `synthgen pseudo-label` does. No torch in here: wrong options fail before a model is read."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from synthgen.core.config import Model
from synthgen.core.paths import LocalFile, LocalFolder
from trainers.config.registry import ANNOTATORS, OneOf

__all__ = ["Gate", "PseudoLabelConfig"]

GROUNDING_DINO_SAM, GRABCUT = "grounding_dino_sam", "grabcut"


class Gate(Model):
    """What a pseudo-label must be to be learnt from.

    Attributes:
        least_score: Of the picture. Boxes with a lower score are left out.
        least_area: Of the mask, as a share of the picture.
        most_area: Of the mask, as a share of the picture.
    """

    least_score: float = Field(default=0.3, ge=0, le=1)
    least_area: float = Field(default=0.001, ge=0, le=1)
    most_area: float = Field(default=0.6, gt=0, le=1)

    @model_validator(mode="after")
    def _is_open(self) -> Gate:
        if self.least_area > self.most_area:
            raise ValueError(f"least_area {self.least_area} is above most_area {self.most_area}; nothing would pass")
        return self


class PseudoLabelConfig(Model):
    """How pictures are given pseudo-labels.

    Attributes:
        images: Folder of the pictures.
        method: "grounding_dino_sam" (boxes by Grounding DINO from a prompt, their outlines by SAM) or "grabcut"
            (outlines by GrabCut inside boxes that are given).
        prompt: What Grounding DINO looks for, such as "weapon." or "gun. knife."; in lower case, with a dot at its end.
        detector: Grounding DINO: a folder, or its name on the hub.
        segmenter: SAM: a folder, or its name on the hub.
        text_threshold: Of Grounding DINO: what a word of the prompt must reach to be the name of a box.
        batch_size: Pictures that Grounding DINO sees at once, and that a part of the result holds.
        boxes: COCO JSON of the boxes, for "grabcut".
        labels: CSV with the columns `file` and `label`, for "grounding_dino_sam". Those with label 0 show no target
            and are not looked at; those with label 1 are learnt from by their label where the gate refuses the mask.
        gate: What a pseudo-label must be to be learnt from.
    """

    images: LocalFolder
    method: Annotated[str, OneOf(ANNOTATORS)] = GROUNDING_DINO_SAM
    prompt: str = ""
    detector: str = ""
    segmenter: str = ""
    text_threshold: float = Field(default=0.25, ge=0, le=1)
    batch_size: int = Field(default=4, ge=1, le=1024)
    boxes: LocalFile | None = None
    labels: LocalFile | None = None
    gate: Gate = Gate()

    @field_validator("prompt")
    @classmethod
    def _as_a_caption(cls, prompt: str) -> str:
        """Grounding DINO was trained on captions in lower case whose phrases end with a dot."""
        caption = " ".join(prompt.lower().split()).rstrip(" .")
        return f"{caption}." if caption else ""

    @model_validator(mode="after")
    def _fits_its_method(self) -> PseudoLabelConfig:
        if self.method == GRABCUT:
            if self.boxes is None:
                raise ValueError("grabcut draws outlines inside boxes; give boxes, a COCO JSON")
            told = [name for name in ("prompt", "detector", "segmenter", "labels") if getattr(self, name)]
            if told:
                raise ValueError(f"{told[0]} says nothing to grabcut, which goes by the boxes; leave it out")
        if self.method == GROUNDING_DINO_SAM:
            if self.boxes is not None:
                raise ValueError("boxes are for method grabcut; Grounding DINO finds its own")
            if not self.prompt:
                raise ValueError("prompt is empty; say what to look for, such as weapon.")
            missing = [name for name in ("detector", "segmenter") if not getattr(self, name)]
            if missing:
                raise ValueError(
                    f"{missing[0]} is missing; give a folder or a name on the hub, such as "
                    "IDEA-Research/grounding-dino-tiny as detector and facebook/sam-vit-base as segmenter"
                )
        return self
