"""Commands, run as they are typed, but in this process: importing torch for each would take most of the time."""

import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest
import typer
from typer.testing import CliRunner

from synthgen import cli
from trainers.commands.register import register


def synthgen(*arguments, folder):
    """Run `synthgen` in a folder and return its exit status and what it printed, as a process of its own would."""
    words = [str(argument) for argument in arguments]
    output, errors = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["synthgen", *words])
        patch.setattr(cli.app, "registered_commands", list(cli.app.registered_commands))  # to which `main` adds
        with pytest.raises(SystemExit) as end:
            cli.main()
    return subprocess.CompletedProcess(words, end.value.code or 0, output.getvalue(), errors.getvalue())


def run(*arguments):
    """Run a trainers' command and return what it printed; what it raises is raised."""
    app = typer.Typer()
    register(app)
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output
