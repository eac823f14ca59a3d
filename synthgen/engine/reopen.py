"""The studio of a dataset, opened again from the dataset's folder: the same assets, wherever they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synthgen.core.errors import ConfigError, DatasetError
from synthgen.core.yaml_file import apply_override, set_value, validated
from synthgen.engine.settings import LIBRARY_FOLDER
from synthgen.shards.reader import ShardDataset
from synthgen.studio import Studio, StudioConfig

__all__ = ["studio_of"]


def studio_of(dataset: Path, overrides: Sequence[str] = (), changes: Mapping[str, Any] | None = None) -> Studio:
    """Open the studio that made a dataset.

    Args:
        dataset: Folder of a finished dataset.
        overrides: Such as "assets.foregrounds=DIR": where the assets are now.
        changes: Values by dotted key of pipeline.yaml that take the place of the dataset's own, such as
            {"recipe.negatives": 1.0}.

    Raises:
        DatasetError: There is no finished dataset; its assets are missing or others; its recipe cannot be read.
        ConfigError: An override concerns something else than assets.
    """
    manifest = ShardDataset.open(dataset).manifest
    if manifest.merged and not manifest.pipeline:
        raise DatasetError(
            f"{dataset}: was merged out of datasets with different assets; open the dataset that the row comes from: "
            "`merged` in manifest.json says how many rows of each split each gave"
        )
    values = {name: value for name, value in manifest.pipeline.items() if name in StudioConfig.model_fields}
    for key, value in (changes or {}).items():
        set_value(values, key, value, f"the change of {key}")
    for override in overrides:
        if not override.startswith("assets."):
            raise ConfigError(f"--set {override}: the dataset decides all but its assets; set assets.foregrounds=DIR")
        apply_override(values, override)
    try:
        config = validated(StudioConfig, values, dataset, base=dataset)
    except ConfigError as error:
        complaint = "; ".join(str(error).splitlines())
        raise DatasetError(f"{complaint}; {_remedy(complaint)}") from error
    studio = Studio.open(config, dataset / LIBRARY_FOLDER)
    if studio.catalog.digest != manifest.assets_digest:
        raise DatasetError(
            f"{dataset}: the assets in {config.assets.foregrounds} and {config.assets.backgrounds} have changed since "
            "this dataset was made; restore them, or say where they are: --set assets.foregrounds=DIR"
        )
    return studio


def _remedy(complaint: str) -> str:
    if ": recipe" in complaint:
        return "the recipe is of another synthgen: generate the dataset again with this one"
    return "say where the assets are: --set assets.foregrounds=DIR"
