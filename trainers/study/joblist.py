"""A list of jobs, each of which leaves one result row in a folder of its own; what went well is not done again."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from synthgen.core.errors import SynthgenError
from synthgen.core.files import make_directory, write_atomic
from synthgen.parallel import EngineConfig, run_jobs
from trainers.study.watch import watching

__all__ = ["RESULT_FILE", "Listed", "done_rows", "failed_row", "failures", "finished_row", "recorded"]

RESULT_FILE, TRACE = "result.json", "error.txt"
Row = dict[str, Any]


class Listed(Protocol):
    """A job of the list."""

    @property
    def folder(self) -> Path:
        """Of its result, and of all that it leaves."""
        ...

    @property
    def digest(self) -> str:
        """Name of everything that decides the result."""
        ...

    @property
    def identity(self) -> Row:
        """What its row says of it, however it ends."""
        ...

    @property
    def logs(self) -> Mapping[str, Path]:
        """Folders of its trainings, by name."""
        ...


J = TypeVar("J", bound=Listed)


def done_rows(
    jobs: Sequence[J], task: Callable[[J], Row], engine: EngineConfig, tell: Callable[[str], None]
) -> Iterator[Row]:
    """Yield the rows of jobs that went well before, then those of the others as they end.

    Each job has a process of its own, and nothing that happens to it stops the others.

    Args:
        jobs: The whole list.
        task: Does a job and returns its row, as `recorded` does.
        engine: Where they run.
        tell: Hears in a line now and then how far the trainings are.

    Raises:
        ConfigError: The scheduler does not answer.
    """
    finished = [finished_row(job) for job in jobs]
    yield from (row for row in finished if row is not None)
    pending = [job for job, row in zip(jobs, finished, strict=True) if row is None]
    with watching({name: folder for job in pending for name, folder in job.logs.items()}, tell):
        for outcome in run_jobs(engine, task, pending, count=len(pending), keep_going=True, alone=True):
            yield failed_row(outcome.job, str(outcome.error)) if outcome.result is None else outcome.result


def finished_row(job: Listed) -> Row | None:
    """Return the row of a job that went well before, unless anything it depends on has changed since."""
    try:
        row: Row = json.loads((job.folder / RESULT_FILE).read_text())
        return row if row["status"] == "done" and row["digest"] == job.digest else None
    except (FileNotFoundError, ValueError, KeyError):
        return None


def recorded(job: J, result: Callable[[J], Row]) -> Row:
    """Do a job; write and return its row, also of a failure, whose trace stays in error.txt."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    make_directory(job.folder)
    (job.folder / RESULT_FILE).unlink(missing_ok=True)
    try:
        row = {**_identity(job), "status": "done", "error": "", **result(job)}
        (job.folder / TRACE).unlink(missing_ok=True)
    except Exception as error:  # whatever it is, the other jobs go on
        write_atomic(job.folder / TRACE, traceback.format_exc().encode())
        name = "" if isinstance(error, SynthgenError) else f"{type(error).__name__}: "
        row = failed_row(job, f"{name}{error}")
    write_atomic(job.folder / RESULT_FILE, (json.dumps(row, indent=1) + "\n").encode())
    return row


def failures(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return name and error of the rows of jobs that failed."""
    return [(row["name"], row["error"]) for row in rows if row["status"] != "done"]


def failed_row(job: Listed, error: str) -> Row:
    """Return the row of a job that failed."""
    return {**_identity(job), "status": "failed", "error": error}


def _identity(job: Listed) -> Row:
    return {**job.identity, "digest": job.digest}
