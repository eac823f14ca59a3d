"""The section `engine`: where jobs run, be they shards or the runs of a study."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from synthgen.core.config import Model

__all__ = ["EngineConfig"]


class EngineConfig(Model):
    """Where jobs run.

    Attributes:
        kind: "local": worker processes on this machine, which do one job after the other. "processes": on this
            machine, each job in a process of its own that ends with the job. "scheduler": the workers of a running
            Dask scheduler, which see the same file system.
        workers: Jobs that run on this machine at a time; with "processes" they share its cores equally.
        scheduler: Address of the Dask scheduler, such as "tcp://10.0.0.5:8786"; with kind "scheduler", and only
            with it.
    """

    kind: Literal["local", "processes", "scheduler"] = "local"
    workers: int = Field(default=2, ge=1, le=1024)
    scheduler: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> EngineConfig:
        if (self.kind == "scheduler") != (self.scheduler is not None):
            raise ValueError("kind: scheduler goes with an address in scheduler, and only with it")
        return self

    def has_one_worker(self, count: int | None = None) -> bool:
        """Return whether `count` jobs, or any number, would have one local worker; this process can take its place."""
        return self.kind == "local" and min(self.workers, self.workers if count is None else count) <= 1
