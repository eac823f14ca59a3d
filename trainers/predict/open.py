"""A predictor out of a file: a trained network in torch, or a packaged one in ONNX; no reader need know which."""

from __future__ import annotations

from pathlib import Path

from synthgen.core.errors import TrainingError
from trainers.learn.checkpoint import MODEL_FILE, TrainedModel, load_model, predictor_of
from trainers.models.detectors.stages import FILES
from trainers.predict.onnx import ONNX_FILE, OnnxBoxes, OnnxLabels, OnnxPixels, load_onnx
from trainers.predict.onnx_stages import OnnxStages, load_stages
from trainers.predict.protocols import Predictor

__all__ = ["open_model", "open_package", "open_predictor"]


def open_predictor(path: Path) -> Predictor:
    """Open model.pt or an .onnx file; of a folder, the one that lies there.

    Raises:
        TrainingError: It is missing, damaged, or not a synthgen model; or a folder holds both.
    """
    file = _file_of(path)
    if file.suffix == ".onnx":
        return open_package(file)
    predictor: Predictor = predictor_of(load_model(file))
    return predictor


def open_package(file: Path) -> OnnxPixels | OnnxBoxes | OnnxLabels | OnnxStages:
    """Open an .onnx file; of a detector of two stages, any of its files, as it needs them all.

    Raises:
        TrainingError: It, or one of its stages, is missing, damaged, or was not made by `synthgen package`.
    """
    return load_stages(file.parent) if file.name in FILES.values() else load_onnx(file)


def open_model(path: Path) -> TrainedModel:
    """Open model.pt, or the one in a folder, for what needs the network itself.

    Raises:
        TrainingError: It is a package, missing, damaged, or not a synthgen model; or a folder holds both.
    """
    file = _file_of(path)
    if file.suffix == ".onnx":
        raise TrainingError(f"{file}: a package's network cannot be changed; give the model.pt that it was made of")
    return load_model(file)


def _file_of(path: Path) -> Path:
    if not path.is_dir():
        return path
    found = [name for name in (MODEL_FILE, ONNX_FILE, FILES["trunk"]) if (path / name).is_file()]
    if len(found) > 1:
        raise TrainingError(f"{path}: holds {' and '.join(found)}; give the file that you mean")
    return path / found[0] if found else path
