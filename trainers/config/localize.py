"""What `synthgen localize` does. No torch in here: wrong options fail before a model is read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from synthgen.core.config import Model
from synthgen.core.errors import ConfigError
from synthgen.core.paths import FromCommandLine
from synthgen.core.yaml_file import read_yaml, validated
from trainers.config.clip import HUB, LOCAL, TRANSFORMERS
from trainers.config.localizer import ChosenLocalizer, LocalizerConfig, PostProcessing
from trainers.config.pseudo_label import Gate

__all__ = ["LocalizeConfig", "standing_on"]

NOTHING = "none"  # what methods stand on that look at no pixel
FILES = (".pt", ".onnx", ".pth")


class LocalizeConfig(Model):
    """How pictures are localized.

    Attributes:
        localizer: What says where.
        post: How its maps become masks.
        gate: What a mask must be to be learnt from.
        batch_size: Pictures that the localizer sees at once, and that a part of the result holds.
    """

    localizer: LocalizerConfig
    post: PostProcessing = PostProcessing()
    gate: Gate = Gate()
    batch_size: int = Field(default=8, ge=1, le=1024)


def standing_on(model: str, weights: str | None, classes: Path | None) -> dict[str, Any]:
    """Return the values of a `LocalizeConfig` that the command's MODEL means.

    Args:
        model: A CLIP, as a `ClipConfig` names it; a folder or file of a trained model; an encoder, where classes are
            given; a file localizer.yaml; or "none".
        weights: Of a CLIP that open_clip knows by its name, or of an encoder.
        classes: YAML that says which of an encoder's classes a prompt means.

    Raises:
        ConfigError: There is no such file or folder, the YAML cannot be read, or weights are given to what has its own.
    """
    if classes is not None:
        place = Path(weights or "")
        file = str(place.resolve()) if place.is_file() else weights or ""
        return _localizer(encoder=model, weights=file, classes=read_yaml(classes, "file of classes"))
    if model.startswith((HUB, LOCAL, TRANSFORMERS)) or (weights is not None and not Path(model).exists()):
        return _localizer(clip={"model": FromCommandLine(model), "weights": FromCommandLine(weights or "")})
    if weights is not None:
        raise ConfigError(f"--weights {weights}: {model} brings its own weights; leave them out")
    if model.endswith((".yaml", ".yml")):
        return _chosen(Path(model))
    if model == NOTHING:
        return _localizer()
    if Path(model).exists():
        return _localizer(model=str(Path(model).resolve()))
    if os.sep in model or model.endswith(FILES):
        raise ConfigError(f"{model}: no such file or folder; correct the path")
    return _localizer(clip={"model": FromCommandLine(model)})


def _localizer(**values: Any) -> dict[str, Any]:
    return {"localizer": values}


def _chosen(path: Path) -> dict[str, Any]:
    """Read what was chosen; paths in it start at its own folder."""
    values: Mapping[str, Any] = read_yaml(path, "file of a chosen localizer")
    chosen = validated(ChosenLocalizer, values, path, base=path.parent)
    return chosen.model_dump(mode="json", exclude_unset=True, exclude={"chosen_on"})
