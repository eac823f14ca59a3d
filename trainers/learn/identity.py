"""What decides the result of a training, as one value: whether a model is finished, and whether a run may go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from synthgen.core.errors import TrainingError
from synthgen.core.files import content_of, sha256_of
from synthgen.shards.manifest import MANIFEST
from trainers.config.loop import TrainingConfig
from trainers.config.over_clip import clip_of
from trainers.config.photographs import PhotographSource
from trainers.config.weights import NO_FILE

__all__ = ["Identity", "check_resumable", "clip_identity", "identity_of", "photographs_identity", "unsaid"]

Identity = dict[str, Any]
DECIDE_NOTHING = {"name", "threads", "tensorboard", "device", "compile", "deterministic", "proposals"}
MAY_CHANGE = {"epochs", "patience"}  # when a training goes on
YOUNG: dict[str, Any] = {
    "classes": "one",
    "class_map": {},
    "overlap": False,
    "optimizer": "adamw",
    "network": "timm",
    "decay_norms": True,
    "clip": None,
    "views": 0,
    "prompt": "weapon",
    "layers": 6,
    "descriptor": True,
    "dense": True,
    "prompts": ["weapon", "gun", "knife"],
    "backgrounds": ["person", "room", "street", "tool", "phone"],
    "start": "zero_shot",
    "rate_floor": 0.0,
}
CAME_LATER: dict[str, Any] = {"finetune": "", "photographs": [], **YOUNG}


def identity_of(config: TrainingConfig, dataset: Path | None, *, on_the_fly: bool = False) -> Identity:
    """Return all that decides the result: fields of the config, the dataset's manifest, the content of other files.

    `config` has nothing left to decide, such as "auto": on another machine the same words may be another training.

    Samples that are made on the fly instead of the dataset's are known by that alone.
    """
    values = json.loads(config.model_dump_json(exclude=DECIDE_NOTHING))
    values["samples_per_step"] = values.pop("batch_size") * values.pop("devices")
    weights = Path(config.weights)
    if config.weights not in NO_FILE and weights.is_file():
        values["weights"] = sha256_of(weights)
    for name, default in CAME_LATER.items():  # trainings of before do not say it
        if name in values and values[name] == default:
            del values[name]
    if config.finetune:
        values |= {"finetune": sha256_of(Path(config.finetune)), "weights": ""}
    if clip := clip_identity(config):
        values["clip"] = clip
    if config.photographs:
        values["photographs"] = [photographs_identity(source) for source in config.photographs]
    manifest = None if dataset is None else sha256_of(dataset / MANIFEST)
    return {**values, "dataset": manifest, "on_the_fly": on_the_fly}


def unsaid(config: TrainingConfig) -> set[str]:
    """Return the fields that came later and change nothing here: what names a result of before leaves them out."""
    values = json.loads(config.model_dump_json(include=set(YOUNG)))
    return {name for name, value in values.items() if value == YOUNG[name]}


def clip_identity(config: TrainingConfig) -> Identity:
    """Return the CLIP that a network stands on: a folder or a file by content; empty where it stands on none."""
    clip = clip_of(config)
    if clip is None:
        return {}
    if clip.place is None:
        return clip.model_dump()
    return {"model": clip.model if clip.named else "", "content": content_of(clip.place)}


def photographs_identity(source: PhotographSource) -> Identity:
    """Return what a source of photographs holds, told by content, and how it is used."""
    annotations: Path = getattr(source, source.annotation)
    return {
        "images": content_of(source.images),
        source.annotation: content_of(annotations),
        **source.model_dump(include={"share", "samples", "fit"}),
    }


def check_resumable(before: Identity, now: Identity, epochs_done: int, where: Path) -> None:
    """Refuse to go on with another training than the one that broke off.

    Epochs may be added where the rate is constant. A schedule, or a head that goes first, was laid out for its number
    of epochs: with another number the rate would jump, or rise again. Where steps are counted, epochs say nothing.

    Raises:
        TrainingError: Something else differs, or all epochs that are asked for are done already.
    """
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name) and name not in MAY_CHANGE]
    if changed:
        found = ", ".join(f"{name} {before.get(name)!r} before, {now.get(name)!r} now" for name in changed)
        raise TrainingError(f"{where}: is of another training: {found}; resume with the same, or choose another output")
    if now.get("steps"):
        return
    laid_out = f"schedule {now['schedule']}" if now["schedule"] != "constant" else "head_first"
    if now["epochs"] != before["epochs"] and (now["schedule"] != "constant" or now.get("head_first")):
        raise TrainingError(
            f"{where}: {laid_out} was laid out for {before['epochs']} epochs, not for {now['epochs']}; "
            f"resume with epochs {before['epochs']}, or train anew in another output"
        )
    if now["epochs"] < epochs_done:
        raise TrainingError(
            f"{where}: {epochs_done} epochs are done, {now['epochs']} are asked for; resume with at least {epochs_done}"
        )
