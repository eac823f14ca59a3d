"""A photograph in a file: read whole, or opened as a picture that is decoded when its pixels are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Protocol

from synthgen.core.errors import AssetError, DatasetError
from synthgen.core.files import read_bounded
from synthgen.core.picture import EncodedPicture, Samples, Truth
from synthgen.core.pictures import read_background, read_header
from synthgen.core.types import RGB, Size

__all__ = [
    "MAX_BYTES",
    "PhotographSamples",
    "header",
    "open_photograph",
    "photograph_name",
    "read_file",
    "read_photograph",
    "refuse_clashes",
]

MAX_BYTES = 512 * 2**20  # of a picture's file: 64 megapixels of 16-bit RGBA, not compressed


class PhotographSamples(Samples, Protocol):
    """Photographs, each in a file of its own."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in the order of the samples."""
        ...


def read_photograph(path: Path) -> RGB:
    """Read any picture as RGB, turned upright.

    Raises:
        DatasetError: It cannot be read.
    """
    return _decoded(path, read_file(path))


def photograph_name(file: Path | str) -> str:
    """Return a path within a folder without its suffix, folders joined by "-", as a name has to be safe as a file's."""
    return "-".join(Path(file).with_suffix("").parts)


def open_photograph(path: Path, name: str, truth: Callable[[Size], Truth] | None = None) -> EncodedPicture:
    """Read a picture's bytes and header; its pixels and its truth are decoded when they are first asked for.

    The bytes are offered as `data` only where they need no turning and no conversion. `truth` is given the size.

    Raises:
        DatasetError: It cannot be read.
    """
    data = read_file(path)
    size, plain = header(path, data)
    read_truth = Truth if truth is None else partial(truth, size)
    return EncodedPicture(name, name, size, data if plain else None, partial(_decoded, path, data), read_truth)


def header(path: Path, data: bytes) -> tuple[Size, bool]:
    """Return height and width of an encoded picture, and whether its pixels are those that are stored.

    Raises:
        DatasetError: It is no picture, or too large.
    """
    try:
        return read_header(BytesIO(data))
    except AssetError as error:
        raise DatasetError(f"{path}: {error}") from error


def read_file(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Read a file of at most `limit` bytes.

    Raises:
        DatasetError: It cannot be read, is no ordinary file, or is larger.
    """
    try:
        return read_bounded(path, limit)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror or error}; correct the path") from error


def refuse_clashes(names: Iterable[tuple[str, object]], where: Path) -> None:
    """Check that no two pictures have one name, whatever its case, as what is written for them would be lost.

    Raises:
        DatasetError: Two have; the message names the sources of both.
    """
    taken: dict[str, object] = {}
    for name, source in names:
        other = taken.setdefault(name.casefold(), source)
        if other is not source:
            raise DatasetError(f"{where}: {other} and {source} are both called {name!r}; rename one of them")


def _decoded(path: Path, data: bytes) -> RGB:
    try:
        return read_background(BytesIO(data))[0]
    except AssetError as error:
        raise DatasetError(f"{path}: {error}") from error
