"""What to score on: decided here, once, for every command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from synthgen.core.errors import ConfigError, TrainingError
from synthgen.core.picture import Samples
from synthgen.core.types import SPLITS, Split
from synthgen.formats.coco import read_coco
from synthgen.formats.folder import read_folder
from synthgen.formats.frames import find_videos, read_frames
from synthgen.formats.labels import read_label_folders, read_labels
from synthgen.shards import ShardDataset, ShardSamples
from synthgen.shards.manifest import MANIFEST
from trainers.config.domain import Domain
from trainers.config.evaluation import EvaluationConfig
from trainers.predict.protocols import Kind, Predictor, classes_of

__all__ = ["Benchmark", "benchmarks_of", "check_classes", "held_out_split", "split_benchmark"]


@dataclass(frozen=True, slots=True, eq=False)
class Benchmark:
    """Pictures with truth, and what of the truth counts.

    Attributes:
        name: In titles.
        key: Short, for files and columns: the split's name, "photographs", "boxes", or "domain-" with its name.
        samples: The pictures.
        kind: What is compared: "pixels", "boxes" or "labels".
        categories: Of its targets; none where it does not name them.
        held_out: Those of them that were held out of what is learnt from.
        sources: Where each picture comes from; none where that is not known, or one place.
    """

    name: str
    key: str
    samples: Samples
    kind: Kind
    categories: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def of_split(self) -> bool:
        """Whether it is a split of the dataset that was given, and neither photographs nor a domain."""
        return self.key in SPLITS


def benchmarks_of(evaluation: EvaluationConfig, dataset: Path | None, *, kind: Kind) -> tuple[Benchmark, ...]:
    """Return what a predictor of `kind` is scored on: the dataset's split, then photographs.

    Photographs with masks serve predictors of pixels and of labels; photographs with boxes serve all. In a folder that
    holds videos, these are scored, frame by frame. Domains serve predictors of labels.

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
        found.append(_boxed(images, evaluation.boxes, "labels" if kind == "labels" else "boxes", filmed=filmed))
    if kind == "labels":
        found += [_domain(name, domain, evaluation.split) for name, domain in evaluation.domains.items()]
    if not found:
        raise ConfigError(f"nothing to score {kind} on; give a dataset, or images with boxes")
    return tuple(found)


def _boxed(images: Path, boxes: Path, kind: Kind, *, filmed: bool) -> Benchmark:
    """Return photographs or frames with boxes; of photographs the folders tell the sources."""
    if filmed:
        return Benchmark(images.name, "boxes", read_frames(images, boxes), kind)
    samples = read_coco(images, boxes)
    return Benchmark(images.name, "boxes", samples, kind, sources=_several(path.parent.name for path in samples.paths))


def _domain(name: str, domain: Domain, split: Split) -> Benchmark:
    """Return a domain: labelled photographs, or the split of a dataset; what that holds out may well be learnt from."""
    key = f"domain-{name}"
    if domain.labels is None and (domain.folder / MANIFEST).is_file():
        return replace(split_benchmark(domain.folder, split, kind="labels"), name=name, key=key, held_out=())
    labelled = read_label_folders(domain.folder) if domain.labels is None else read_labels(domain.folder, domain.labels)
    return Benchmark(name, key, labelled, "labels", sources=_several(labelled.sources))


def _several(sources: Iterable[str]) -> tuple[str, ...]:
    """Return the sources if they are not all the same, and none if they are."""
    told = tuple(sources)
    return told if len(set(told)) > 1 else ()


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
