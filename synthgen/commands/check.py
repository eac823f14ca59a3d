"""`synthgen assets check`: what is usable, and why the rest is not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthgen.commands.terminal import console
from synthgen.core.errors import ConfigError

__all__ = ["check"]


def check(
    pipeline: Annotated[Path | None, typer.Argument(help="A pipeline file that names the folders.")] = None,
    foregrounds: Annotated[Path | None, typer.Option(help="Folder of cutouts.")] = None,
    backgrounds: Annotated[Path | None, typer.Option(help="Folder of scenes.")] = None,
) -> None:
    """Open every asset once and say what is usable, what was converted, what is refused and why, and the licences.

    Example: synthgen assets check pipeline.yaml
    """
    from synthgen.assets.catalog import AssetsConfig
    from synthgen.assets.hold_out import check_hold_out
    from synthgen.assets.intake import load_catalog
    from synthgen.assets.licences import ANY_LICENCE
    from synthgen.config import load_pipeline
    from synthgen.report.asset_tables import counts_table, findings_table, licences_table

    licences = ANY_LICENCE
    if pipeline is not None:
        whole = load_pipeline(pipeline)
        config, licences = whole.assets, whole.recipe.licences
    elif foregrounds is not None and backgrounds is not None:
        config = AssetsConfig(foregrounds=foregrounds.resolve(), backgrounds=backgrounds.resolve())
    else:
        raise ConfigError("give a pipeline file, or both --foregrounds and --backgrounds")
    catalog = load_catalog(config)
    if catalog.findings:
        console().print(findings_table(catalog))
    check_hold_out(catalog, config.splits)
    console().print(counts_table(catalog, config.splits))
    console().print(licences_table(catalog, licences))
