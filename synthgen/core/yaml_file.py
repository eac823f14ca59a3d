"""YAML from outside: read within bounds, changed by `--set`, validated. Whatever a file holds, an error is a few lines.

Only ordinary files of a bounded size are opened; `yaml_loader` bounds what stands in them.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from synthgen.core.errors import ConfigError
from synthgen.core.files import read_bounded
from synthgen.core.paths import FromCommandLine
from synthgen.core.yaml_loader import MAX_DEPTH, kind_of, parse_yaml

__all__ = ["apply_override", "overridden_yaml", "read_yaml", "set_value", "validated"]

MAX_BYTES = 256 * 1024
MAX_PROBLEMS = 20  # that one message lists
MAX_QUOTED = 200  # characters of what was given, repeated in a message

M = TypeVar("M", bound=BaseModel)


def read_yaml(path: Path, noun: str) -> dict[str, Any]:
    """Read the mapping that a YAML file holds; `noun` names the kind of file in messages, e.g. "pipeline file".

    The values are text, numbers, booleans, None, lists, and dicts with text as keys; no two places share a value.

    Raises:
        ConfigError: It cannot be read, is no ordinary file, is too large, too deep, or no YAML mapping.
    """
    try:
        text = read_bounded(path, MAX_BYTES).decode()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}; give the path of a {noun}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text; save the {noun} as UTF-8") from error
    values = parse_yaml(text, str(path))
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected a mapping (key: value), found {kind_of(values)}; give a {noun}")
    return values


def overridden_yaml(
    path: Path, noun: str, overrides: Sequence[str], options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Read the mapping that a YAML file holds; apply overrides of `--set`, then options, values by dotted key.

    Raises:
        ConfigError: As `read_yaml`, `apply_override` and `set_value`.
    """
    values = read_yaml(path, noun)
    for override in overrides:
        apply_override(values, override)
    for key, value in (options or {}).items():
        set_value(values, key, value, f"the option for {key}")
    return values


def apply_override(values: dict[str, Any], override: str) -> None:
    """Change `values` in place by what `--set` was given, such as "samples.train=1000".

    Raises:
        ConfigError: It is no key=value, the value is no YAML, or a part of the key holds a value.
    """
    key, equals, text = override.partition("=")
    where = f"--set {_brief(override)}"
    if not equals:
        raise ConfigError(f"{where}: expected key=value, e.g. --set samples.train=1000")
    set_value(values, key, parse_yaml(text, where), where)


def set_value(values: dict[str, Any], key: str, value: Any, where: str) -> None:
    """Set the dotted `key` of `values`, in place; text in `value` counts as typed on the command line.

    Raises:
        ConfigError: A part of the key is empty or holds a value; the message opens with `where`.
    """
    *parents, last = names = key.split(".")
    if not all(names) or len(names) > MAX_DEPTH:
        raise ConfigError(f"{where}: expected key=value, the key being names with dots between, e.g. samples.train")
    inner = values
    for position, name in enumerate(parents):
        inner = inner.setdefault(name, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"{where}: {'.'.join(parents[: position + 1])} holds a value, not a section")
    inner[last] = _typed(value)


def validated(model: type[M], values: Any, where: Path | str, *, base: Path, section: str = "") -> M:
    """Return `values` as a `model`; relative paths in them start at `base`.

    Args:
        model: What they should be.
        values: From a file or the command line.
        where: The file or command, which opens each line of a message.
        base: Folder.
        section: Dotted key under which they stand in the file; empty for the whole file.

    Raises:
        ConfigError: Something is wrong; one line for each mistake names its key.
    """
    try:
        return model.model_validate(values, context={"base": base.resolve()})
    except ValidationError as error:
        lines = [_line(where, section, dict(problem)) for problem in error.errors()]
    more = [f"{where}: and {len(lines) - MAX_PROBLEMS} more mistakes"] if len(lines) > MAX_PROBLEMS else []
    raise ConfigError("\n".join(lines[:MAX_PROBLEMS] + more))


def _line(where: Path | str, section: str, problem: dict[str, Any]) -> str:
    key = ".".join([*([section] if section else []), *map(str, problem["loc"])])
    place = f"{where}: {_brief(key)}: " if key else f"{where}: "
    if problem["type"] == "extra_forbidden":
        return f"{place}unknown key; see the reference for those there are"
    message = _brief(problem["msg"].removeprefix("Value error, "), 5 * MAX_QUOTED)
    found = "" if problem["type"] in ("value_error", "missing") else f" (found {reprlib.repr(problem['input'])})"
    return f"{place}{message}{found}"


def _brief(text: str, limit: int = MAX_QUOTED) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[:limit]}…"


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_typed(inner) for inner in value]
    return FromCommandLine(value) if isinstance(value, str) else value
