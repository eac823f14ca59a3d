"""Which CLIP, and where its weights come from. No torch in here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationInfo, field_validator, model_validator

from synthgen.core.config import Model
from synthgen.core.errors import TrainingError
from synthgen.core.paths import resolve_path

__all__ = ["BESIDE", "HUB", "LOCAL", "TRANSFORMERS", "ClipConfig"]

HUB, LOCAL, TRANSFORMERS = "hf-hub:", "local-dir:", "transformers:"
"""What a model begins with that brings its own weights."""

BESIDE = "./clip"
"""Folder beside a trained model in which the CLIP lies that it stands on."""


class ClipConfig(Model):
    """A CLIP and its weights.

    Attributes:
        model: A name that open_clip lists, such as "ViT-B-16-quickgelu". Or one that brings its weights:
            "local-dir:FOLDER" and "hf-hub:ORG/REPO" in open_clip's format, "transformers:FOLDER" and
            "transformers:ORG/REPO" in that of a `CLIPModel`.
        weights: Of a name of open_clip: a tag that it lists for that name, such as "openai"; a file; or "none" for
            random ones.
    """

    model: str
    weights: str = ""

    @property
    def named(self) -> bool:
        """Whether open_clip knows the model by its name."""
        return not self.model.startswith((HUB, LOCAL, TRANSFORMERS))

    @property
    def title(self) -> str:
        """Name in messages and tables, without the folders of whoever has it."""
        if self.named:
            return f"{self.model} ({Path(self.weights).name})"
        prefix, colon, place = self.model.partition(":")
        return f"{prefix}{colon}{Path(place).name if Path(place).is_absolute() else place}"

    @property
    def place(self) -> Path | None:
        """The folder or file of its weights on this machine; None where a library fetches or makes them."""
        place = Path(self._where)
        return place if self.model.startswith(LOCAL) or place.is_absolute() else None

    def published(self) -> ClipConfig:
        """Return the same as it is found from a model's own folder."""
        return self if self.place is None else self._at(f"{BESIDE}/{self.place.resolve().name}")

    def found_beside(self, folder: Path) -> ClipConfig:
        """Return what `published` returned as it is found from here.

        Args:
            folder: Of the model.

        Raises:
            TrainingError: There is none.
        """
        if not self._where.startswith(f"{BESIDE}/"):
            return self
        place = folder.absolute() / self._where
        if not place.exists():
            raise TrainingError(
                f"{place}: no CLIP there; the model stands on one and does not hold its weights: put it, or a link to "
                "it, in that place"
            )
        return self._at(str(place))

    @property
    def _where(self) -> str:
        """What is said of the place of its weights."""
        return self.weights if self.named else self.model.partition(":")[2]

    def _at(self, place: str) -> ClipConfig:
        """Return the same with weights from another place."""
        changed = {"weights": place} if self.named else {"model": f"{self.model.partition(':')[0]}:{place}"}
        return self.model_copy(update=changed)

    @field_validator("model", mode="before")  # while the text still tells whether it was typed on the command line
    @classmethod
    def _folder(cls, model: Any, info: ValidationInfo) -> Any:
        """Find a folder; what is none may be a name on the hub, except after "local-dir:"."""
        prefix = next((each for each in (LOCAL, TRANSFORMERS) if isinstance(model, str) and model.startswith(each)), "")
        if not prefix or not info.context:
            return model
        folder = resolve_path(type(model)(model.removeprefix(prefix)), info)
        if prefix == LOCAL and not folder.is_dir():
            raise ValueError(f"{folder}: no such folder; give one in open_clip's format")
        return f"{prefix}{folder}" if folder.is_dir() else str(model)

    @field_validator("weights", mode="before")
    @classmethod
    def _file(cls, weights: Any, info: ValidationInfo) -> Any:
        """Find a file; what is none may be a tag."""
        if not isinstance(weights, str) or not weights or not info.context:
            return weights
        file = resolve_path(weights, info)
        return str(file) if file.is_file() else str(weights)

    @model_validator(mode="after")
    def _has_weights(self) -> ClipConfig:
        if self.named and not self.weights:
            raise ValueError(
                f"{self.model} has no weights of its own; give weights: a tag of open_clip, a file, or none"
            )
        if not self.named and self.weights:
            raise ValueError(f"{self.model} brings its weights; leave weights out")
        return self
