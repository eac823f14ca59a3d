"""A packaged model in ONNX, run by onnxruntime: RGB uint8 in, probabilities out, all preparation within the graph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from jaxtyping import Float32, UInt8

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size

__all__ = ["INPUT", "ONNX_FILE", "OUTPUT", "OnnxModel", "load_onnx"]

ONNX_FILE = "model.onnx"
INPUT, OUTPUT = "images", "probabilities"  # uint8 (batch, height, width, 3) → float32 (batch, height, width)


@dataclass(frozen=True, slots=True, eq=False)
class OnnxModel:
    """A network ready to predict.

    Attributes:
        session: Of onnxruntime.
        title: Name in tables.
        size: (height, width) it takes.
    """

    session: onnxruntime.InferenceSession
    title: str
    size: Size

    def probabilities(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b h w"]:
        """Return the probability of foreground, 0–1, for every pixel."""
        found: np.ndarray = self.session.run([OUTPUT], {INPUT: np.ascontiguousarray(images)})[0]
        return found


def load_onnx(path: Path) -> OnnxModel:
    """Load what `synthgen package` wrote, onto the GPU where onnxruntime has one.

    Raises:
        TrainingError: It is missing, damaged, or was not made by `synthgen package`.
    """
    if not path.is_file():
        raise TrainingError(f"{path}: no such file; give a model made by `synthgen package`")
    try:
        session = onnxruntime.InferenceSession(path, providers=_providers())
    except Exception as error:  # onnxruntime has a class of its own for each kind of damage
        first_line = str(error).partition("\n")[0]
        raise TrainingError(f"{path}: onnxruntime cannot load it: {first_line}; package the model again") from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    found = [(value.name, value.type, len(value.shape)) for value in (*inputs, *outputs)]
    if found != [(INPUT, "tensor(uint8)", 4), (OUTPUT, "tensor(float)", 3)]:
        raise TrainingError(
            f"{path}: takes and gives {', '.join(name for name, _, _ in found)}, of other classes or shapes than "
            f"a model made by `synthgen package`: {INPUT} uint8 (b, h, w, 3), {OUTPUT} float (b, h, w)"
        )
    height, width = inputs[0].shape[1:3]
    title = session.get_modelmeta().custom_metadata_map.get("title", path.stem)
    return OnnxModel(session, title, (height, width))


def _providers() -> list[str]:
    present = onnxruntime.get_available_providers()
    return [name for name in ("CUDAExecutionProvider", "CPUExecutionProvider") if name in present]
