"""From Python: a pipeline previewed without writing, and generated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import overload

from rich.console import Console

from synthgen import engine
from synthgen.config import PipelineConfig, load_pipeline
from synthgen.core.errors import ConfigError
from synthgen.core.pictures import encode_png
from synthgen.core.types import SPLITS
from synthgen.interface.dataset import Dataset, open
from synthgen.interface.row import Row
from synthgen.report.contact_sheet import sheet_of
from synthgen.studio import Studio

__all__ = ["Preview", "generate", "preview"]

COLUMNS = 4  # of a preview in a notebook
MOST = 400  # rows of a preview, which lie in memory


def generate(pipeline: PipelineConfig | Path | str, output: Path | str | None = None) -> Dataset:
    """Generate a dataset, or continue it, as `synthgen generate` does, and open it.

    Example:
        >>> import synthgen
        >>> dataset = synthgen.generate("pipeline.yaml", "data/firearms")
        >>> dataset.manifest.licences.keys()
        dict_keys(['CC0-1.0'])

    Args:
        pipeline: What `load_pipeline` gives, or the file.
        output: Folder; None for `output.path` of the pipeline.

    Raises:
        SynthgenError: As the command; nothing half-written is visible.
    """
    config = _config(pipeline)
    folder = Path(output or config.output.path).expanduser().resolve()
    engine.generate(config, folder, console=Console(stderr=True, markup=False))
    return open(folder)


def preview(pipeline: PipelineConfig | Path | str, count: int = 8) -> Preview:
    """Render the first rows of a pipeline without writing them anywhere.

    They are those that `generate` would write, before their images are encoded. Only the assets that they show are
    decoded, into a temporary folder.

    Example:
        >>> import synthgen
        >>> synthgen.preview("pipeline.yaml", 4)
        <Preview: 4 of 16 train rows of 96×128 pixels>

    Args:
        pipeline: What `load_pipeline` gives, or the file.
        count: Rows, 1 to 400; as many as there are, where the first split with samples has fewer.

    Raises:
        ConfigError: The count is out of range.
        AssetError: No usable asset for a split that has samples.
        PlacementError: A scene cannot be planned.
    """
    if not 1 <= count <= MOST:
        raise ConfigError(f"a preview of {count} rows; ask for 1 to {MOST}")
    config = _config(pipeline)
    split = next(split for split in SPLITS if config.samples.of(split))
    total = config.samples.of(split)
    with TemporaryDirectory() as folder:
        studio = Studio.open(config, Path(folder))
        scenes = [studio.scene(split, index) for index in range(min(count, total))]
        few = studio.only_for(scenes, Path(folder))
        rows = tuple(Row.of(few.render(scene)) for scene in scenes)
    return Preview(rows, f"{total:,} {split}")


class Preview(Sequence[Row]):
    """Rows that were rendered to be looked at; a notebook shows all of them.

    Example:
        >>> import synthgen
        >>> rows = synthgen.preview("pipeline.yaml", 2)
        >>> [row.name for row in rows], rows[0].image.dtype.name
        (['train-000000', 'train-000001'], 'uint8')
    """

    def __init__(self, rows: Sequence[Row], total: str) -> None:
        """Hold rendered rows; `total` says of how many, such as "1,600 train"."""
        self._rows, self._total = tuple(rows), total

    def __len__(self) -> int:
        """Number of rows."""
        return len(self._rows)

    @overload
    def __getitem__(self, key: int) -> Row: ...

    @overload
    def __getitem__(self, key: slice) -> Preview: ...

    def __getitem__(self, key: int | slice) -> Row | Preview:
        """Return a row, or a preview of some.

        Raises:
            IndexError: There is no such row.
        """
        return Preview(self._rows[key], self._total) if isinstance(key, slice) else self._rows[key]

    def __repr__(self) -> str:
        """Say what it is."""
        if not self._rows:
            return f"<Preview: none of {self._total} rows>"
        height, width = self._rows[0].size
        return f"<Preview: {len(self)} of {self._total} rows of {height}×{width} pixels>"

    def _repr_png_(self) -> bytes | None:
        """Show it in a notebook, with masks and boxes drawn on the rows."""
        if not self._rows:
            return None
        facts = f"{len(self)} of {self._total} rows"
        return encode_png(sheet_of([row.tile() for row in self._rows], "preview", facts, columns=COLUMNS))


def _config(pipeline: PipelineConfig | Path | str) -> PipelineConfig:
    return pipeline if isinstance(pipeline, PipelineConfig) else load_pipeline(pipeline)
