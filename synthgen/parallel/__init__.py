"""Where jobs run: worker processes, a process for each job, or a Dask scheduler."""

from synthgen.parallel.jobs import run_jobs
from synthgen.parallel.outcome import Outcome
from synthgen.parallel.settings import EngineConfig

__all__ = ["EngineConfig", "Outcome", "run_jobs"]
