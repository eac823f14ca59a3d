"""Write docs/commands.md from the command line's own help. `tests/test_project.py` compares the two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

from synthgen.cli import app
from trainers.commands.register import register

PAGE = Path(__file__).with_name("commands.md")
HEAD = """# Commands

Written by `docs/build_commands.py` from the command line's help: `synthgen COMMAND --help` says the same. A command
that fails prints one clear message and exits non-zero; with `--debug` it shows the traceback. The
[reference](reference.md) says what the files hold that commands read and write.

"""


def main() -> None:
    """Write it."""
    PAGE.write_text(written())


def written() -> str:
    """Return docs/commands.md."""
    register(app)
    found = list(commands_of(typer.main.get_command(app), "synthgen"))
    index = [(f"[`{name}`](#{name.replace(' ', '-')})", said_of(it)[0].partition("\n")[0]) for name, it in found]
    return HEAD + table(("command", "what it does"), index) + "".join(section(*entry) for entry in found)


def commands_of(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Iterate over the commands of a group, and of those in it, each under its whole name."""
    for word, command in group.commands.items():
        inner = commands_of(command, f"{name} {word}") if hasattr(command, "commands") else None
        yield from [(f"{name} {word}", command)] if inner is None else inner


def said_of(command: Any) -> tuple[str, str]:
    """Return what a command's help says, and its example."""
    text, _, example = command.help.partition("Example: ")
    return text.strip(), " ".join(example.split())


def section(name: str, command: Any) -> str:
    """Return what is said of one command."""
    text, example = said_of(command)
    options = sorted(command.params, key=lambda part: part.opts[0].startswith("--"))  # arguments first
    cells = [(f"`{name_of(part)}`", default_of(part), (part.help or "").replace("|", "\\|")) for part in options]
    return f"\n## {name}\n\n{text}\n\n{table(('option', 'default', 'meaning'), cells)}\n    {example}\n"


def name_of(part: Any) -> str:
    """Return the name of an option or an argument."""
    name: str = part.opts[0]
    return name if name.startswith("--") else (part.metavar or name.upper()).strip("[]")


def default_of(part: Any) -> str:
    """Return the default of an option or an argument."""
    if part.required:
        return "required"
    if getattr(part, "is_flag", False):
        return "off"
    if isinstance(part.show_default, str):
        return part.show_default
    return "" if part.default in (None, "") else str(part.default)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    rule = "|" + "---|" * len(head) + "\n"
    first, *others = (f"| {' | '.join(row)} |\n".replace("|  |", "| |") for row in (head, *rows))
    return first + rule + "".join(others)


if __name__ == "__main__":
    main()
