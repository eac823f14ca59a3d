"""A store on any file system that fsspec knows, such as memory:// or an object store."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import fsspec

from synthgen.core.errors import OutputError
from synthgen.core.files import write_atomic
from synthgen.storage.store import Store

__all__ = ["FileSystemStore"]


@dataclass(frozen=True)
class FileSystemStore(Store):
    """The files below an address; a file is written here first and becomes visible by one upload.

    Attributes:
        address: Such as "memory://data".
        cache: Folder of this machine for files that are mapped into memory; it may be deleted.
    """

    address: str
    cache: Path

    @cached_property
    def _system(self) -> tuple[fsspec.AbstractFileSystem, str]:
        system, root = fsspec.core.url_to_fs(self.address)
        return system, root.rstrip("/")

    @property
    def place(self) -> str:
        """The address."""
        return self.address

    def list(self, folder: str = "") -> list[str]:
        """Return the names in a folder, sorted."""
        system, _ = self._system
        prefix = f"{folder}/" if folder else ""
        try:
            found = system.ls(self._path(folder), detail=True)
        except FileNotFoundError:
            return []
        return sorted(prefix + Path(entry["name"]).name for entry in found if entry["type"] == "file")

    def size(self, name: str) -> int:
        """Return the length of a file in bytes."""
        return int(self._system[0].size(self._path(name)))

    def read(self, name: str) -> bytes:
        """Return the bytes of a file."""
        data: bytes = self._system[0].cat_file(self._path(name))
        return data

    @contextmanager
    def stage(self, name: str) -> Iterator[Path]:
        """Yield a temporary file of this machine; upload it at the end."""
        with tempfile.TemporaryDirectory(prefix="synthgen-") as folder:
            path = Path(folder) / Path(name).name
            yield path
            try:
                self._system[0].put_file(str(path), self._path(name))
            except OSError as error:
                text = f"{self.address}/{name}: cannot be written: {error}; check the address and your rights"
                raise OutputError(text) from error

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""
        if self.has(name):
            self._system[0].rm_file(self._path(name))

    def local(self, name: str) -> Path:
        """Download the file, unless the cache has it already."""
        version = f"{self._path(name)}\n{self._system[0].ukey(self._path(name))}"
        path = self.cache / hashlib.sha256(version.encode()).hexdigest() / Path(name).name
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, self.read(name))
        return path

    def _path(self, name: str) -> str:
        return f"{self._system[1]}/{name}" if name else self._system[1]
