"""Paths in a config: relative to the file they stand in, or, from the command line, to the working directory.

A border that reads a config from outside validates it with `context={"base": folder}`; then
paths are resolved and folders must exist. Without a context (a manifest read back) they stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

__all__ = ["FromCommandLine", "LocalFile", "LocalFolder", "LocalPath", "LocalSource", "resolve_path"]


class FromCommandLine(str):
    """Text that was typed on the command line."""


def resolve_path(value: Any, info: ValidationInfo) -> Any:
    """Return the absolute path that `value` means in the context of `info`; `value` itself without one.

    Raises:
        ValueError: No path can be made of it.
    """
    base = (info.context or {}).get("base")
    if base is None or not isinstance(value, str | Path):
        return value
    if "\0" in str(value):
        raise ValueError(f"{value!r} holds a NUL character, which no path can hold; correct the path")
    start = Path.cwd() if isinstance(value, FromCommandLine) else base
    try:
        return start / Path(value).expanduser()
    except RuntimeError:
        raise ValueError(f"{value}: there is no such user; write the folder in full") from None


def _must_exist(path: Path, info: ValidationInfo) -> Path:
    if info.context and not _is(path, Path.is_dir):
        raise ValueError(f"{path}: no such folder; create it or correct the path")
    return path


def _must_be_file(path: Path, info: ValidationInfo) -> Path:
    if info.context and not _is(path, Path.is_file):
        raise ValueError(f"{path}: no such file; correct the path")
    return path


def _must_be_there(path: Path, info: ValidationInfo) -> Path:
    if info.context and not _is(path, Path.exists):
        raise ValueError(f"{path}: no such folder or file; correct the path")
    return path


def _is(path: Path, kind: Callable[[Path], bool]) -> bool:
    try:
        return kind(path)
    except OSError as error:
        raise ValueError(f"{str(path)[:200]}: {error.strerror}; correct the path") from None


LocalPath = Annotated[Path, BeforeValidator(resolve_path)]
LocalFolder = Annotated[Path, BeforeValidator(resolve_path), AfterValidator(_must_exist)]
LocalFile = Annotated[Path, BeforeValidator(resolve_path), AfterValidator(_must_be_file)]
LocalSource = Annotated[Path, BeforeValidator(resolve_path), AfterValidator(_must_be_there)]
