"""Files of a source: its pictures, and the picture that an annotation means by a name."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from PIL import Image, UnidentifiedImageError

from synthgen.core.errors import DatasetError
from synthgen.core.pictures import IMAGE_SUFFIXES

__all__ = ["LOOKED_AT", "PictureIndex", "files_of", "has_alpha", "name_in", "pictures_of"]

LOOKED_AT = 2000  # files, to tell what a source is


def files_of(source: Path, suffixes: frozenset[str] | set[str]) -> Iterator[Path]:
    """Yield the files of a folder with one of these suffixes (lower case, with dot), sorted; of a file, itself.

    What is hidden is passed over.
    """
    if source.is_file():
        found = [source] if source.suffix.lower() in suffixes else []
    else:
        found = sorted(path for path in source.rglob("*") if path.suffix.lower() in suffixes)
    for path in found:
        shown = not any(part.startswith(".") for part in path.relative_to(source).parts)
        if shown and not path.is_dir():
            yield path


def pictures_of(source: Path) -> Iterator[Path]:
    """Yield the pictures of a folder, sorted."""
    return files_of(source, IMAGE_SUFFIXES)


def has_alpha(path: Path) -> bool:
    """Tell by a picture's header whether it has transparency; False for what cannot be read."""
    try:
        with Image.open(path) as picture:
            return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False


def name_in(source: Path, path: Path) -> str:
    """Return a file's path within a source, without suffix."""
    return (path.relative_to(source) if path != source else Path(path.name)).with_suffix("").as_posix()


class PictureIndex:
    """Finds the picture that an annotation names, wherever in the source it lies."""

    def __init__(self, source: Path) -> None:
        """Walk the folder once."""
        self._source = source
        self._paths: dict[str, list[Path]] = {}
        for path in pictures_of(source):
            self._paths.setdefault(path.name, []).append(path)

    def find(self, name: str, near: Path | None = None) -> Path:
        """Return the picture whose path ends with `name`; of several, the one that lies in the folder `near`.

        Raises:
            DatasetError: There is none, or more than one that could be meant.
        """
        parts = PurePosixPath(name.replace("\\", "/")).parts
        found = self._paths.get(parts[-1], []) if parts else []
        for count in range(len(parts), 0, -1):  # the longest tail that fits
            meant = [path for path in found if path.parts[-count:] == parts[-count:]]
            if meant:
                close = [path for path in meant if near is not None and path.is_relative_to(near)]
                return self._only(close or meant, name)
        raise DatasetError(f"{reprlib.repr(name)}: no such picture in {self._source.name}; add it")

    def _only(self, found: list[Path], name: str) -> Path:
        if len(found) > 1:
            raise DatasetError(f"{reprlib.repr(name)}: {len(found)} pictures of that name; give a source with one")
        return found[0]
