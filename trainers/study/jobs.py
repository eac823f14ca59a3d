"""The jobs of a study: each in a process of its own, or on a Dask cluster; resumable, failure by failure."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import as_completed as threads_completed
from dataclasses import replace
from typing import Any

from dask.distributed import as_completed

from synthgen.core.cluster import remote_client
from trainers.study.job import Job, failed_row, finished_row, read_row, run_job

__all__ = ["run_jobs"]

Row = dict[str, Any]


def run_jobs(jobs: Sequence[Job], *, workers: int, scheduler: str | None) -> Iterator[Row]:
    """Yield the row of each job: at once of those that went well before, then of the others as they end.

    Without a scheduler `workers` of them run at a time, sharing this machine's cores. Workers of a scheduler must see
    the same file system. Nothing that happens to a job stops the others.

    Raises:
        ConfigError: The scheduler does not answer.
    """
    rows = {job.run.name: finished_row(job) for job in jobs}
    yield from (row for row in rows.values() if row is not None)
    pending = [job for job in jobs if rows[job.run.name] is None]
    if pending:
        yield from _on_cluster(pending, scheduler) if scheduler else _here(pending, min(workers, len(pending)))


def _here(jobs: Sequence[Job], workers: int) -> Iterator[Row]:
    threads = max(1, (os.cpu_count() or 1) // workers)
    with ThreadPoolExecutor(workers) as pool:
        try:
            for future in threads_completed([pool.submit(_in_process, replace(job, threads=threads)) for job in jobs]):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)  # after Ctrl-C no further job begins


def _in_process(job: Job) -> Row:
    """Run a job in a new process: whatever kills that, a want of memory for one, costs this job only."""
    process = multiprocessing.get_context("spawn").Process(target=run_job, args=(job,))
    try:
        process.start()
    except OSError as error:
        return failed_row(job, f"its process could not be started: {error}; lower --workers")
    process.join()
    row = read_row(job)
    if row is None or process.exitcode:
        return failed_row(job, f"its process died with exit code {process.exitcode}, perhaps for want of memory")
    return row


def _on_cluster(jobs: Sequence[Job], scheduler: str) -> Iterator[Row]:
    with remote_client(scheduler, "--scheduler") as client:
        futures = {client.submit(run_job, job, pure=False): job for job in jobs}
        for future, result in as_completed(futures, with_results=True, raise_errors=False):
            if future.status == "finished":
                yield result
            else:
                yield failed_row(futures[future], f"its worker died, perhaps for want of memory: {result[1]!r}")
