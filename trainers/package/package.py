"""A model packed to be used elsewhere: ONNX, int8 where asked, what it is and how well it does, measured here."""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime
import torch

from synthgen import __version__
from synthgen.core.errors import TrainingError
from synthgen.core.files import make_directory, write_atomic
from synthgen.core.types import Split
from synthgen.shards.reader import ShardDataset
from trainers.learn.checkpoint import TrainedModel
from trainers.loading.loader import ShardLoader
from trainers.package.export import OPSET, export_onnx, quantize
from trainers.package.model_card import model_card
from trainers.predict.onnx import ONNX_FILE, OnnxModel, load_onnx
from trainers.predict.open import Predictor
from trainers.score.evaluate import evaluate, shard_batches

__all__ = ["INT8_FILE", "Int8", "package"]

INT8_FILE = "model-int8.onnx"
CARD, FIGURES = "README.md", "package.json"
CALIBRATION_BATCHES, BATCH = 16, 8
ROUNDS = 20  # of the latency
Int8 = Literal["none", "dynamic", "static"]


def package(
    model: TrainedModel, output: Path, *, dataset: Path | None = None, int8: Int8 = "none", threshold: float = 0.5
) -> dict[str, Any]:
    """Write ONNX, int8, package.json and README.md into `output`; return what package.json holds.

    With a dataset, each form of the model is scored on its split test (or val); static int8 takes its ranges
    from the split train.

    Raises:
        TrainingError: The network cannot be exported or differs in ONNX; static int8 lacks a dataset.
        DatasetError: There is no finished dataset, or it has neither test nor val.
        OutputError: The folder cannot be written.
    """
    if int8 == "static" and dataset is None:
        raise TrainingError("static int8 takes the ranges of activations from a dataset; give --dataset, or dynamic")
    make_directory(output)
    difference = export_onnx(model, output / ONNX_FILE)
    onnx_form = load_onnx(output / ONNX_FILE)
    forms: dict[str, Predictor] = {"torch": model, "onnx": onnx_form}
    if int8 != "none":
        calibration = _calibration(dataset) if dataset is not None and int8 == "static" else None
        quantize(output / ONNX_FILE, output / INT8_FILE, calibration, f"{model.title} int8")
        forms["int8"] = load_onnx(output / INT8_FILE)
    figures: dict[str, Any] = {
        "title": model.title,
        "synthgen": __version__,
        "network": model.config.model_dump(mode="json"),
        "parameters": sum(parameter.numel() for parameter in model.module.network.parameters()),
        "size": list(model.size),
        "threshold": threshold,
        "origin": model.origin.model_dump(mode="json"),
        "opset": OPSET,
        "difference": difference,
        "int8": int8,
        "bytes": {file: (output / file).stat().st_size for file in (ONNX_FILE, INT8_FILE) if (output / file).is_file()},
        "latency_ms": latencies(forms, model.size),
        "machine": _machine(model, onnx_form),
        "scores": _scores(forms, dataset, threshold) if dataset is not None else None,
    }
    write_atomic(output / FIGURES, (json.dumps(figures, indent=2) + "\n").encode())
    write_atomic(output / CARD, model_card(figures).encode())
    return figures


def latencies(forms: dict[str, Predictor], size: tuple[int, int]) -> dict[str, float]:
    """Return the median milliseconds of one picture in each form, measured in turns."""
    image = np.random.default_rng(0).integers(0, 256, (1, *size, 3), dtype=np.uint8)
    spent: dict[str, list[float]] = {name: [] for name in forms}
    for number in range(ROUNDS + 2):
        for name, form in forms.items():
            start = time.perf_counter()
            form.probabilities(image)
            if number >= 2:  # the first rounds warm up
                spent[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(times) for name, times in spent.items()}


def _calibration(dataset: Path) -> Iterator[np.ndarray]:
    loader = ShardLoader(dataset, "train", masks=False, batch_size=BATCH, seed=0, shuffle=True)
    return (batch.images for batch in islice(loader, CALIBRATION_BATCHES))


def _scores(forms: dict[str, Predictor], dataset: Path, threshold: float) -> dict[str, Any]:
    split: Split = "test" if "test" in ShardDataset.open(dataset).splits else "val"
    found: dict[str, Any] = {"dataset": dataset.name, "split": split, "forms": {}}
    for name, form in forms.items():
        result = evaluate(form, shard_batches(dataset, split, BATCH), threshold=threshold, pictures=1)
        found["samples"] = result.samples
        found["forms"][name] = {
            **{key: value for key, value in result.scores.items() if not np.isnan(value)},
            "interval": result.intervals["foreground_iou"],
        }
    found["empty"] = {key: value for key, value in result.empty.items() if not np.isnan(value)}
    return found


def _machine(model: TrainedModel, onnx_form: OnnxModel) -> dict[str, str]:
    device = model.module.device
    return {
        "torch": f"{torch.__version__} on "
        + (torch.cuda.get_device_name(device) if device.type == "cuda" else f"{torch.get_num_threads()} CPU threads"),
        "onnxruntime": f"{onnxruntime.__version__}, {onnx_form.session.get_providers()[0]}",
        "processor": platform.processor() or platform.machine(),
    }
