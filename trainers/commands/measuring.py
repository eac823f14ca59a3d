"""The gaps of datasets to photographs: everything is opened and checked first, then looked at, then reported."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console
from torch import nn

from synthgen.core.errors import ConfigError, DatasetError
from synthgen.core.files import make_directory, write_atomic
from synthgen.core.letterbox import Fit, Letterbox
from synthgen.core.picture import Picture, Samples
from synthgen.core.progress import progress
from synthgen.core.types import Size
from synthgen.formats.folder import read_folder
from synthgen.shards import ShardDataset, ShardSamples
from synthgen.studio import Studio
from trainers.commands.probing import probe, probing_studio
from trainers.config.gap import GapConfig
from trainers.config.sources import source_of
from trainers.experiment.learnt import learnt_arms
from trainers.gap.features import evenly, features_of
from trainers.gap.kid import LEAST_GROUPS, Features, floor, kid
from trainers.gap.rank import LEAST_ARMS
from trainers.gap.report import Gap, GapReport
from trainers.models.pooled import pooled_encoder

__all__ = ["Subject", "measure", "subjects_of", "write_report"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A dataset whose gap is measured.

    Attributes:
        name: In tables.
        path: Its folder.
        scores: What a network that learnt from it scored, by title.
    """

    name: str
    path: Path
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Set:
    """A subject's pictures, and the studio of its probe, if it is probed."""

    subject: Subject
    samples: Samples
    studio: Studio | None


def subjects_of(datasets: Sequence[Path], experiment: Path | None) -> tuple[Subject, ...]:
    """Return what is measured: datasets, or those of an experiment's arms with their scores.

    Raises:
        ConfigError: Neither is given, or both, or the experiment has too few arms of one dataset each to rank.
        DatasetError: The experiment has no results.
    """
    if bool(datasets) == (experiment is not None):
        raise ConfigError("give datasets, or the folder of an experiment by --experiment")
    if experiment is None:
        return tuple(Subject(name, path) for name, path in zip(_names(datasets), datasets, strict=True))
    found = learnt_arms(experiment)
    if len(found) < LEAST_ARMS:
        raise ConfigError(
            f"{experiment}: {len(found)} arms learnt each from a dataset of its own; "
            f"whether the gap predicts scores needs {LEAST_ARMS}, whose recipes differ"
        )
    return tuple(Subject(each.arm, each.dataset, each.scores) for each in found)


def measure(
    config: GapConfig,
    subjects: Sequence[Subject],
    console: Console,
    *,
    probed: bool = False,
    overrides: Sequence[str] = (),
) -> GapReport:
    """Return the KID of each dataset's split "train" to the photographs, and the AUC of its paste probe if asked.

    Args:
        config: What is measured with.
        subjects: Finished datasets, at least one; the first one's size is everybody's.
        console: Says how far it is.
        probed: Whether each is probed.
        overrides: For the probes: where the assets are now.

    Raises:
        DatasetError: A dataset is unfinished or has too few pictures in "train", there are too few photographs, or
            one of them cannot be read.
        ConfigError: `overrides` serve nothing.
        TrainingError: The encoder is unknown, or its weights cannot be had or do not fit.
    """
    if overrides and not probed:
        raise ConfigError("--set goes with --probe, which renders scenes; leave it out")
    sets = [
        _Set(each, _train(each.path, config.samples), probing_studio(each.path, overrides) if probed else None)
        for each in subjects
    ]
    size = ShardDataset.open(subjects[0].path).manifest.size
    encoder = pooled_encoder(config.encoder, config.weights, size)
    photographs = _photographs(config, size, console)

    look = partial(_features, encoder=encoder, size=size, fit=config.fit, console=console)
    real = look(photographs, config.images.name, group=lambda picture: source_of(picture.name, config.group))
    gaps = list[Gap]()
    for each in sets:
        name = each.subject.name
        found = kid(look(each.samples, name), real)
        auc = None if each.studio is None else probe(each.studio, name, console)
        change = found.minus(gaps[0].kid) if gaps else None
        gaps.append(Gap(name, len(each.samples), found, change, auc, each.subject.scores))
    return GapReport(
        photographs=config.images.name,
        pictures=len(photographs),
        sources=len(real.sizes),
        encoder=config.encoder,
        weights=Path(config.weights).name,
        size=size,
        fit=config.fit,
        floor=floor(real),
        gaps=tuple(gaps),
    )


def write_report(report: GapReport, folder: Path, console: Console) -> None:
    """Write gap.json and gap.png into `folder`, which is made where it is missing, and print the table.

    Where datasets have scores, also how the gap ranks them, and gap-scores.png.
    """
    make_directory(folder)
    write_atomic(folder / "gap.json", (json.dumps(report.values(), indent=2) + "\n").encode())
    report.draw(folder / "gap.png")
    console.print(report.table())
    for line in report.verdicts():
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    wrote = ["gap.json", "gap.png"]
    if report.ranks:
        report.draw_scores(folder / "gap-scores.png")
        wrote.append("gap-scores.png")
    console.print(f"wrote {folder}: {', '.join(wrote)}", soft_wrap=True, highlight=False, markup=False)


def _names(datasets: Sequence[Path]) -> list[str]:
    """Return the names of the folders, or their paths where two have one name."""
    names = [path.resolve().name for path in datasets]
    return names if len(set(names)) == len(names) else [str(path) for path in datasets]


def _train(dataset: Path, most: int) -> Samples:
    samples = evenly(ShardSamples(ShardDataset.open(dataset), "train"), most)
    scenes = {samples[number].group for number in range(len(samples))}
    if len(scenes) < LEAST_GROUPS:
        raise DatasetError(
            f"{dataset}: {len(samples)} pictures of {len(scenes)} scenes in split 'train'; a KID with an interval "
            f"needs {LEAST_GROUPS} scenes, and hundreds to say much; generate more, or give --samples more"
        )
    return samples


def _photographs(config: GapConfig, size: Size, console: Console) -> Samples:
    """Return the photographs; warn of black bars beside them, which no synthetic picture has."""
    chosen = evenly(read_folder(config.images), config.samples)
    seen = [(picture.name, picture.size) for picture in map(chosen.__getitem__, range(len(chosen)))]
    sources = {source_of(name, config.group) for name, _ in seen}
    if len(sources) < 2 * LEAST_GROUPS:
        raise DatasetError(
            f"{config.images}: {len(chosen)} photographs of {len(sources)} sources; a KID with an interval, and "
            f"that of their halves, need {2 * LEAST_GROUPS} sources, and hundreds to say much; give more"
        )
    barred = sum(Letterbox(frame, size).inner != size for _, frame in seen)
    if barred and config.fit == "letterbox":
        console.print(
            f"{barred} of {len(chosen)} photographs have bars beside them in {size[0]}×{size[1]}, and the gap counts "
            "these; --fit stretch makes none",
            style="yellow",
            highlight=False,
        )
    return chosen


def _features(
    samples: Samples,
    name: str,
    *,
    encoder: nn.Module,
    size: Size,
    fit: Fit,
    console: Console,
    group: Callable[[Picture], str] | None = None,
) -> Features:
    with progress(console, f"look at {name}", total=len(samples), unit="images") as report:
        return features_of(samples, encoder, size=size, fit=fit, group=group, report=report)
