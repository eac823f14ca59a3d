"""pipeline.yaml as a whole: read, overridden, validated, its paths resolved. Unknown keys are errors."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Field, ValidationError

from synthgen.core.errors import ConfigError
from synthgen.core.paths import FromCommandLine
from synthgen.engine import GenerationConfig

__all__ = ["PipelineConfig", "load_pipeline"]

SECTIONS = "synthgen.sections"


class PipelineConfig(GenerationConfig):
    """The whole file: generation, and the sections that installed packages contribute.

    Attributes:
        sections: Validated models of those sections by name, e.g. "training".
    """

    sections: dict[str, Any] = Field(default_factory=dict)


def load_pipeline(path: Path, overrides: Sequence[str] = ()) -> PipelineConfig:
    """Read `path` and apply overrides such as "samples.train=1000".

    Paths within the file are relative to it; paths in overrides to the working directory.

    Raises:
        ConfigError: The file is missing or no YAML, a key is unknown, a value is out of range.
    """
    values = _read(path)
    for override in overrides:
        _override(values, override)
    sections = {name: _section(path, name, model, values) for name, model in _contributed().items() if name in values}
    core = {key: value for key, value in values.items() if key not in sections}
    generation = _validated(path, GenerationConfig, core)
    return PipelineConfig(
        **{name: getattr(generation, name) for name in GenerationConfig.model_fields}, sections=sections
    )


class _UniqueKeys(yaml.SafeLoader):
    """Refuses a key given twice, which YAML would let the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is given twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _read(path: Path) -> dict[str, Any]:
    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; give the path of a pipeline file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected a mapping with seed, assets, size, samples, recipe and output")
    return values


def _override(values: dict[str, Any], override: str) -> None:
    dotted, equals, text = override.partition("=")
    if not equals or not dotted:
        raise ConfigError(f"--set {override}: expected key=value, e.g. --set samples.train=1000")
    *parents, last = dotted.split(".")
    inner = values
    for position, key in enumerate(parents):
        inner = inner.setdefault(key, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {override}: {'.'.join(parents[: position + 1])} holds a value, not a section")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {override}: not valid YAML: {error}") from error
    inner[last] = FromCommandLine(value) if isinstance(value, str) else value


def _contributed() -> dict[str, type[BaseModel]]:
    return {point.name: point.load() for point in entry_points(group=SECTIONS)}


def _section(path: Path, name: str, model: type[BaseModel], values: dict[str, Any]) -> Any:
    return _validated(path, model, values[name], prefix=name)


def _validated(path: Path, model: type[Any], values: Any, prefix: str = "") -> Any:
    try:
        return model.model_validate(values, context={"base": path.parent.resolve()})
    except ValidationError as error:
        raise ConfigError("\n".join(_line(path, prefix, dict(problem)) for problem in error.errors())) from None


def _line(path: Path, prefix: str, problem: dict[str, Any]) -> str:
    where = ".".join([*([prefix] if prefix else []), *map(str, problem["loc"])]) or "the file"
    if problem["type"] == "extra_forbidden":
        return f"{path}: {where}: unknown key; see the reference for those there are"
    message = problem["msg"].removeprefix("Value error, ")
    found = "" if problem["type"] in ("value_error", "missing") else f" (found {problem['input']!r})"
    return f"{path}: {where}: {message}{found}"
