"""A trained model as ONNX: preparation and sigmoid in the graph, any batch size, checked against torch; int8 too."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from synthgen.core.files import atomic_path
from trainers.learn.checkpoint import TrainedModel
from trainers.predict.onnx import INPUT, OUTPUT, load_onnx
from trainers.tasks.segmentation.task import Segmentation

__all__ = ["OPSET", "TOLERANCE", "export_onnx", "quantize"]

OPSET = 18
TOLERANCE = 1e-4  # of a probability, between torch and onnxruntime


class _Graph(nn.Module):
    """RGB uint8 (b, h, w, 3) → probabilities (b, h, w)."""

    def __init__(self, module: Segmentation) -> None:
        super().__init__()
        self.module = module

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.module(images.permute(0, 3, 1, 2))
        return torch.sigmoid(logits)[:, 0]


def export_onnx(model: TrainedModel, path: Path) -> float:
    """Write `path`; return the largest difference of a probability from torch, on noise in batches of 1 and 3.

    Raises:
        TrainingError: The network cannot be exported, or differs by more than `TOLERANCE`.
        OutputError: The file cannot be written.
    """
    graph = _Graph(model.module).eval().cpu()
    try:
        with atomic_path(path) as temporary:
            _export(graph, _noise(2, model), temporary)
            _add_title(temporary, model.title)
        difference = max(_difference(graph, path, _noise(batch, model)) for batch in (1, 3))
    finally:
        graph.to(model.module.device)
    if difference > TOLERANCE:
        path.unlink()
        raise TrainingError(
            f"{path}: ONNX and torch differ by {difference:.1e} of a probability, more than {TOLERANCE:.0e}; "
            "choose another network or encoder"
        )
    return difference


def quantize(path: Path, output: Path, calibration: Iterable[np.ndarray] | None, title: str) -> None:
    """Write an int8 model: weights by channel, activations by ranges seen on `calibration`, or, without, as they come.

    Args:
        path: Of the float model.
        output: Of the int8 one.
        calibration: Batches of RGB uint8 (b, h, w, 3).
        title: Name in tables.
    """
    with tempfile.TemporaryDirectory() as folder, atomic_path(output) as temporary, _silence():
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(path), str(prepared))
        if calibration is None:
            quantize_dynamic(prepared, temporary, weight_type=QuantType.QUInt8)
        else:
            quantize_static(prepared, temporary, _Batches(calibration), quant_format=QuantFormat.QDQ, per_channel=True)
        _add_title(temporary, title)


class _Batches(CalibrationDataReader):
    def __init__(self, batches: Iterable[np.ndarray]) -> None:
        self._batches = iter(batches)

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self._batches, None)
        return None if batch is None else {INPUT: batch}


def _export(graph: nn.Module, example: Tensor, path: Path) -> None:
    try:
        with _silence():
            program = torch.onnx.export(
                graph,
                (example,),
                dynamo=True,
                dynamic_shapes={"images": {0: torch.export.Dim("batch")}},
                input_names=[INPUT],
                output_names=[OUTPUT],
                opset_version=OPSET,
                verbose=False,
            )
    except torch.onnx.errors.OnnxExporterError as error:
        first_line = str(error).partition("\n")[0]
        raise TrainingError(f"{path.name}: torch cannot export this network: {first_line}; choose another") from error
    program.save(path, external_data=False)


def _add_title(path: Path, title: str) -> None:
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"title": title})
    onnx.save(model, path)


def _difference(graph: nn.Module, path: Path, images: Tensor) -> float:
    with torch.inference_mode():
        expected = graph(images).numpy()
    return float(np.abs(load_onnx(path).probabilities(images.numpy()) - expected).max())


def _noise(batch: int, model: TrainedModel) -> Tensor:
    generator = torch.Generator().manual_seed(batch)
    return torch.randint(0, 256, (batch, *model.size, 3), dtype=torch.uint8, generator=generator)


@contextmanager
def _silence() -> Iterator[None]:
    """Hold back what exporter and quantiser say of their own insides."""
    level = logging.root.manager.disable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(level)
