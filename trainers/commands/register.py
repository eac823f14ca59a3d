"""The trainers' commands, joined to `synthgen` by an entry point.

`synthgen --help` runs this, so these modules import typer and the standard library only; a command imports the rest
when it runs.
"""

from __future__ import annotations

import typer

from trainers.commands.cutouts import cutouts
from trainers.commands.evaluate import evaluate
from trainers.commands.experiment import experiment
from trainers.commands.gap import gap
from trainers.commands.interpret import interpret
from trainers.commands.localize import localize
from trainers.commands.loop import loop
from trainers.commands.package import package
from trainers.commands.photographs import photographs
from trainers.commands.predict import predict
from trainers.commands.pseudo_label import pseudo_label
from trainers.commands.study import study
from trainers.commands.train import train

__all__ = ["COMMANDS", "register"]

COMMANDS = (
    train,
    evaluate,
    predict,
    package,
    photographs,
    pseudo_label,
    localize,
    interpret,
    cutouts,
    gap,
    study,
    experiment,
    loop,
)


def register(app: typer.Typer) -> None:
    """Add the trainers' commands to the command line, each under its function's name, with "-" for "_"."""
    for command in COMMANDS:
        app.command(command.__name__.replace("_", "-"))(command)
