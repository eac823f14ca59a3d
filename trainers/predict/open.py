"""A predictor out of a file: a trained network in torch, or a packaged one in ONNX; no reader need know which."""

from __future__ import annotations

from pathlib import Path

from synthgen.core.errors import TrainingError
from trainers.learn.checkpoint import MODEL_FILE, load_model, predictor_of
from trainers.predict.onnx import ONNX_FILE, load_onnx
from trainers.predict.protocols import Predictor

__all__ = ["open_predictor"]


def open_predictor(path: Path) -> Predictor:
    """Open model.pt or an .onnx file; of a folder, the one that lies there.

    Raises:
        TrainingError: It is missing, damaged, or not a synthgen model; or a folder holds both.
    """
    file = path
    if path.is_dir() and (path / ONNX_FILE).is_file():
        file = path / ONNX_FILE
        if (path / MODEL_FILE).is_file():
            raise TrainingError(f"{path}: holds {MODEL_FILE} and {ONNX_FILE}; give the file that you mean")
    if file.suffix == ".onnx":
        return load_onnx(file)
    predictor: Predictor = predictor_of(load_model(file))
    return predictor
