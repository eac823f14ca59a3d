"""The trainers' commands are registered without what they need when they run."""

import subprocess
import sys

import typer

from trainers.commands.register import COMMANDS, register

HEAVY = ("numpy", "pydantic", "torch", "rich", "yaml", "cv2", "pyarrow", "lightning", "matplotlib")


def test_every_command_is_registered_under_its_name():
    app = typer.Typer()
    register(app)
    assert [command.name for command in app.registered_commands] == [
        command.__name__.replace("_", "-") for command in COMMANDS
    ]
    assert {"train", "evaluate", "predict", "package", "photographs", "study", "gap"} <= {
        command.name for command in app.registered_commands
    }


def test_registration_imports_nothing_heavy():
    script = (
        "import sys, typer; before = set(sys.modules);"
        "import trainers.commands.register as commands; commands.register(typer.Typer());"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = {name.partition(".")[0] for name in done.stdout.split()}
    assert imported & set(HEAVY) == set()
