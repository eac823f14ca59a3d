"""`synthgen init`: a pipeline.yaml to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthgen.commands.terminal import console
from synthgen.core.errors import OutputError
from synthgen.core.files import make_directory, write_atomic

__all__ = ["init"]


def init(
    foregrounds: Annotated[Path, typer.Option(help="Folder of cutouts.")],
    backgrounds: Annotated[Path, typer.Option(help="Folder of scenes.")],
    output: Annotated[Path, typer.Option(help="File to write; it must not exist.")] = Path("pipeline.yaml"),
) -> None:
    """Look at two folders of assets, and write a commented pipeline file for them that runs as it is.

    Example: synthgen init --foregrounds cutouts --backgrounds scenes --output cups.yaml
    """
    from synthgen.assets.licences import ANY_LICENCE
    from synthgen.report.asset_tables import counts_table, findings_table, licences_table
    from synthgen.start.draft import draft

    if output.exists() or output.is_symlink():
        raise OutputError(f"{output}: exists, and nothing is overwritten; choose another --output, or move it away")
    made = draft(foregrounds, backgrounds, output)
    if made.catalog.findings:
        console().print(findings_table(made.catalog))
    console().print(counts_table(made.catalog, made.shares))
    console().print(licences_table(made.catalog, ANY_LICENCE))
    make_directory(output.resolve().parent)
    write_atomic(output, made.text.encode())
    console().print(f"wrote {output}; next: synthgen generate {output} --dry-run", soft_wrap=True)
