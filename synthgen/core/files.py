"""Durable files: temporary name, sync, rename. Nothing half-written is ever visible (law 5)."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synthgen.core.errors import OutputError

__all__ = ["atomic_path", "make_directory", "sha256_of", "write_atomic"]


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target`; on success sync it and rename it into place.

    Raises:
        OutputError: The file cannot be written (disk full, no permission); the temporary file is removed.
    """
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
    try:
        yield temporary
        _sync(temporary)
        temporary.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise OutputError(
            f"{target}: cannot be written: {error.strerror or error}; free some space or choose another --output"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_atomic(target: Path, data: bytes) -> None:
    """Write `data` to `target` so that readers see the old file or the whole new one."""
    with atomic_path(target) as temporary:
        temporary.write_bytes(data)


def make_directory(path: Path) -> Path:
    """Create `path` with its parents and check that it can be written.

    Raises:
        OutputError: It cannot be created or written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe-{uuid.uuid4().hex}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(
            f"{path}: not a writable directory: {error.strerror or error}; choose another --output"
        ) from error
    return path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
