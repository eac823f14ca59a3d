"""Durable files: temporary name, sync, rename. Nothing half-written is ever visible (law 5)."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synthgen.core.errors import OutputError

__all__ = ["atomic_path", "cache_folder", "content_of", "make_directory", "read_bounded", "sha256_of", "write_atomic"]


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


def cache_folder(kind: str) -> Path:
    """Return the folder of the user's cache in which what is of a kind is kept, such as "proposals"."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "synthgen" / kind


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


def read_bounded(path: Path, limit: int) -> bytes:
    """Read an ordinary file of at most `limit` bytes. Devices and pipes, which may never end, are not opened.

    Raises:
        OSError: It cannot be read, is no ordinary file, or is larger.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        folder = stat.S_ISDIR(status.st_mode)
        raise OSError(errno.EINVAL, "a folder, not a file" if folder else "not an ordinary file", str(path))
    data = b""
    if status.st_size <= limit:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    if status.st_size > limit or len(data) > limit:  # it may have grown
        raise OSError(errno.EFBIG, f"larger than {limit:,} bytes", str(path))
    return data


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content_of(path: Path) -> str:
    """Return a digest of a file, or of a folder's files and their names: pictures find their masks by name."""
    if path.is_file():
        return sha256_of(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    lines = [f"{file.relative_to(path).as_posix()} {sha256_of(file)}" for file in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
