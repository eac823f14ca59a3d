"""Pictures of one domain with a label each, on which classifiers are scored. No torch in here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import model_validator

from synthgen.core.config import Model
from synthgen.core.paths import LocalFile, LocalFolder

__all__ = ["Domain"]


class Domain(Model):
    """Where they lie; a path alone stands for a folder, or for a CSV file whose photographs lie below its own folder.

    Attributes:
        folder: A generated dataset, or a folder of photographs: with `labels`, or else with the sub-folders `positive`
            and `negative`.
        labels: CSV with the columns `file`, a path within the folder, and `label`: 1 where a target is seen, 0 where
            none is. A column `source` may say where a photograph comes from.
    """

    folder: LocalFolder
    labels: LocalFile | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_one_path(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if Path(value).suffix.lower() != ".csv":
            return {"folder": value}
        return {"folder": type(value)(Path(value).parent), "labels": value}
