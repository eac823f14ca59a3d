"""Weights that an encoder begins with: none, those of the hub, or those of a file that is there. No torch in here."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from synthgen.core.paths import resolve_path

__all__ = ["NO_FILE", "Weights"]

NO_FILE = ("none", "imagenet")  # weights that are no file


def _at_hand(weights: str, info: ValidationInfo) -> str:
    if weights in NO_FILE:
        return weights
    path = resolve_path(weights, info)
    if info.context and not path.is_file():
        raise ValueError(f"{path}: no such file; give none, imagenet, or a file of encoder weights")
    return str(path)


Weights = Annotated[str, AfterValidator(_at_hand)]
""" "none", "imagenet" (from the hub), or the path of a file, which must exist when a border validates it."""
