"""Where shards are rendered: a local cluster of processes, or a running Dask scheduler."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

import dask
from dask.distributed import Client, LocalCluster, as_completed

from synthgen.core.cluster import remote_client
from synthgen.engine.settings import EngineConfig

__all__ = ["completed", "connect"]

IN_FLIGHT = 2048  # tasks that the scheduler knows at a time, as each takes 10 kB of its memory
Job = TypeVar("Job")
Result = TypeVar("Result")

# Dask's own default (MALLOC_TRIM_THRESHOLD_=65536) gives freed memory back at once. A renderer frees a picture
# only to ask for the next: the page faults took 40 % of its time.
WORKER_ENVIRONMENT = {
    "MALLOC_TRIM_THRESHOLD_": str(1 << 28),
    "MALLOC_MMAP_THRESHOLD_": str(1 << 28),
    "OMP_NUM_THREADS": 1,
    "MKL_NUM_THREADS": 1,
    "OPENBLAS_NUM_THREADS": 1,
}


@contextmanager
def connect(config: EngineConfig, jobs: int) -> Iterator[Client]:
    """Yield a client of the running scheduler, or of a local cluster that ends with the block."""
    if config.scheduler is not None:
        with remote_client(config.scheduler, "engine.scheduler") as client:
            yield client
        return
    with (
        dask.config.set({"distributed.nanny.pre-spawn-environ": WORKER_ENVIRONMENT}),
        _environment_kept(),
        LocalCluster(
            n_workers=min(config.workers, jobs),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=0,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def completed(client: Client, task: Callable[..., Result], jobs: Iterable[Job], **shared: Any) -> Iterator[Result]:
    """Run `task` for each job and yield the results as they come, in any order; the first failure cancels the rest."""
    waiting = iter(jobs)
    running = as_completed(with_results=True, raise_errors=False)

    def refill() -> int:
        more = list(islice(waiting, IN_FLIGHT // 2))
        running.update(client.map(task, more, **shared, pure=False, retries=0))
        return len(more)

    unfinished = refill() + refill()
    while unfinished:
        future, result = next(running)
        if future.status == "error":
            client.cancel(list(running.futures))
            _, error, trace = result
            raise error.with_traceback(trace)
        unfinished -= 1
        if unfinished <= IN_FLIGHT // 2:
            unfinished += refill()
        yield result


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Undo what starting workers does to this process: OMP_NUM_THREADS=1 would slow down all training after it."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
