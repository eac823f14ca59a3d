"""A model packed to be used elsewhere: ONNX, int8 where asked, what it is and how well it does, measured here."""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime
import torch

from synthgen import __version__
from synthgen.core.errors import TrainingError
from synthgen.core.files import make_directory, write_atomic
from synthgen.core.types import Size
from trainers.config.operating_point import OperatingPoint
from trainers.learn.checkpoint import TrainedModel, predictor_of
from trainers.loading.loader import ShardLoader
from trainers.models.detectors.stages import FILES as STAGE_FILES
from trainers.package.agreement import agreement
from trainers.package.export import OPSET, categories_of, export_onnx, quantize
from trainers.package.model_card import model_card
from trainers.predict.onnx import ONNX_FILE, OnnxModel, load_onnx
from trainers.predict.onnx_stages import OnnxStages
from trainers.predict.open import open_package
from trainers.predict.protocols import BoxPredictor, Kind, PixelPredictor, Predictor
from trainers.score.benchmark import held_out_split, split_benchmark
from trainers.score.evaluate import SCORERS, evaluate
from trainers.task import TASKS, PacksGraphs

__all__ = ["INT8_FILE", "Int8", "package"]

INT8_FILE = "model-int8.onnx"
CARD, FIGURES = "README.md", "package.json"
FILES = (ONNX_FILE, INT8_FILE, *STAGE_FILES.values())
CALIBRATION_BATCHES, BATCH = 16, 8
ROUNDS = 20  # of the latency
COMPARED = 8  # pictures of noise, and as many of the dataset, in which detectors are compared box by box
Int8 = Literal["none", "dynamic", "static"]


def package(
    model: TrainedModel,
    output: Path,
    *,
    dataset: Path | None = None,
    int8: Int8 = "none",
    point: OperatingPoint | None = None,
) -> dict[str, Any]:
    """Write ONNX, int8, package.json and README.md into `output`; return what package.json holds.

    With a dataset, each form of the model is scored on its split test (or val); static int8 takes its ranges
    from the split train. The operating point is the model's own where none is given; it
    is stored in each ONNX, and used wherever that is opened.

    Raises:
        TrainingError: The network cannot be exported or differs in ONNX; static int8 lacks a dataset.
        DatasetError: There is no finished dataset, or it has neither test nor val.
        OutputError: The folder cannot be written.
    """
    if int8 == "static" and dataset is None:
        raise TrainingError("static int8 takes the ranges of activations from a dataset; give --dataset, or dynamic")
    task, point = TASKS[model.task], point or model.operating_point
    if int8 != "none" and isinstance(task, PacksGraphs):
        raise TrainingError(f"{model.title}: int8 is for models of one graph, and not for detectors; leave --int8 out")
    make_directory(output)
    for file in FILES:  # of another package, one of whose graphs this one might not have
        (output / file).unlink(missing_ok=True)
    model = replace(model, operating_point=point)
    exported = export_onnx(model, output)
    onnx_form = open_package(output / exported.files[0])
    forms: dict[str, Predictor] = {"torch": predictor_of(model), "onnx": onnx_form}
    if int8 != "none":
        calibration = _calibration(dataset) if dataset is not None and int8 == "static" else None
        quantize(output / ONNX_FILE, output / INT8_FILE, calibration, f"{model.title} int8")
        forms["int8"] = load_onnx(output / INT8_FILE)
    figures: dict[str, Any] = {
        "title": model.title,
        "synthgen": __version__,
        "kind": task.kind,
        "network": {**model.config.published().model_dump(mode="json"), "weights": model.origin.weights},
        "parameters": sum(parameter.numel() for parameter in model.network.parameters()),
        "size": list(model.size),
        "operating_point": point.model_dump(),
        "origin": model.origin.model_dump(mode="json"),
        "categories": list(categories_of(model)),
        "opset": OPSET,
        "difference": exported.difference,
        "graphs": list(exported.files),
        "outputs": [output.name for output in onnx_form.session.get_outputs()],
        "agreement": _agreement(forms, model.size, dataset),
        "int8": int8,
        "bytes": {file: (output / file).stat().st_size for file in FILES if (output / file).is_file()},
        "latency_ms": _latencies(forms, model.size),
        "machine": _machine(model, onnx_form),
        "scores": _scores(forms, dataset, task.kind) if dataset is not None else None,
    }
    write_atomic(output / FIGURES, (json.dumps(figures, indent=2) + "\n").encode())
    write_atomic(output / CARD, model_card(figures).encode())
    return figures


def _latencies(forms: Mapping[str, Predictor], size: Size) -> dict[str, float]:
    """Return the median milliseconds of one picture in each form, measured in turns."""
    image = np.random.default_rng(0).integers(0, 256, (1, *size, 3), dtype=np.uint8)
    spent: dict[str, list[float]] = {name: [] for name in forms}
    for number in range(ROUNDS + 2):
        for name, form in forms.items():
            start = time.perf_counter()
            _predict(form, image)
            if number >= 2:  # the first rounds warm up
                spent[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(times) for name, times in spent.items()}


def _predict(form: Predictor, images: np.ndarray) -> None:
    if isinstance(form, PixelPredictor):
        form.probabilities(images)
    elif isinstance(form, BoxPredictor):
        form.boxes(list(images))
    else:
        form.labels(images)


def _agreement(forms: Mapping[str, Predictor], size: Size, dataset: Path | None) -> dict[str, int] | None:
    """Compare detectors box by box; None of other models.

    Raises:
        TrainingError: They find different boxes.
    """
    ours, theirs = forms["torch"], forms["onnx"]
    if not isinstance(ours, BoxPredictor) or not isinstance(theirs, BoxPredictor):
        return None
    images = [*np.random.default_rng(0).integers(0, 256, (COMPARED, *size, 3), dtype=np.uint8)]
    if dataset is not None:
        samples = split_benchmark(dataset, held_out_split(dataset), kind="boxes").samples
        images += [samples[number].image for number in range(min(COMPARED, len(samples)))]
    found = agreement(ours, theirs, images)
    if not found.enough:
        raise TrainingError(
            f"{ours.title}: of {found.boxes} boxes that torch finds in {found.pictures} pictures, ONNX finds "
            f"{found.alike} alike; choose another network or encoder"
        )
    return asdict(found)


def _calibration(dataset: Path) -> Iterator[np.ndarray]:
    loader = ShardLoader(dataset, "train", collate=None, batch_size=BATCH, seed=0, shuffle=True)
    return (batch.images for batch in islice(loader, CALIBRATION_BATCHES))


def _scores(forms: Mapping[str, Predictor], dataset: Path, kind: Kind) -> dict[str, Any]:
    """Return the scores of each form, with the interval of the score by which they are ranked, and the baselines'."""
    split, headline = held_out_split(dataset), SCORERS[kind].headline
    benchmark = split_benchmark(dataset, split, kind=kind)
    results = {name: evaluate(form, benchmark, pictures=1) for name, form in forms.items()}
    first = next(iter(results.values()))
    return {
        "dataset": dataset.name,
        "split": split,
        "samples": len(first.rows),
        "headline": headline,
        "forms": {
            name: {**_known(result.scores), "interval": result.intervals[headline]} for name, result in results.items()
        },
        "baselines": {name: _known(scores) for name, scores in first.baselines.items()},
    }


def _known(scores: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in scores.items() if not np.isnan(value)}


def _machine(model: TrainedModel, onnx_form: OnnxModel | OnnxStages) -> dict[str, str]:
    device = model.device
    return {
        "torch": f"{torch.__version__} on "
        + (torch.cuda.get_device_name(device) if device.type == "cuda" else f"{torch.get_num_threads()} CPU threads"),
        "onnxruntime": f"{onnxruntime.__version__}, {onnx_form.session.get_providers()[0]}",
        "processor": platform.processor() or platform.machine(),
    }
