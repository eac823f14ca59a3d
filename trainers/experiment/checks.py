"""What the photographs of an experiment must be, checked before the first dataset: enough, with targets, and apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from synthgen.core.errors import ConfigError
from synthgen.core.likeness import Fingerprint, alike, fingerprint
from synthgen.formats.photograph import PhotographSamples
from trainers.experiment.arms import Arm
from trainers.experiment.config import RealPictures
from trainers.experiment.places import Place
from trainers.loading.photographs import READERS
from trainers.score.labels import known_label

__all__ = ["check_photographs"]

THREADS = 4


@dataclass(frozen=True, slots=True, eq=False)
class _Looked:
    """Photographs that were looked at once: their files, fingerprints, and which of them show a target."""

    paths: tuple[Path, ...]
    fingerprints: tuple[Fingerprint, ...]
    targets: int


def check_photographs(real: RealPictures | None, places: Sequence[Place], arms: Sequence[Arm]) -> int:
    """Look at every photograph, and return how many real ones there are to learn from.

    Raises:
        ConfigError: A set shows no target, an arm asks for more real pictures than there are, or one of these shows
            what a scored one shows: then the score would tell what was learnt by heart.
        DatasetError: A photograph, or what is annotated, cannot be read.
    """
    scored = {place.key: _with_targets(f"scored.{place.key}", place.samples()) for place in places}
    if real is None:
        return 0
    samples = READERS[real.annotation](real.images, getattr(real, real.annotation))
    _check_counts(arms, len(samples))
    _check_apart(_with_targets("real", samples), scored)
    return len(samples)


def _with_targets(name: str, samples: PhotographSamples) -> _Looked:
    with ThreadPoolExecutor(THREADS) as pool:
        looks = list(pool.map(lambda index: _look(samples, index), range(len(samples))))
    looked = _Looked(samples.paths, tuple(print_ for print_, _ in looks), sum(target for _, target in looks))
    if not looked.targets:
        raise ConfigError(f"{name}: none of {len(samples)} photographs shows a target; annotate some, or leave it out")
    return looked


def _look(samples: PhotographSamples, index: int) -> tuple[Fingerprint, bool]:
    picture = samples[index]
    return fingerprint(picture.image), bool(known_label(picture.truth))


def _check_counts(arms: Sequence[Arm], present: int) -> None:
    for arm in arms:
        asked = max(count for stage in arm.stages for count in stage.photographs)
        if asked > present:
            raise ConfigError(f"arm {arm.name!r}: {asked:,} photographs asked for, {present:,} present; ask for fewer")


def _check_apart(real: _Looked, scored: Mapping[str, _Looked]) -> None:
    for name, looked in scored.items():
        pairs = alike(real.fingerprints, looked.fingerprints)
        if pairs:
            first, second = real.paths[pairs[0].first], looked.paths[pairs[0].second]
            more = f" (and {len(pairs) - 1} more pairs)" if len(pairs) > 1 else ""
            raise ConfigError(
                f"real and scored.{name} share photographs: {first} and {second} show the same{more}; "
                "leave them out of one of the two"
            )
