"""Dask clients: of worker processes on this machine, or of a running scheduler."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dask
from dask.distributed import Client, LocalCluster

from synthgen.core.errors import ConfigError

__all__ = ["local_client", "remote_client"]


@contextmanager
def local_client(
    workers: int, environment: Mapping[str, Any], settings: Mapping[str, Any] | None = None
) -> Iterator[Client]:
    """Yield a client of `workers` processes, which end with the block; each has one thread for tasks.

    Args:
        workers: Processes.
        environment: Variables that the processes begin with.
        settings: Of Dask, by dotted name.
    """
    configuration = {**(settings or {}), "distributed.nanny.pre-spawn-environ": dict(environment)}
    with (
        dask.config.set(configuration),
        _environment_kept(),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=0,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def remote_client(address: str, option: str) -> Iterator[Client]:
    """Yield a client of the scheduler at `address`.

    Raises:
        ConfigError: It does not answer; the message names `option`, where the address was given.
    """
    try:
        client = Client(address, timeout="5s")
    except (OSError, ValueError) as error:
        raise ConfigError(f"{option}: {address} does not answer ({error}); start it, or use local workers") from error
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
