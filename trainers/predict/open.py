"""What can predict: a trained network in torch, or a packaged one in ONNX; no reader need know which."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8

from synthgen.core.types import Size
from trainers.learn.checkpoint import load_model
from trainers.predict.onnx import ONNX_FILE, load_onnx

__all__ = ["Predictor", "load_predictor"]


@runtime_checkable
class Predictor(Protocol):
    """Turns pictures into probabilities.

    Attributes:
        title: Name in tables.
        size: (height, width) of the pictures it takes.
    """

    title: str
    size: Size

    def probabilities(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b h w"]:
        """Return the probability of foreground, 0–1, for every pixel."""
        ...


def load_predictor(path: Path) -> Predictor:
    """Load model.pt or an .onnx file; of a folder, the one that lies there.

    Raises:
        TrainingError: It is missing, damaged, or not a synthgen model.
    """
    file = path / ONNX_FILE if path.is_dir() and (path / ONNX_FILE).is_file() else path
    return load_onnx(file) if file.suffix == ".onnx" else load_model(file)
