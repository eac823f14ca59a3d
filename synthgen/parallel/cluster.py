"""Jobs on Dask: on a local cluster of processes, or on a running scheduler."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from typing import Any

import dask
from dask.distributed import Client, KilledWorker, LocalCluster, as_completed, get_worker
from dask.system import CPU_COUNT

from synthgen.core.errors import ConfigError, EngineError
from synthgen.core.freed_memory import KEEPING_FREED_MEMORY
from synthgen.parallel.outcome import Outcome
from synthgen.parallel.processes import run_alone
from synthgen.parallel.settings import EngineConfig

__all__ = ["on_cluster"]

IN_FLIGHT = 2048  # tasks that the scheduler knows at a time, as each takes 10 kB of its memory

WORKER_ENVIRONMENT = {
    **KEEPING_FREED_MEMORY,  # Dask's own default, MALLOC_TRIM_THRESHOLD_=65536, gives even more back
    "OMP_NUM_THREADS": 1,
    "MKL_NUM_THREADS": 1,
    "OPENBLAS_NUM_THREADS": 1,
}


def on_cluster(
    engine: EngineConfig,
    task: Callable[..., Any],
    jobs: Iterable[Any],
    shared: Mapping[str, Any],
    *,
    count: int | None = None,
    alone: bool = False,
) -> Generator[Outcome[Any, Any], None, None]:
    """Run the jobs and yield the outcomes as they come; when the generator is closed, the others are cancelled.

    Raises:
        ConfigError: The scheduler does not answer.
    """
    with _connect(engine, count) as client:
        sent = {name: client.scatter([value], broadcast=True)[0] for name, value in shared.items()}
        yield from _completed(client, partial(_in_own_process, task) if alone else task, jobs, sent)


def _completed(
    client: Client, task: Callable[..., Any], jobs: Iterable[Any], shared: dict[str, Any]
) -> Generator[Outcome[Any, Any], None, None]:
    waiting, job_of = iter(jobs), dict[Any, Any]()
    running = as_completed(with_results=True, raise_errors=False)

    def refill() -> None:
        more = list(islice(waiting, IN_FLIGHT // 2))
        futures = client.map(task, more, **shared, pure=False, retries=0)
        job_of.update((future.key, job) for future, job in zip(futures, more, strict=True))
        running.update(futures)

    try:
        refill()
        refill()
        while job_of:
            future, result = next(running)
            outcome = _outcome(job_of.pop(future.key), future.status, result)
            if len(job_of) <= IN_FLIGHT // 2:
                refill()
            yield outcome
    finally:
        if running.futures:
            client.cancel(list(running.futures))


def _outcome(job: Any, status: str, result: Any) -> Outcome[Any, Any]:
    if status == "finished":
        return result if isinstance(result, Outcome) else Outcome(job, result)
    if status != "error":
        return Outcome(job, error=EngineError(f"the scheduler gave the job up ({status}): {result!r}"))
    _, error, trace = result
    if isinstance(error, KilledWorker):
        text = "its worker died several times, perhaps because memory ran out; use fewer workers on a machine"
        return Outcome(job, error=EngineError(text))
    return Outcome(job, error=error.with_traceback(trace))


def _in_own_process(task: Callable[..., Any], job: Any, **shared: Any) -> Outcome[Any, Any]:
    """Run a job of a worker in a process of its own, with its share of the machine's cores."""
    return run_alone(task, job, shared=shared, cores=max(1, CPU_COUNT // get_worker().state.nthreads))


@contextmanager
def _connect(engine: EngineConfig, count: int | None) -> Iterator[Client]:
    """Yield a client of the running scheduler, or of a local cluster that ends with the block."""
    if engine.scheduler is not None:
        with _remote_client(engine.scheduler) as client:
            yield client
        return
    workers = engine.workers if count is None else min(engine.workers, count)
    with (
        dask.config.set({"distributed.nanny.pre-spawn-environ": WORKER_ENVIRONMENT}),
        _environment_kept(),
        _local_cluster(workers) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def _local_cluster(workers: int) -> Iterator[LocalCluster]:
    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",  # any free port, as a second run on the machine has taken 8787
        scheduler_kwargs={"dashboard": False},
        memory_limit=0,
        silence_logs=logging.ERROR,  # a worker that takes its time to end is nobody's concern
    )
    try:
        yield cluster
    finally:
        with suppress(TimeoutError):  # a busy machine is slow to end the workers, which are killed then; all is done
            cluster.close()


@contextmanager
def _remote_client(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout="5s")
    except (OSError, ValueError) as error:
        text = f"engine.scheduler: {address} does not answer ({error}); start it, or use local workers"
        raise ConfigError(text) from error
    with client:
        yield client


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Undo what starting workers does to this process: OMP_NUM_THREADS=1 would slow down all training after it."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
