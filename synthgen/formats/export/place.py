"""The folder of a command's result: made beside its place, complete when it appears there, continued after a kill.

`.NAME.export/` beside the target, or so of another command, holds `claim.json`, which says what the result is of,
`files/`, what will be the target, and `parts/`, what is finished of it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from synthgen.core.errors import OutputError
from synthgen.core.files import make_directory, write_atomic

__all__ = ["Place"]

CLAIM = "claim.json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a result goes.

    Attributes:
        target: The folder that appears when all is done.
        command: The command, which gives its name to what it leaves.
        option: The command's option that names the target.
    """

    target: Path
    command: str = "export"
    option: str = "--out"

    @property
    def work(self) -> Path:
        """The folder beside it."""
        return self.target.parent / f".{self.target.name}.{self.command}"

    @property
    def files(self) -> Path:
        """What will be the target."""
        return self.work / "files"

    @property
    def parts(self) -> Path:
        """What is finished, a file for each part."""
        return self.work / "parts"

    @property
    def report_name(self) -> str:
        """Name of the file that says what the result is of."""
        return f"{self.command}.json"

    def claim(self, identity: Mapping[str, str]) -> bool:
        """Take the place for a result, or take it again to continue; return False where it lies there finished.

        Raises:
            OutputError: The target holds something else, an unfinished result differs, or nothing can be written.
        """
        if self._lies_there(identity):
            shutil.rmtree(self.work, ignore_errors=True)  # a kill came between the last rename and this
            return False
        found = _read(self.work / CLAIM)
        if found is None and self.work.exists() and any(self.work.iterdir()):
            raise OutputError(
                f"{self.work}: not left by `synthgen {self.command}`; move it away, or choose another {self.option}"
            )
        if found is not None and found != identity:
            changed = [f"{name} differs" for name in identity if found.get(name) != identity[name]]
            raise OutputError(
                f"{self.work}: left by another {self.command} ({', '.join(changed) or 'of another version'}); "
                f"give the same options to continue it, delete that folder, or choose another {self.option}"
            )
        make_directory(self.work)
        if found is None:
            write_atomic(self.work / CLAIM, json.dumps(dict(identity), indent=2).encode())
        self.files.mkdir(exist_ok=True)
        self.parts.mkdir(exist_ok=True)
        return True

    def reveal(self, report: Mapping[str, object]) -> None:
        """Write what the result is of, and let it appear as a whole.

        Raises:
            OSError: It cannot be written.
        """
        text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
        (self.files / self.report_name).write_text(text, encoding="utf-8")
        os.sync()  # one for all files; a sync of each takes longer than all the rest
        self.files.replace(self.target)
        shutil.rmtree(self.work, ignore_errors=True)

    def _lies_there(self, identity: Mapping[str, str]) -> bool:
        if not self.target.exists():
            return False
        if not self.target.is_dir():
            raise OutputError(f"{self.target}: is a file; choose another {self.option}")
        report = _read(self.target / self.report_name)
        if report is not None and report.get(self.command) == identity:
            return True
        present = sorted(path.name for path in self.target.iterdir())
        if present:
            what = f"another {self.command}" if report is not None else f"something else, {present[0]!r} among it"
            raise OutputError(f"{self.target}: holds {what}; choose another {self.option}, or move it away")
        return False


def _read(path: Path) -> dict[str, object] | None:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
