"""What localizers are judged on. No torch in here: wrong options fail before a model is read."""

from __future__ import annotations

from pydantic import Field, model_validator

from synthgen.core.config import Model
from synthgen.core.paths import LocalFile, LocalFolder
from synthgen.core.types import Split

__all__ = ["JudgingConfig"]

TRUTHS = ("masks", "boxes", "voc")


class JudgingConfig(Model):
    """Pictures whose truth is known, and how many of them are drawn.

    Attributes:
        dataset: A generated dataset. Settings are chosen on "val" and scored on `split`.
        split: Of the dataset.
        images: Folder of photographs; with `masks`, `boxes` or `voc`.
        masks: Folder of their masks: same stems, PNG.
        boxes: COCO JSON of their boxes.
        voc: Folder of Pascal VOC's XML: same stems, as ImageNet's localization has it. Each picture is asked for its
            own class.
        trios: Folder in CocoGlide's layout, with table.json. Each picture is asked for its own prompt.
        pictures: Rows in the page of pictures.
    """

    dataset: LocalFolder | None = None
    split: Split = "test"
    images: LocalFolder | None = None
    masks: LocalFolder | None = None
    boxes: LocalFile | None = None
    voc: LocalFolder | None = None
    trios: LocalFolder | None = None
    pictures: int = Field(default=8, ge=1, le=64)

    @model_validator(mode="after")
    def _are_one_set(self) -> JudgingConfig:
        truths = [name for name in TRUTHS if getattr(self, name) is not None]
        if (self.images is None) != (not truths) or len(truths) > 1:
            raise ValueError("images go together with one of masks, boxes and voc")
        if sum(each is not None for each in (self.dataset, self.images, self.trios)) != 1:
            raise ValueError(
                "localizers are judged on one set of pictures; give a DATASET, or images with masks, boxes or voc, "
                "or trios"
            )
        return self
