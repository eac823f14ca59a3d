"""`Store`: a folder of named files, wherever it lies. Nothing half-written is ever visible in it (law 5)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path

__all__ = ["Store"]


class Store(ABC):
    """Named files; a name may have folders in front, such as ".entries/train-00000.parquet.json".

    A store is cheap to hold, to pickle and to send to workers.
    """

    @property
    @abstractmethod
    def place(self) -> str:
        """Where it lies, for messages."""

    @abstractmethod
    def list(self, folder: str = "") -> list[str]:
        """Return the names of the whole files in `folder`, sorted; none if there is no such folder."""

    @abstractmethod
    def size(self, name: str) -> int:
        """Return the length of a file in bytes.

        Raises:
            FileNotFoundError: There is no such file.
        """

    @abstractmethod
    def read(self, name: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            FileNotFoundError: There is no such file.
        """

    @abstractmethod
    def stage(self, name: str) -> AbstractContextManager[Path]:
        """Yield a path on this machine to write to; when the block ends well, the whole file is visible as `name`.

        A file of that name is replaced. If the block fails, nothing changes.

        Raises:
            OutputError: The file cannot be written.
        """

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""

    @abstractmethod
    def local(self, name: str) -> Path:
        """Return a path on this machine under which the file can be mapped into memory; leave it unchanged.

        Raises:
            FileNotFoundError: There is no such file.
        """

    def put(self, name: str, data: bytes) -> None:
        """Write `data` as a file; readers see the old file or the whole new one.

        Raises:
            OutputError: The file cannot be written.
        """
        with self.stage(name) as path:
            path.write_bytes(data)

    def has(self, name: str) -> bool:
        """Return whether there is such a file."""
        try:
            self.size(name)
        except FileNotFoundError:
            return False
        return True
