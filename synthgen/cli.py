"""The command line. Every failure is one message and a non-zero exit; `--debug` shows the traceback.

Commands import what they need when they run, so that `--help` answers at once (a test counts what is imported).
"""

from __future__ import annotations

import errno
import sys
from collections import Counter
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthgen import __version__
from synthgen.core.errors import ConfigError, DatasetError, SynthgenError
from synthgen.core.files import make_directory

if TYPE_CHECKING:
    from rich.console import Console

    from synthgen.config import PipelineConfig
    from synthgen.core.types import RGB, Split

__all__ = ["app", "main"]

app = typer.Typer(
    name="synthgen",
    help="Synthetic segmentation datasets with perfect masks, and models trained on them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
assets_app = typer.Typer(help="Look after cutouts and scenes.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(assets_app, name="assets")

PipelineFile = Annotated[Path, typer.Argument(help="The pipeline file.", metavar="PIPELINE")]
DatasetFolder = Annotated[Path, typer.Argument(help="A generated dataset.", metavar="DATASET")]
Overrides = Annotated[list[str] | None, typer.Option("--set", help="key=value, e.g. samples.train=1000; repeatable.")]
Output = Annotated[Path | None, typer.Option(help="Directory to write to; default: output.path of the file.")]
Seed = Annotated[int | None, typer.Option(help="Seed; default: the file's.")]
Workers = Annotated[int | None, typer.Option(help="Worker processes; default: engine.workers.")]
Scheduler = Annotated[str | None, typer.Option(help="Address of a running Dask scheduler, e.g. tcp://10.0.0.5:8786.")]


def main() -> None:
    """Run the command line and exit."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        for point in entry_points(group="synthgen.commands"):
            point.load()(app)
        app(args=arguments, prog_name="synthgen")
    except SynthgenError as error:
        _fail(str(error), debug, 1)
    except OSError as error:
        hint = "free some space" if error.errno == errno.ENOSPC else "check the path and its permissions"
        _fail(f"{error.filename or 'system'}: {error.strerror or error}; {hint}", debug, 1)
    except KeyboardInterrupt:
        _fail("interrupted; the same command continues where it stopped", debug, 130)


def _fail(message: str, debug: bool, code: int) -> None:
    if debug:
        raise
    print(f"error: {message}", file=sys.stderr)
    sys.exit(code)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Make synthetic segmentation datasets with perfect masks, and train on them. Any command takes --debug."""
    if version:
        print(__version__)
        raise typer.Exit


@app.command()
def run(pipeline: PipelineFile, output: Output = None, set_: Overrides = None) -> None:
    """Do all of it: generate, train, evaluate, draw; dataset/, models/ and report/ under the output.

    Example: synthgen run pipeline.yaml --output runs/first
    """
    from synthgen.config import load_pipeline

    config = load_pipeline(pipeline, set_ or ())
    folder = make_directory((output or config.output.path).resolve())
    _generate(config, folder / "dataset")
    if not config.sections.get("training"):
        _console().print("no training section, so nothing to train")
        return
    for point in entry_points(group="synthgen.stages"):
        report = point.load()(
            config.sections["training"],
            config.sections.get("evaluation"),
            folder / "dataset",
            folder,
            console=_console(),
        )
        _console().print(f"results: {report}")


@app.command("generate")
def generate_command(
    pipeline: PipelineFile,
    output: Output = None,
    seed: Seed = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    set_: Overrides = None,
) -> None:
    """Generate the dataset, or continue it.

    Example: synthgen generate pipeline.yaml --output data/firearms --seed 1 --workers 2 --set samples.train=1000
    """
    from synthgen.config import load_pipeline

    options = {
        "seed": seed,
        "engine.workers": workers,
        "engine.kind": "scheduler" if scheduler else None,
        "engine.scheduler": scheduler,
    }
    given = {key: value for key, value in options.items() if value is not None}
    config = load_pipeline(pipeline, set_ or (), given)
    _generate(config, (output or config.output.path).resolve())


@assets_app.command("check")
def assets_check(
    pipeline: Annotated[Path | None, typer.Argument(help="A pipeline file that names the folders.")] = None,
    foregrounds: Annotated[Path | None, typer.Option(help="Folder of cutouts.")] = None,
    backgrounds: Annotated[Path | None, typer.Option(help="Folder of scenes.")] = None,
) -> None:
    """Open every asset once and say what is usable, what was converted, and what is refused and why.

    Example: synthgen assets check pipeline.yaml
    """
    from synthgen.assets.catalog import AssetsConfig
    from synthgen.assets.intake import load_catalog
    from synthgen.config import load_pipeline
    from synthgen.report.asset_tables import counts_table, findings_table

    if pipeline is not None:
        config = load_pipeline(pipeline).assets
    elif foregrounds is not None and backgrounds is not None:
        config = AssetsConfig(foregrounds=foregrounds.resolve(), backgrounds=backgrounds.resolve())
    else:
        raise ConfigError("give a pipeline file, or both --foregrounds and --backgrounds")
    catalog = load_catalog(config)
    if catalog.findings:
        _console().print(findings_table(catalog))
    _console().print(counts_table(catalog, config.splits))


@app.command("recipe")
def recipe_command(pipeline: PipelineFile, set_: Overrides = None) -> None:
    """Print the recipe with every value as it holds: what its preset says, what the file says, and the defaults.

    Example: synthgen recipe pipeline.yaml --set recipe.preset=photographs
    """
    import yaml

    from synthgen.config import load_pipeline

    recipe = load_pipeline(pipeline, set_ or ()).recipe.model_dump(mode="json")
    typer.echo(yaml.safe_dump({"recipe": recipe}, sort_keys=False), nl=False)


@app.command("priors")
def priors_command(
    boxes: Annotated[
        Path, typer.Argument(help="COCO file of real boxes; its pictures are not needed.", metavar="FILE")
    ],
    output: Annotated[Path | None, typer.Option(help="YAML to write; default: print it.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Picture of both distributions to write (PNG).")] = None,
    aspect: Annotated[float, typer.Option(min=0.1, max=10, help="Width over height of the frames to generate.")] = 1.0,
) -> None:
    """Measure real boxes and write scale, position, stretch, truncation, instances and negatives of a recipe like them.

    Example: synthgen priors annotations.json --output priors.yaml --picture priors.png
    """
    from synthgen.core.files import write_atomic
    from synthgen.priors.prior import find_prior

    prior = find_prior(boxes, aspect)
    if output is None:
        typer.echo(prior.text, nl=False)
    else:
        make_directory(output.resolve().parent)
        write_atomic(output, prior.text.encode())
        _console().print(f"wrote {output}", soft_wrap=True)
    if picture is not None:
        _save(picture, prior.draw())


@app.command()
def preview(
    dataset: DatasetFolder,
    out: Annotated[Path, typer.Option(help="Picture to write (PNG).")],
    split: Annotated[str, typer.Option(help="train, val or test.")] = "train",
    count: Annotated[int, typer.Option(min=1, max=400, help="Samples to show.")] = 24,
    columns: Annotated[int, typer.Option(min=1, max=20, help="Samples in a row.")] = 6,
) -> None:
    """Draw a contact sheet: pictures with mask outlines, boxes and captions.

    Example: synthgen preview data/firearms --out sheet.png --count 24
    """
    from synthgen.report.contact_sheet import contact_sheet
    from synthgen.shards.reader import ShardDataset

    sheet = contact_sheet(ShardDataset.open(dataset), split=_split(split), count=count, columns=columns)
    _save(out, sheet)


@app.command()
def verify(dataset: DatasetFolder) -> None:
    """Check hashes, counts, the split firewall and the mask algebra of every row.

    Example: synthgen verify data/firearms
    """
    from synthgen.core.progress import progress
    from synthgen.shards.reader import ShardDataset
    from synthgen.shards.verify import verify_dataset

    total = sum(entry.rows for entry in ShardDataset.open(dataset).manifest.shards)
    with progress(_console(), "verify", total=total, unit="rows") as done:
        report = verify_dataset(dataset, progress=done)
    for problem in report.problems:
        _console().print(problem, style="red")
    if report.problems:
        raise DatasetError(f"{dataset}: {len(report.problems)} problems in {report.rows:,} rows; generate it again")
    _console().print(f"clean: {report.rows:,} rows, {report.pixels:,} pixels checked")


@app.command("replay")
def replay_command(
    dataset: DatasetFolder,
    index: Annotated[int, typer.Argument(min=0, help="Index of the row within its split.")],
    out: Annotated[Path, typer.Option(help="Picture to write (PNG).")],
    split: Annotated[str, typer.Option(help="train, val or test.")] = "train",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Where the assets are now: assets.foregrounds=DIR; repeatable.")
    ] = None,
) -> None:
    """Render one row again from its stored scene and compare its pixel hash.

    Example: synthgen replay data/firearms 17 --out row.png
    """
    from synthgen.engine import replay

    result = replay(dataset, _split(split), index, set_ or ())
    _save(out, result.sample.image)
    if not result.matches:
        raise DatasetError(f"{dataset}: {split}[{index}] rendered to {result.hash}, the row says {result.stored_hash}")
    _console().print(f"pixel hash matches: {result.hash}", soft_wrap=True)


@cache
def _console() -> Console:
    from rich.console import Console

    return Console(markup=False, highlight=False)  # what is printed are names from outside: brackets mean themselves


def _generate(config: PipelineConfig, output: Path) -> None:
    from synthgen.core.types import SPLITS
    from synthgen.engine import generate

    manifest = generate(config, output, console=_console())
    rows = Counter({split: 0 for split in SPLITS})
    for entry in manifest.shards:
        rows[entry.split] += entry.rows
    counts = ", ".join(f"{rows[split]:,} {split}" for split in SPLITS)
    _console().print(f"dataset: {output} ({counts})", soft_wrap=True)
    for noun, count in (
        ("objects found no place; see recipe.max_tries", sum(entry.unplaced for entry in manifest.shards)),
        ("targets are too hidden to be labelled", sum(entry.unlabelled for entry in manifest.shards)),
    ):
        if count:
            _console().print(f"{count:,} {noun}")


def _split(name: str) -> Split:
    from synthgen.core.types import SPLITS

    if name not in SPLITS:
        raise ConfigError(f"--split {name}: expected train, val or test")
    return name


def _save(path: Path, picture: RGB) -> None:
    from synthgen.core.pictures import write_picture

    make_directory(path.resolve().parent)
    write_picture(path, picture)
    _console().print(f"wrote {path}", soft_wrap=True)
