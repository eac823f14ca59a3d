"""What a run depends on, told by content: a file that moves, or a dataset that grows, changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from synthgen.core.files import content_of
from synthgen.shards.reader import ShardDataset
from trainers.config.evaluation import EvaluationConfig
from trainers.experiment.config import RealPictures
from trainers.experiment.places import Place
from trainers.experiment.runs import Made, Run, Training
from trainers.learn.identity import unsaid
from trainers.study.digest import digest_of, weights_digest

__all__ = ["place_digest", "run_digests"]

# Here, or told by content.
DECIDE_NOTHING = {"name", "weights", "clip", "photographs", "threads", "tensorboard", "device", "proposals"}


def run_digests(
    runs: Sequence[Run],
    datasets: Mapping[Made, Path],
    real: RealPictures | None,
    places: Sequence[Place],
    evaluation: EvaluationConfig,
) -> list[str]:
    """Return a name of everything that decides each run's result.

    Every photograph is read, once. How the scored ones are grouped is left out: rows are kept by picture, and grouped
    when arms are compared. Of a dataset counts what decides each of its pictures, and how many are learnt from.
    """
    fingerprints = {made: ShardDataset.open(path).manifest.fingerprint for made, path in datasets.items()}
    content = cache(content_of)
    learnt = "" if real is None else digest_of(real.annotation, content(real.images), content(_annotation(real)))
    scored = digest_of(
        evaluation.model_dump_json(), *(place_digest(place, content(place.pictures.images)) for place in places)
    )

    def of_training(training: Training) -> str:
        config = training.config
        photographs = [source.model_dump_json(include={"share", "samples", "fit"}) for source in config.photographs]
        return digest_of(
            config.model_dump_json(exclude=DECIDE_NOTHING | unsaid(config)),
            weights_digest(config),
            fingerprints[training.made] if training.made else "",
            *(learnt + source for source in photographs),
        )

    return [digest_of(scored, *map(of_training, run.trainings)) for run in runs]


def _annotation(real: RealPictures) -> Path:
    path: Path = getattr(real, real.annotation)
    return path


def place_digest(place: Place, images: str) -> str:
    """Return a name of what decides the scores at a place; `images` is the digest of its photographs."""
    return digest_of(place.key, place.kind, place.pictures.fit, images, content_of(place.annotation))
