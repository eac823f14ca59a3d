"""A trained model of any task as ONNX: one graph, any batch size, checked against torch; int8 too."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnx
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor

from synthgen.core.errors import TrainingError
from synthgen.core.files import atomic_path
from trainers.config.classes import ClassesConfig
from trainers.config.operating_point import OperatingPoint
from trainers.learn.checkpoint import TrainedModel, predictor_of
from trainers.predict.onnx import INPUT, MAPS, ONNX_FILE, OUTPUTS, load_onnx, open_session
from trainers.predict.protocols import ShowsWhere, classes_of
from trainers.task import TASKS, Graph, PacksGraphs

__all__ = ["OPSET", "TOLERANCE", "Exported", "categories_of", "export_onnx", "quantize"]

OPSET = 18
TOLERANCE = 1e-4  # between torch and onnxruntime: of a probability, and as a share of what is larger than 1


@dataclass(frozen=True, slots=True)
class Exported:
    """The graphs of a package.

    Attributes:
        files: Their names; the first one takes pictures.
        difference: The largest from torch.
    """

    files: tuple[str, ...]
    difference: float


def export_onnx(model: TrainedModel, folder: Path) -> Exported:
    """Write the graphs of the model's task, and compare each with torch on noise in batches of 1 and 3.

    A graph that takes what another one gives is given what torch gives.

    Raises:
        TrainingError: The network cannot be exported, or differs by more than `TOLERANCE`.
        OutputError: A file cannot be written.
    """
    device = model.device
    model.network.cpu()
    try:
        with torch.no_grad():
            graphs = _graphs_of(model)
            difference = max(_written(graph, model, folder / graph.file) for graph in graphs)
    finally:
        model.network.to(device)  # the graphs hold the network itself
    return Exported(tuple(graph.file for graph in graphs), difference)


def _graphs_of(model: TrainedModel) -> tuple[Graph, ...]:
    """Return the graphs that a model is packed as."""
    task = TASKS[model.task]
    if isinstance(task, PacksGraphs):
        return task.graphs(model)
    maps = (MAPS,) if isinstance(predictor_of(model), ShowsWhere) else ()
    outputs = (OUTPUTS[task.kind], *maps)
    return (Graph(ONNX_FILE, task.graph(model), (INPUT,), outputs, ("batch",), lambda images: (images,)),)


def _written(graph: Graph, model: TrainedModel, path: Path) -> float:
    """Write a graph; return how far it is from torch."""
    graph.module.eval()
    with atomic_path(path) as temporary:
        _export(graph, graph.examples(_noise(2, model)), temporary)
        classes = classes_of(predictor_of(model))
        _describe(temporary, model.title, categories_of(model), model.operating_point, classes, graph.said)
    difference = max(_difference(graph, path, graph.examples(_noise(batch, model))) for batch in (1, 3))
    if difference > TOLERANCE:
        path.unlink()
        raise TrainingError(
            f"{path}: ONNX and torch differ by {difference:.1e}, more than {TOLERANCE:.0e}; "
            "choose another network or encoder"
        )
    return difference


def categories_of(model: TrainedModel) -> tuple[str, ...]:
    """Return the classes that a model tells apart; where it tells none, the categories of all that it learnt from."""
    told = classes_of(predictor_of(model)).names
    return told or tuple(dict.fromkeys(name for source in model.origin.sources for name in source.categories))


def quantize(path: Path, output: Path, calibration: Iterable[np.ndarray] | None, title: str) -> None:
    """Write an int8 model with weights by channel.

    Args:
        path: Of the float model.
        output: Of the int8 one.
        calibration: Batches of RGB uint8 (b, h, w, 3), from which the ranges of activations are taken; None: they are
            taken anew from every picture.
        title: Name in tables.
    """
    with tempfile.TemporaryDirectory() as folder, atomic_path(output) as temporary, _silence():
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(path), str(prepared))
        if calibration is None:
            quantize_dynamic(prepared, temporary, weight_type=QuantType.QUInt8)
        else:
            quantize_static(prepared, temporary, _Batches(calibration), quant_format=QuantFormat.QDQ, per_channel=True)
        original = load_onnx(path)
        _describe(temporary, title, original.categories, original.operating_point, original.classes)


class _Batches(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    def __init__(self, batches: Iterable[np.ndarray]) -> None:
        self._batches = iter(batches)

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self._batches, None)
        return None if batch is None else {INPUT: batch}


def _export(graph: Graph, examples: tuple[Tensor, ...], path: Path) -> None:
    sides = {name: torch.export.Dim(name) for name in graph.counted}
    shapes = tuple({0: sides[name]} for name in graph.counted)
    try:
        with _silence():
            program = torch.onnx.export(
                graph.module,
                examples,
                dynamo=True,
                dynamic_shapes=shapes,
                input_names=[*graph.inputs],
                output_names=[*graph.outputs],
                opset_version=OPSET,
                verbose=False,
            )
    except torch.onnx.errors.OnnxExporterError as error:
        first_line = str(error).partition("\n")[0]
        raise TrainingError(f"{path.name}: torch cannot export this network: {first_line}; choose another") from error
    assert program is not None, "dynamo gives a program"
    program.save(path, external_data=False)


def _describe(
    path: Path,
    title: str,
    categories: Iterable[str],
    point: OperatingPoint,
    classes: ClassesConfig,
    more: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Store what a reader shows: title, and categories, one a line; what it decides by, and what its outputs are."""
    model = onnx.load(path)
    said = {"title": title, "categories": "\n".join(categories), "operating_point": point.model_dump_json(), **more}
    if classes.names:
        said["classes"] = classes.model_dump_json(include={*ClassesConfig.model_fields})
    onnx.helper.set_model_props(model, said)
    onnx.save(model, path)


def _difference(graph: Graph, path: Path, examples: tuple[Tensor, ...]) -> float:
    """Return the largest difference, of values above 1 as a share of them."""
    with torch.inference_mode():
        expected = graph.module(*examples)
    given = {name: example.numpy() for name, example in zip(graph.inputs, examples, strict=True)}
    found = open_session(path).run(None, given)
    pairs = zip((expected,) if isinstance(expected, Tensor) else expected, found, strict=True)
    return max(_apart(one.numpy(), other) for one, other in pairs)


def _apart(expected: np.ndarray, found: np.ndarray) -> float:
    return float((np.abs(found - expected) / np.maximum(np.abs(expected), 1)).max(initial=0))


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
