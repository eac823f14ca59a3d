"""`synthgen recipe`: every value as it holds."""

from __future__ import annotations

import typer

from synthgen.commands.options import Overrides, PipelineFile

__all__ = ["recipe"]


def recipe(pipeline: PipelineFile, set_: Overrides = None) -> None:
    """Print the recipe with every value as it holds: what its preset says, what the file says, and the defaults.

    Example: synthgen recipe pipeline.yaml --set recipe.preset=photographs
    """
    import yaml

    from synthgen.config import load_pipeline

    recipe = load_pipeline(pipeline, set_ or ()).recipe.model_dump(mode="json")
    typer.echo(yaml.safe_dump({"recipe": recipe}, sort_keys=False), nl=False)
