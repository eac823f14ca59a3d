"""A trained segmenter as a predictor of pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from trainers.config.classes import ClassesConfig
from trainers.config.segmentation import SegmentationConfig
from trainers.tasks.segmentation.outputs import class_probabilities
from trainers.tasks.trained_predictor import TrainedPredictor

__all__ = ["Segmenter"]


@dataclass(frozen=True, slots=True, eq=False)
class Segmenter(TrainedPredictor):
    """A `trainers.predict.protocols.PixelPredictor`."""

    @property
    def classes(self) -> ClassesConfig:
        """What it tells apart."""
        return self._config

    def probabilities(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b k h w"]:
        """Return the probability of each class, 0–1, for every pixel; of one class without a name: of foreground."""
        outputs = self.model.outputs(images).float()
        found: np.ndarray = class_probabilities(outputs, softmax=self._config.softmax).cpu().numpy()
        return found

    @property
    def _config(self) -> SegmentationConfig:
        config = self.model.config
        assert isinstance(config, SegmentationConfig), "a model of this task"
        return config
