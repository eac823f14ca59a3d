"""Grounding DINO finds what a prompt names, SAM outlines it: pseudo-masks without any training.

Liu et al. 2023, "Grounding DINO: Marrying DINO with grounded pre-training for open-set object detection"; Kirillov et
al. 2023, "Segment anything".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import transformers
from transformers import GroundingDinoForObjectDetection, SamModel

from synthgen.core.errors import TrainingError
from synthgen.core.geometry import encode_rle
from synthgen.core.picture import Boxes, Picture
from synthgen.core.types import RGB
from trainers.config.pseudo_label import PseudoLabelConfig
from trainers.pseudo.annotator import Seen, seen_in_boxes
from trainers.pseudo.pretrained import Pretrained, open_pretrained

__all__ = ["GroundingDinoSam", "from_config"]


@dataclass(frozen=True, slots=True, eq=False)
class GroundingDinoSam:
    """Boxes by a prompt, and the outline of what lies in each.

    Attributes:
        detector: Grounding DINO.
        segmenter: SAM.
        prompt: In lower case, with a dot at its end.
        least_score: Boxes with a lower score are left out. Where all have, the one with the highest is told, so that
            whoever refuses it can say how near it was.
        text_threshold: What a word of the prompt must reach to be the name of a box.
    """

    detector: Pretrained
    segmenter: Pretrained
    prompt: str
    least_score: float
    text_threshold: float

    @property
    def params(self) -> Mapping[str, object]:
        """The models, the prompt, and the numbers."""
        return {
            "detector": self.detector.identity,
            "segmenter": self.segmenter.identity,
            "prompt": self.prompt,
            "text_threshold": self.text_threshold,
            "transformers": transformers.__version__,
        }

    @torch.inference_mode()
    def annotate(self, pictures: Sequence[Picture]) -> list[Seen]:
        """Find boxes on all pictures of one size at once, then outline those of each.

        Pictures of several sizes would be padded to one, and padding changes scores: what is found on a picture would
        depend on those that it comes with.

        Raises:
            TrainingError: The device has too little memory.
        """
        found: dict[int, Boxes] = {}
        try:
            for size in {picture.size for picture in pictures}:
                numbers = [number for number, picture in enumerate(pictures) if picture.size == size]
                found |= zip(numbers, self._boxes([pictures[number].image for number in numbers]), strict=True)
            outlined = [self._outlined(picture.image, found[number]) for number, picture in enumerate(pictures)]
            return [seen_in_boxes(boxes, picture.size) for boxes, picture in zip(outlined, pictures, strict=True)]
        except torch.OutOfMemoryError as error:
            raise TrainingError(f"out of memory with {len(pictures)} pictures at once; lower batch_size") from error

    def _boxes(self, images: Sequence[RGB]) -> list[Boxes]:
        model, processor = self.detector.model, self.detector.processor
        inputs = processor(images=list(images), text=[self.prompt] * len(images), return_tensors="pt").to(model.device)
        sizes = [image.shape[:2] for image in images]
        found = processor.post_process_grounded_object_detection(
            model(**inputs), inputs.input_ids, threshold=0.0, text_threshold=self.text_threshold, target_sizes=sizes
        )
        return [self._sure(each, image) for each, image in zip(found, images, strict=True)]

    def _sure(self, found: Mapping[str, Any], image: RGB) -> Boxes:
        height, width = image.shape[:2]
        corners = np.clip(found["boxes"].cpu().numpy(), 0, [width, height, width, height])
        boxes = Boxes.of(corners, found["text_labels"], found["scores"].cpu().numpy())
        assert boxes.scores is not None
        sure = boxes.scores >= self.least_score
        return boxes.select(sure if sure.any() else np.argsort(-boxes.scores)[:1])

    def _outlined(self, image: RGB, boxes: Boxes) -> Boxes:
        """Add the mask of each box; one at a time comes to the size of the picture, as many would fill the memory."""
        if not len(boxes):
            return Boxes.of([], [], [], masks=[])
        model, processor = self.segmenter.model, self.segmenter.processor
        inputs = processor(images=image, input_boxes=[boxes.xyxy.tolist()], return_tensors="pt").to(model.device)
        sizes = inputs.pop("original_sizes"), inputs.pop("reshaped_input_sizes")
        logits = model(**inputs, multimask_output=False).pred_masks[0]
        masks = [processor.post_process_masks([own[None]], *sizes)[0][0, 0] for own in logits]
        return Boxes.of(
            boxes.xyxy, boxes.categories, boxes.scores, masks=[encode_rle(mask.cpu().numpy()) for mask in masks]
        )


def from_config(config: PseudoLabelConfig) -> GroundingDinoSam:
    """Open both models.

    Raises:
        TrainingError: A model is not there or not whole, or the prompt means nothing to it or is too long for it.
    """
    detector = open_pretrained(config.detector, GroundingDinoForObjectDetection, "detector")
    _check_prompt(config.prompt, detector, config.detector)
    segmenter = open_pretrained(config.segmenter, SamModel, "segmenter")
    return GroundingDinoSam(detector, segmenter, config.prompt, config.gate.least_score, config.text_threshold)


def _check_prompt(prompt: str, detector: Pretrained, name: str) -> None:
    """Refuse a prompt that the model would cut off, or of which it knows no word."""
    tokenizer, text = detector.processor.tokenizer, detector.model.config.text_config
    tokens = tokenizer(prompt).input_ids
    longest = min(detector.model.config.max_text_len, text.max_position_embeddings)
    if len(tokens) > longest:
        raise TrainingError(f"prompt of {len(tokens)} tokens; detector {name} reads {longest}: name fewer things")
    if max(tokens) >= text.vocab_size:
        raise TrainingError(
            f"detector {name}: its tokenizer knows words that the model does not; give the model's own tokenizer"
        )
    nothing = {*tokenizer.all_special_ids, tokenizer.convert_tokens_to_ids(".")}
    if nothing.issuperset(tokens):
        raise TrainingError(f"prompt {prompt!r}: detector {name} knows no word of it; use plain English words")
