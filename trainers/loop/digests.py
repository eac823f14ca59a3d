"""What a loop's result depends on, told by content."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from synthgen.core.files import content_of
from trainers.config.loop import TrainingConfig
from trainers.experiment.digests import place_digest
from trainers.experiment.places import Place
from trainers.learn.identity import unsaid
from trainers.loop.config import LoopConfig
from trainers.study.digest import digest_of, weights_digest

__all__ = ["loop_digests"]

PATHS = {"title", "pipeline", "training", "later", "boxed", "empty", "scored", "seeds"}


def loop_digests(
    config: LoopConfig, pipeline: str, trainings: Sequence[TrainingConfig], places: Sequence[Place]
) -> Callable[[int], str]:
    """Return what names everything that decides the result of a seed. It reads every photograph, once.

    Args:
        config: What the file says.
        pipeline: Digest of what decides its pictures.
        trainings: Of each round.
        places: Where each round is scored.
    """
    boxed = config.boxed
    shared = digest_of(
        pipeline,
        config.model_dump_json(exclude=PATHS),
        *(
            training.model_dump_json(exclude={"name", "weights", "clip", "seed", "proposals", *unsaid(training)})
            for training in trainings
        ),
        *map(weights_digest, trainings),
        "" if boxed is None else digest_of(content_of(boxed.images), content_of(boxed.boxes), boxed.group),
        "" if config.empty is None else content_of(config.empty),
        *(place_digest(place, content_of(place.pictures.images)) for place in places),
    )
    return lambda seed: digest_of(shared, str(seed))
