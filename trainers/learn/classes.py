"""The classes of a training by name: those of its dataset, of its photographs, or of the model that it goes on from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from synthgen.core.errors import TrainingError
from synthgen.formats.coco_file import read_coco_file
from synthgen.shards.reader import ShardDataset
from trainers.config.classes import ClassesConfig
from trainers.config.loop import TrainingConfig
from trainers.config.photographs import PhotographSource

__all__ = ["check_same_classes", "with_classes"]

MOST = 255  # that a mask can number

Config = TypeVar("Config", bound=TrainingConfig)


def with_classes(config: Config, shards: ShardDataset | None) -> Config:
    """Return the config with its classes by name, where it tells classes apart.

    `class_map` may name categories of the dataset, and of photographs with boxes.

    Raises:
        ConfigError: `class_map` names no category, or drops them all.
        TrainingError: Nothing is known of a class that is named; a source of photographs has a box of none of them.
        DatasetError: The boxes of photographs cannot be read.
    """
    if not isinstance(config, ClassesConfig) or config.classes == "one":
        return config
    if shards is None and config.classes == "categories":
        raise TrainingError("classes: categories are those of a dataset; without one, give their names as a list")
    boxed = {source.boxes: _categories_of(source) for source in config.photographs if source.boxes is not None}
    categories = () if shards is None else shards.manifest.categories
    mapped = [name for names in boxed.values() for name in names if name in config.class_map]
    named = config.with_categories(tuple(dict.fromkeys((*categories, *mapped))))
    if len(named.names) > MOST:
        raise TrainingError(f"{len(named.names)} classes; a mask can number {MOST}: merge or drop some with class_map")
    if not config.finetune:  # whose classes are those of the model, whatever is shown of them now
        _check_shown(named, {*categories, *(name for names in boxed.values() for name in names)})
    for file, names in boxed.items():
        if all(named.number_of(name) is None for name in names):
            raise TrainingError(
                f"{file}: has no box of {_listed(named.names)}, only of {_listed(names)}; name them in class_map"
            )
    return named


def check_same_classes(before: TrainingConfig, now: TrainingConfig, where: object) -> None:
    """Refuse to go on from a model that tells other classes apart: its outputs would mean something else.

    Raises:
        TrainingError: They, or whether they exclude each other, differ.
    """
    own, asked = _told(before), _told(now)
    if own != asked:
        raise TrainingError(
            f"{where}: learnt {own}, and this training learns {asked}; give classes and overlap as that model has them"
        )


def _check_shown(config: ClassesConfig, categories: Iterable[str]) -> None:
    known = sorted(categories)
    shown = {config.number_of(category) for category in known}
    missing = [name for number, name in enumerate(config.names) if number not in shown]
    if missing:
        raise TrainingError(
            f"classes: nothing to learn from shows {_listed(missing)}; there are: {_listed(known) or 'no categories'}"
        )


def _categories_of(source: PhotographSource) -> tuple[str, ...]:
    """Return the categories of the boxes of photographs, crowds apart."""
    assert source.boxes is not None, "asked of photographs with boxes"
    found = read_coco_file(source.boxes).annotations.values()
    return tuple(sorted({each.category for annotations in found for each in annotations if not each.crowd}))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _told(config: TrainingConfig) -> str:
    names = config.names if isinstance(config, ClassesConfig) else ()
    overlap = " with overlap" if getattr(config, "overlap", False) else ""
    return f"classes {_listed(names)}{overlap}" if names else "all targets as one"
