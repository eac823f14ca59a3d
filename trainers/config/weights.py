"""Weights that an encoder begins with: none, those of the hub, or those of a file that is there. No torch in here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from synthgen.core.paths import resolve_path

__all__ = ["NO_FILE", "Weights"]

NO_FILE = ("none", "imagenet")  # weights that are no file


def _resolved(weights: Any, info: ValidationInfo) -> Any:
    """Find a file while the text still tells whether it was typed on the command line."""
    return weights if weights in NO_FILE or not isinstance(weights, str) else str(resolve_path(weights, info))


def _at_hand(weights: str, info: ValidationInfo) -> str:
    if info.context and weights not in NO_FILE and not Path(weights).is_file():
        raise ValueError(f"{weights}: no such file; give none, imagenet, or a file of encoder weights")
    return weights


Weights = Annotated[str, BeforeValidator(_resolved), AfterValidator(_at_hand)]
""" "none", "imagenet" (from the hub), or the path of a file, which must exist when a border validates it."""
