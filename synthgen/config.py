"""pipeline.yaml as a whole: read, overridden, validated, its paths resolved. Unknown keys are errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from synthgen.core.types import SPLITS
from synthgen.core.yaml_file import overridden_yaml, validated
from synthgen.engine import GenerationConfig
from synthgen.scene.presets import laid_upon

__all__ = ["PipelineConfig", "load_pipeline"]

SECTIONS = "synthgen.sections"


class PipelineConfig(GenerationConfig):
    """The whole file: generation, and the sections that installed packages contribute.

    Attributes:
        sections: Validated models of those sections by name, e.g. "training".

    Example:
        >>> import synthgen
        >>> pipeline: synthgen.PipelineConfig = synthgen.load_pipeline("pipeline.yaml")
        >>> pipeline.seed, pipeline.samples.train, pipeline.recipe.instances.max
        (7, 16, 3)
    """

    sections: dict[str, Any] = Field(default_factory=dict)

    def __repr__(self) -> str:
        """Say what it makes, and of what."""
        height, width = self.size
        counts = ", ".join(f"{self.samples.of(split):,} {split}" for split in SPLITS if self.samples.of(split))
        folders = f"{self.assets.foregrounds.name}/ and {self.assets.backgrounds.name}/"
        return f"<Pipeline: {counts} rows of {height}×{width} pixels, seed {self.seed}, from {folders}>"


def load_pipeline(
    path: Path | str,
    overrides: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    *,
    recipe: Mapping[str, Any] | None = None,
) -> PipelineConfig:
    """Read `path`, apply overrides such as "samples.train=1000", then options, values by dotted key.

    `recipe` lies upon the recipe of all that, as that lies upon its preset; `preset: null` in it drops the preset.

    Paths within the file are relative to it; paths in overrides and options to the working directory. What an
    option may be, the models alone say.

    Example:
        >>> import synthgen
        >>> synthgen.load_pipeline("pipeline.yaml", ["samples={train: 4000}", "size=[256, 256]"])
        <Pipeline: 4,000 train rows of 256×256 pixels, seed 7, from foregrounds/ and backgrounds/>

    Raises:
        ConfigError: The file is missing or no YAML, a key is unknown, a value is out of range.
    """
    path = Path(path).expanduser()
    values = overridden_yaml(path, "pipeline file", overrides, options)
    if recipe:
        values["recipe"] = _laid(recipe, values.get("recipe"))
    sections = {name: _section(path, name, model, values) for name, model in _contributed().items() if name in values}
    core = {key: value for key, value in values.items() if key not in sections}
    generation = validated(GenerationConfig, core, path, base=path.parent)
    return PipelineConfig(
        **{name: getattr(generation, name) for name in GenerationConfig.model_fields}, sections=sections
    )


def _laid(recipe: Mapping[str, Any], below: Any) -> dict[str, Any]:
    laid = laid_upon(recipe, below) if isinstance(below, dict) else dict(recipe)
    return laid if laid.get("preset", "") is not None else {key: laid[key] for key in laid if key != "preset"}


def _contributed() -> dict[str, type[BaseModel]]:
    return {point.name: point.load() for point in entry_points(group=SECTIONS)}


def _section(path: Path, name: str, model: type[BaseModel], values: dict[str, Any]) -> Any:
    return validated(model, values[name], path, base=path.parent, section=name)
