"""What to score on: decided here, once, for every command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from synthgen.core.errors import ConfigError, TrainingError
from synthgen.core.picture import Samples
from synthgen.core.types import Split
from synthgen.formats.coco import read_coco
from synthgen.formats.folder import read_folder
from synthgen.formats.frames import find_videos, read_frames
from synthgen.shards import ShardDataset, ShardSamples
from trainers.config.evaluation import EvaluationConfig
from trainers.predict.protocols import Kind, Predictor, classes_of

__all__ = ["Benchmark", "benchmarks_of", "check_classes", "held_out_split", "split_benchmark"]


@dataclass(frozen=True, slots=True, eq=False)
class Benchmark:
    """Pictures with truth, and what of the truth counts.

    Attributes:
        name: In titles.
        key: Short, for files and columns: the split's name, "photographs", or "boxes".
        samples: The pictures.
        kind: What is compared: "pixels", "boxes" or "labels".
        categories: Of its targets; none where it does not name them.
        held_out: Those of them that were held out of what is learnt from.
    """

    name: str
    key: str
    samples: Samples
    kind: Kind
    categories: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()


def benchmarks_of(evaluation: EvaluationConfig, dataset: Path | None, *, kind: Kind) -> tuple[Benchmark, ...]:
    """Return what a predictor of `kind` is scored on: the dataset's split, then photographs.

    Photographs with masks serve predictors of pixels and of labels; photographs with boxes serve all. In a folder that
    holds videos, these are scored, frame by frame.

    Raises:
        ConfigError: There is nothing that it can be scored on.
        DatasetError: There is no finished dataset or no such split; a file of photographs cannot be read.
    """
    found = [] if dataset is None else [split_benchmark(dataset, evaluation.split, kind=kind)]
    images = evaluation.images
    filmed = images is not None and bool(find_videos(images))
    if images is not None and evaluation.masks is not None and filmed:
        raise ConfigError(
            f"{images}: frames of videos are scored by boxes; give --boxes alone, or a folder of pictures"
        )
    if images is not None and evaluation.masks is not None and kind != "boxes":
        found.append(Benchmark(images.name, "photographs", read_folder(images, evaluation.masks), kind))
    if images is not None and evaluation.boxes is not None:
        counted: Kind = "labels" if kind == "labels" else "boxes"
        samples: Samples = (read_frames if filmed else read_coco)(images, evaluation.boxes)
        found.append(Benchmark(images.name, "boxes", samples, counted))
    if not found:
        raise ConfigError(f"nothing to score {kind} on; give a dataset, or images with boxes")
    return tuple(found)


def split_benchmark(dataset: Path, split: Split, *, kind: Kind, samples: int = 0) -> Benchmark:
    """Return a dataset's split, or its first `samples` samples (0: all).

    Raises:
        DatasetError: There is no finished dataset, or no such split.
    """
    opened = ShardDataset.open(dataset)
    rows = ShardSamples(opened, split, samples=samples)
    held_out = tuple(opened.manifest.held_out) if split == "test" else ()  # the others show none of them
    return Benchmark(f"{dataset.name}, {split}", split, rows, kind, tuple(opened.manifest.categories), held_out)


def check_classes(predictor: Predictor, benchmark: Benchmark) -> None:
    """Refuse to score pixels by class where not one class of the predictor is shown.

    Raises:
        TrainingError: All categories of the benchmark are others.
    """
    classes, known = classes_of(predictor), benchmark.categories
    if benchmark.kind == "pixels" and known and all(classes.number_of(category) is None for category in known):
        raise TrainingError(
            f"{benchmark.name}: shows {', '.join(known)}, and {predictor.title} finds {', '.join(classes.names)}; "
            "score it on a dataset of its classes, or train it with a class_map that names these categories"
        )


def held_out_split(dataset: Path) -> Split:
    """Return the split that no model has learnt from or was chosen by, "test"; "val" where there is none.

    Raises:
        DatasetError: There is no finished dataset.
    """
    return "test" if "test" in ShardDataset.open(dataset).splits else "val"
