"""The jobs of a study: in worker processes on this machine or on a Dask cluster, resumable, failure by failure."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from dask.distributed import Client, as_completed

from synthgen.core.cluster import local_client, remote_client
from trainers.study.job import Job, failed_row, finished_row, run_job

__all__ = ["run_jobs"]

# A dead worker takes its job with it, not the study: no second try of what may have used up all memory.
# Not a daemon, as training on several devices starts processes of its own.
SETTINGS = {"distributed.scheduler.allowed-failures": 0, "distributed.worker.daemon": False}


def run_jobs(jobs: Sequence[Job], *, workers: int, scheduler: str | None) -> Iterator[dict[str, Any]]:
    """Yield the row of each job: at once of those that went well before, then of the others as they end.

    Workers of a scheduler must see the same file system. Nothing that happens to a job stops the others.

    Raises:
        ConfigError: The scheduler does not answer.
    """
    rows = {job.run.name: finished_row(job) for job in jobs}
    yield from (row for row in rows.values() if row is not None)
    pending = [job for job in jobs if rows[job.run.name] is None]
    if not pending:
        return
    workers = min(workers, len(pending))
    with _connected(workers, scheduler) as client:
        threads = 0 if scheduler else _threads(workers)
        waiting = iter([replace(job, threads=threads) for job in pending])
        running: dict[Any, Job] = {}
        ended = as_completed(with_results=True, raise_errors=False)
        for _ in range(sum(client.nthreads().values())):  # as many as run at once: one that waited on a worker
            _start(client, next(waiting, None), running, ended)  # would be blamed for its death, too
        while running:
            future, result = next(ended)
            job = running.pop(future)
            yield result if future.status == "finished" else failed_row(job, _why(result))
            _start(client, next(waiting, None), running, ended)


def _start(client: Client, job: Job | None, running: dict[Any, Job], ended: as_completed) -> None:
    if job is not None:
        future = client.submit(run_job, job, pure=False, retries=0)
        running[future] = job
        ended.add(future)


def _why(error: Any) -> str:
    reason = error[1] if isinstance(error, tuple) else error
    return f"its worker process died, perhaps for want of memory: {reason!r}"


@contextmanager
def _connected(workers: int, scheduler: str | None) -> Iterator[Client]:
    if scheduler is not None:
        with remote_client(scheduler, "--scheduler") as client:
            yield client
    else:
        threads = str(_threads(workers))
        with local_client(workers, {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}, SETTINGS) as client:
            yield client


def _threads(workers: int) -> int:
    return max(1, (os.cpu_count() or 1) // workers)
