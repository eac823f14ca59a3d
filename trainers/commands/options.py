"""Options that several commands share. A default of None is the config model's; a test holds those shown to it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["Boxes", "Dataset", "Images", "Masks", "Model", "Overrides", "Threshold", "given"]

Model = Annotated[Path, typer.Argument(help="model.pt or .onnx, or the folder that holds it.", metavar="MODEL")]
Dataset = Annotated[Path, typer.Argument(help="A generated dataset.", metavar="DATASET")]
Images = Annotated[Path | None, typer.Option(help="Folder of photographs to score on.")]
Masks = Annotated[Path | None, typer.Option(help="Folder of their masks: same stems, PNG.")]
Boxes = Annotated[Path | None, typer.Option(help="COCO JSON of their boxes.")]
Threshold = Annotated[
    float | None,
    typer.Option(min=0.0, max=1.0, help="Probability from which a pixel is foreground.", show_default="0.5"),
]
Overrides = Annotated[list[str] | None, typer.Option("--set", help="key=value of any other field; repeatable.")]


def given(**options: Any) -> dict[str, Any]:
    """Return the options that were given on the command line."""
    return {name: value for name, value in options.items() if value is not None}
