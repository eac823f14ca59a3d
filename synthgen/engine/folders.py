"""Where a dataset's assets lie, said so that the dataset can be published and moved.

The manifest names the folders of assets relative to the dataset: a project that is moved as a whole still replays its
rows. Where the two have nothing in common but the root of the disk, or the folder of all homes, a relative path would
name somebody's own folders. Then the manifest keeps the last name alone, and whoever replays a row says where the
assets are.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synthgen.engine.settings import GenerationConfig
from synthgen.studio import StudioConfig

__all__ = ["moved", "published", "relative_folder"]


def published(config: GenerationConfig, dataset: Path) -> dict[str, Any]:
    """Return what the manifest keeps of the config: what decides the rows, and no folder of this machine."""
    values = config.model_dump(mode="json", include={*StudioConfig.model_fields})
    for name in ("foregrounds", "backgrounds"):
        values["assets"][name] = relative_folder(getattr(config.assets, name), dataset)
    values["assets"]["more_foregrounds"] = [
        relative_folder(folder, dataset) for folder in config.assets.more_foregrounds
    ]
    values["output"] = config.output.model_dump(mode="json", exclude={"path"})
    return values


def moved(pipeline: Mapping[str, Any], dataset: Path, output: Path) -> dict[str, Any]:
    """Return what the manifest of `dataset` keeps, for a dataset of the same assets in another folder."""
    found = copy.deepcopy(dict(pipeline))
    assets = found.get("assets", {})

    def seen_from_output(folder: str) -> str:
        return relative_folder((dataset / folder).resolve(), output)

    for name in ("foregrounds", "backgrounds"):
        if name in assets:
            assets[name] = seen_from_output(assets[name])
    if more := assets.get("more_foregrounds"):
        assets["more_foregrounds"] = [seen_from_output(folder) for folder in more]
    return found


def relative_folder(folder: Path, dataset: Path) -> str:
    """Return the path of `folder` seen from `dataset`, or its name alone if the two are not related."""
    here, there = dataset.absolute(), folder.absolute()
    try:
        shared = Path(os.path.commonpath([here, there]))
    except ValueError:  # two drives
        return there.name
    if shared in (Path(here.anchor), Path.home().parent):
        return there.name
    return Path(os.path.relpath(there, here)).as_posix()
