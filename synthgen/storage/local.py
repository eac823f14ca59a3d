"""A store in a folder of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from synthgen.core.errors import OutputError
from synthgen.core.files import atomic_path, make_directory
from synthgen.storage.store import Store

__all__ = ["LocalStore", "as_store"]


@dataclass(frozen=True, slots=True)
class LocalStore(Store):
    """The files below a folder, which is made when the first one is written.

    Attributes:
        root: The folder.
    """

    root: Path

    @property
    def place(self) -> str:
        """The folder's path."""
        return str(self.root)

    def list(self, folder: str = "") -> list[str]:
        """Return the names in a folder, sorted."""
        prefix = f"{folder}/" if folder else ""
        try:
            found = [path.name for path in (self.root / folder).iterdir() if path.is_file()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(f"{prefix}{name}" for name in found if not name.startswith("."))

    def size(self, name: str) -> int:
        """Return the length of a file in bytes."""
        return self._existing(name).stat().st_size

    def read(self, name: str) -> bytes:
        """Return the bytes of a file."""
        return self._existing(name).read_bytes()

    @contextmanager
    def stage(self, name: str) -> Iterator[Path]:
        """Yield a temporary path beside the file; sync it and rename it at the end."""
        target = self.root / name
        if not target.parent.is_dir():
            make_directory(target.parent)
        with atomic_path(target) as temporary:
            yield temporary

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""
        try:
            (self.root / name).unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise OutputError(f"{self.root / name}: cannot be removed: {reason}; check permissions") from error

    def local(self, name: str) -> Path:
        """Return the file's own path."""
        return self._existing(name)

    def _existing(self, name: str) -> Path:
        path = self.root / name
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such file")
        return path


def as_store(place: Path | Store) -> Store:
    """Return the store in a folder; a store as it is."""
    return place if isinstance(place, Store) else LocalStore(place)
