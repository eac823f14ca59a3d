"""The trainers' commands, run as they are typed."""

import typer
from typer.testing import CliRunner

from trainers.commands.register import register


def run(*arguments):
    """Run a command and return what it printed; what it raises is raised."""
    app = typer.Typer()
    register(app)
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output
