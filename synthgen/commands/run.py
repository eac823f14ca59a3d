"""`synthgen run`: generate, and what other packages do after that."""

from __future__ import annotations

from importlib.metadata import entry_points

from synthgen.commands.generate import generate_dataset
from synthgen.commands.options import Output, Overrides, PipelineFile
from synthgen.commands.terminal import console
from synthgen.core.files import make_directory

__all__ = ["run"]


def run(pipeline: PipelineFile, output: Output = None, set_: Overrides = None) -> None:
    """Do all of it: generate, train, evaluate, draw; dataset/, models/ and report/ under the output.

    The same command goes on where it stopped, and repeats no training that is finished.

    Example: synthgen run pipeline.yaml --output runs/first
    """
    from synthgen.config import load_pipeline

    config = load_pipeline(pipeline, set_ or ())
    folder = make_directory((output or config.output.path).resolve())
    generate_dataset(config, folder / "dataset")
    if not config.sections.get("training"):
        console().print("no training section, so nothing to train")
        return
    for point in entry_points(group="synthgen.stages"):
        report = point.load()(
            config.sections["training"],
            config.sections.get("evaluation"),
            folder / "dataset",
            folder,
            console=console(),
        )
        console().print(f"results: {report}")
