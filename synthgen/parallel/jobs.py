"""`run_jobs`: one task for many jobs, wherever the engine says, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any, TypeVar

from synthgen.parallel.outcome import Outcome
from synthgen.parallel.settings import EngineConfig

__all__ = ["run_jobs"]

Job = TypeVar("Job")
Result = TypeVar("Result")


def run_jobs(
    engine: EngineConfig,
    task: Callable[..., Result],
    jobs: Iterable[Job],
    *,
    shared: Mapping[str, Any] | None = None,
    count: int | None = None,
    keep_going: bool = False,
    alone: bool = False,
    one_here: bool = False,
) -> Iterator[Outcome[Job, Result]]:
    """Call `task(job, **shared)` for each job and yield the outcomes as they come, in any order.

    `jobs` may be a generator of any length: only some thousand are in memory at a time. `shared` reaches each worker
    once. `count`, the number of jobs if it is known, keeps the engine from starting more workers than that.

    By default the first failure is raised and the other jobs are given up. With `keep_going` a failure is an outcome
    like any other, also when the job's process dies. With `alone` every job has a process of its own, whatever the
    kind of engine, so that no two share a global random generator; kind "processes" does so anyway. With `one_here`
    a local engine that would start a single worker runs the jobs in this process instead, and raises what they raise.

    Raises:
        ConfigError: The scheduler does not answer.
        EngineError: A job's process died, without `keep_going`.
    """
    if one_here and engine.has_one_worker(count):
        yield from (Outcome(job, task(job, **(shared or {}))) for job in jobs)
        return
    with closing(_outcomes(engine, task, jobs, shared or {}, count, alone)) as outcomes:
        for outcome in outcomes:
            if outcome.error is not None and not keep_going:
                raise outcome.error
            yield outcome


def _outcomes(
    engine: EngineConfig,
    task: Callable[..., Any],
    jobs: Iterable[Any],
    shared: Mapping[str, Any],
    count: int | None,
    alone: bool,
) -> Generator[Outcome[Any, Any], None, None]:
    if engine.kind == "processes":
        from synthgen.parallel.processes import in_processes

        return in_processes(engine.workers if count is None else min(engine.workers, count), task, jobs, shared)
    from synthgen.parallel.cluster import on_cluster  # here, as importing Dask takes most of a second

    return on_cluster(engine, task, jobs, shared, count=count, alone=alone)
