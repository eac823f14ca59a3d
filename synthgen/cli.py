"""The command line. Every failure is one message and a non-zero exit; `--debug` shows the traceback."""

from __future__ import annotations

import errno
import sys
from importlib.metadata import entry_points
from typing import Annotated

import typer

from synthgen import __version__
from synthgen.commands.check import check
from synthgen.commands.doctor import doctor
from synthgen.commands.export import export
from synthgen.commands.generate import generate
from synthgen.commands.harvest import harvest
from synthgen.commands.import_assets import import_assets
from synthgen.commands.init import init
from synthgen.commands.merge import merge
from synthgen.commands.preview import preview
from synthgen.commands.priors import priors
from synthgen.commands.recipe import recipe
from synthgen.commands.replay import replay
from synthgen.commands.run import run
from synthgen.commands.verify import verify
from synthgen.core.errors import SynthgenError
from synthgen.core.freed_memory import keep_freed_memory

__all__ = ["app", "assets_app", "main"]

app = typer.Typer(
    name="synthgen",
    help="Synthetic segmentation datasets with perfect masks, and models trained on them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
assets_app = typer.Typer(help="Look after cutouts and scenes.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(assets_app, name="assets")

for command in (init, run, generate, recipe, priors, preview, verify, replay, export, merge, doctor):
    app.command()(command)
assets_app.command()(check)
assets_app.command("import")(import_assets)
assets_app.command()(harvest)


def main() -> None:
    """Run the command line and exit."""
    keep_freed_memory()
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
