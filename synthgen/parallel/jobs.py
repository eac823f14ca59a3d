"""`run_jobs`: one task for many jobs, wherever the engine says, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from synthgen.parallel.settings import EngineConfig

__all__ = ["Outcome", "run_jobs"]

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Job, Result]):
    """What became of a job.

    Attributes:
        job: The job.
        result: What the task returned; None if it failed.
        error: What the task raised, or an `EngineError` if its process died; None if it went well.
    """

    job: Job
    result: Result | None = None
    error: Exception | None = None

    def value(self) -> Result:
        """Return the result, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.result  # type: ignore[return-value]  # None only where the task returns None


def run_jobs(
    engine: EngineConfig,
    task: Callable[..., Result],
    jobs: Iterable[Job],
    *,
    shared: Mapping[str, Any] | None = None,
    count: int | None = None,
    keep_going: bool = False,
    alone: bool = False,
) -> Iterator[Outcome[Job, Result]]:
    """Call `task(job, **shared)` for each job and yield the outcomes as they come, in any order.

    `jobs` may be a generator of any length: only some thousand are in memory at a time. `shared` reaches each worker
    once. `count`, the number of jobs if it is known, keeps the engine from starting more workers than that.

    By default the first failure is raised and the other jobs are given up. With `keep_going` a failure is an outcome
    like any other, also when the job's process dies. With `alone` every job has a process of its own, whatever the
    kind of engine, so that no two share a global random generator; kind "processes" does so anyway.

    Raises:
        ConfigError: The scheduler does not answer.
        EngineError: A job's process died, without `keep_going`.
    """
    raise NotImplementedError
