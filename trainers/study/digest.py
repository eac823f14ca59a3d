"""What a result depends on, told by content: a file that moves or gets another name changes nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from synthgen.core.files import content_of, sha256_of
from synthgen.formats.labels import read_labels
from synthgen.shards.manifest import MANIFEST
from trainers.config.domain import Domain
from trainers.config.evaluation import EvaluationConfig
from trainers.config.loop import TrainingConfig
from trainers.config.weights import NO_FILE
from trainers.learn.identity import clip_identity, photographs_identity, unsaid
from trainers.study.runs import Run

__all__ = ["digest_of", "inputs_digest", "run_digest", "weights_digest"]


def inputs_digest(dataset: Path, evaluation: EvaluationConfig, train_scored: int) -> str:
    """Return a name of what all runs share: the dataset, how they are scored, and what the photographs hold.

    It reads every photograph, so it is asked for once a study.
    """
    photographs = [evaluation.images, evaluation.masks, evaluation.boxes]
    return digest_of(
        sha256_of(dataset / MANIFEST),
        evaluation.model_dump_json(exclude={"images", "masks", "boxes", "pictures", "domains"}),
        *(content_of(path) if path is not None else "" for path in photographs),
        str(train_scored),
        *(digest_of(name, *_held_by(domain)) for name, domain in evaluation.domains.items()),
    )


def _held_by(domain: Domain) -> tuple[str, ...]:
    """Return names of what a domain holds; of a dataset its manifest, which names every shard."""
    if domain.labels is not None:
        return content_of(domain.labels), *map(sha256_of, read_labels(domain.folder, domain.labels).paths)
    manifest = domain.folder / MANIFEST
    return (sha256_of(manifest) if manifest.is_file() else content_of(domain.folder),)


def run_digest(run: Run, inputs: str) -> str:
    """Return a name of everything that decides a run's result; `inputs` is of `inputs_digest`."""
    config = run.config
    learnt = [photographs_identity(source) for source in config.photographs]
    elsewhere = {"name", "weights", "finetune", "photographs", "proposals", "clip"}
    return digest_of(
        inputs,
        config.model_dump_json(exclude=elsewhere | unsaid(config)),
        weights_digest(config),
        repr(run.budget),
        *([sha256_of(Path(config.finetune))] if config.finetune else []),
        *(json.dumps(source, sort_keys=True) for source in learnt),
    )


def weights_digest(config: TrainingConfig) -> str:
    """Return the weights that a training begins with, and the CLIP that it stands on; files and folders by content."""
    weights = config.weights if config.weights in NO_FILE else sha256_of(Path(config.weights))
    clip = clip_identity(config)
    return f"{weights} {json.dumps(clip, sort_keys=True)}" if clip else weights


def digest_of(*parts: str) -> str:
    """Return one name of several texts, in their order."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
