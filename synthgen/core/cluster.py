"""A client of a running Dask scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dask.distributed import Client

from synthgen.core.errors import ConfigError

__all__ = ["remote_client"]


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
