"""Models of `transformers`, whole or not at all: out of a folder, or from the hub and its cache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoProcessor
from transformers.utils import logging

from synthgen.core.errors import TrainingError
from synthgen.core.files import content_of

__all__ = ["Pretrained", "open_pretrained"]

NAMED = 3  # weights that a message names


@dataclass(frozen=True, slots=True, eq=False)
class Pretrained:
    """A model with what prepares its input.

    Attributes:
        model: On the device that computes, in evaluation mode, float32.
        processor: Of pictures and texts.
        identity: Its name and what its weights are, without a folder of whoever has them.
    """

    model: Any
    processor: Any
    identity: dict[str, str]


def open_pretrained(name: str, kind: type[Any], role: str) -> Pretrained:
    """Open a model that `save_pretrained` wrote, or one of the hub.

    Args:
        name: A folder, or a name on the hub such as "facebook/sam-vit-base".
        kind: Class of `transformers`.
        role: What it is for, in messages.

    Raises:
        TrainingError: It is not there, is another model, or some of its files are missing, broken or incomplete.
    """
    logging.disable_progress_bar()
    logging.set_verbosity_error()  # what it would warn of is an error here
    folder, who = Path(name).expanduser(), f"{role} {name}"
    source = str(folder) if folder.is_dir() else name
    with _failures_explained(folder, who):
        config = AutoConfig.from_pretrained(source)
    _check_kind(config, kind, who)
    with _failures_explained(folder, who):
        model, report = kind.from_pretrained(source, dtype=torch.float32, output_loading_info=True)
        processor = AutoProcessor.from_pretrained(source)
    _check_whole(report, who)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return Pretrained(model.eval().to(device), processor, _identity(name, folder, config))


@contextmanager
def _failures_explained(folder: Path, who: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # what is raised for half a model is of many kinds
        place = "in this folder" if folder.is_dir() else "no such folder here, and from the hub"
        reason = str(error).strip().partition("\n")[0]
        raise TrainingError(
            f"{who}: cannot be opened: {place}: {type(error).__name__}: {reason}; give a folder with its "
            "config, weights and processor, or a name on the hub while there is a network or after it was downloaded"
        ) from error


def _check_kind(config: Any, kind: type[Any], who: str) -> None:
    expected = kind.config_class.model_type
    if config.model_type != expected:
        raise TrainingError(
            f"{who}: is a model of type {config.model_type!r}, expected {expected!r}; give one of those"
        )


def _check_whole(report: dict[str, Any], who: str) -> None:
    """Refuse weights of which some are missing: transformers would begin them at random, and only warn."""
    missing = sorted(report["missing_keys"])
    if missing:
        named = ", ".join(missing[:NAMED])
        raise TrainingError(
            f"{who}: {len(missing)} of its weights are missing, such as {named}; download it again, whole"
        )


def _identity(name: str, folder: Path, config: Any) -> dict[str, str]:
    if folder.is_dir():
        return {"name": folder.resolve().name, "sha256": content_of(folder)}
    return {"name": name, "revision": str(config._commit_hash)}
