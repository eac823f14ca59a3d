"""Samples without shards: planned and rendered when asked for, pixel for pixel those that `generate` would write."""

from __future__ import annotations

from pathlib import Path

from synthgen.assets.cast import Cast
from synthgen.assets.intake import load_catalog
from synthgen.assets.library import Library, build_library
from synthgen.core.files import make_directory
from synthgen.core.types import Sample, Split
from synthgen.engine.settings import GenerationConfig
from synthgen.render.compositor import render_scene
from synthgen.scene.plan import plan_scene

__all__ = ["CompositeDataset"]


class CompositeDataset:
    """A split as a sequence of samples; cheap to pickle, so that the workers of a loader can share it.

    Example:
        >>> dataset = CompositeDataset(load_pipeline(Path("pipeline.yaml")), "train", Path("cache"))  # doctest: +SKIP
        >>> dataset[17].image.shape  # doctest: +SKIP
        (256, 256, 3)
    """

    def __init__(self, config: GenerationConfig, split: Split, cache: Path) -> None:
        """Take the assets in; the decoded ones are kept in `cache`.

        Raises:
            AssetError: No usable asset for the split.
        """
        catalog = load_catalog(config.assets)
        self._config = config
        self._cast = Cast.of(catalog, split, config.assets.splits, config.recipe.categories)
        self._library = Library.open(build_library(catalog, make_directory(cache)))
        self._length: int = getattr(config.samples, split)

    def __len__(self) -> int:
        """Samples of the split, as the config says."""
        return self._length

    def __getitem__(self, index: int) -> Sample:
        """Render sample `index`.

        Raises:
            IndexError: There is no such sample.
            PlacementError: It cannot be planned.
        """
        if not 0 <= index < self._length:
            raise IndexError(f"sample {index} of {self._length}")
        config = self._config
        scene = plan_scene(config.recipe, self._cast, size=config.size, seed=config.seed, index=index)
        return render_scene(scene, self._library)
