"""Options that several commands share. A default of None is the config model's; a test holds those shown to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from synthgen.parallel import EngineConfig

__all__ = [
    "Boxes",
    "Closing",
    "Dataset",
    "Domains",
    "Fit",
    "Images",
    "LeastArea",
    "LeastScore",
    "Masks",
    "Model",
    "Overrides",
    "Scheduler",
    "Threshold",
    "Tta",
    "domains_of",
    "engine_of",
    "given",
    "placed",
]

OWN = "the model's own"

Model = Annotated[Path, typer.Argument(help="model.pt or .onnx, or the folder that holds it.", metavar="MODEL")]
Dataset = Annotated[Path, typer.Argument(help="A generated dataset.", metavar="DATASET")]
Images = Annotated[Path | None, typer.Option(help="Folder of photographs to score on.")]
Masks = Annotated[Path | None, typer.Option(help="Folder of their masks: same stems, PNG.")]
Boxes = Annotated[Path | None, typer.Option(help="COCO JSON of their boxes.")]
Domains = Annotated[
    list[str] | None,
    typer.Option(
        "--domain",
        metavar="NAME=PATH",
        help="Labelled pictures to score a classifier on: a CSV, a folder with positive and negative, or a dataset; "
        "repeatable.",
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option(min=0.0, max=1.0, help="Probability above which a pixel is foreground.", show_default=OWN),
]
Closing = Annotated[
    float | None,
    typer.Option(
        min=0.0, max=0.5, help="Gaps closed between pixels of a part, as a share of the short side.", show_default=OWN
    ),
]
LeastArea = Annotated[
    float | None,
    typer.Option(min=0.0, max=1.0, help="Area that a part must exceed, as a share of the frame.", show_default=OWN),
]
LeastScore = Annotated[
    float | None,
    typer.Option(min=0.0, max=1.0, help="Mean probability that a part must exceed.", show_default=OWN),
]
Fit = Annotated[
    str | None,
    typer.Option(help="letterbox, or stretch: pictures squeezed into the network's shape.", show_default="letterbox"),
]
Tta = Annotated[
    bool | None,
    typer.Option(
        "--tta", help="Average mirror images and three scales: about 6 times the time (ONNX: mirror images, 2 times)."
    ),
]
Overrides = Annotated[list[str] | None, typer.Option("--set", help="key=value of any other field; repeatable.")]
Scheduler = Annotated[str | None, typer.Option(help="Address of a running Dask scheduler, instead.")]


def given(**options: Any) -> dict[str, Any]:
    """Return the options that were given on the command line."""
    return {name: value for name, value in options.items() if value is not None}


def domains_of(options: list[str] | None) -> dict[str, str] | None:
    """Return the paths of domains by their names; None where none is given.

    Raises:
        ConfigError: One has no name or no path, or two have one name.
    """
    from synthgen.core.errors import ConfigError

    found: dict[str, str] = {}
    for option in options or ():
        name, _, path = option.partition("=")
        if not name or not path:
            raise ConfigError(f"--domain {option}: expected NAME=PATH, such as street=street.csv")
        if name in found:
            raise ConfigError(f"--domain {option}: {name!r} is given twice; give each domain a name of its own")
        found[name] = path
    return found or None


def placed(section: str, **options: Any) -> dict[str, str]:
    """Return the options that were given, as text by their dotted keys in a section of a file."""
    return {f"{section}.{name}": str(value) for name, value in given(**options).items()}


def engine_of(workers: int, scheduler: str | None) -> EngineConfig:
    """Return where jobs run: in so many processes on this machine, or where a scheduler sends them."""
    from synthgen.parallel import EngineConfig

    if scheduler is not None:
        return EngineConfig(kind="scheduler", scheduler=scheduler)
    return EngineConfig(kind="processes", workers=workers)
