"""Where jobs run: worker processes, a process for each job, or a Dask scheduler."""

from synthgen.parallel.jobs import Outcome, run_jobs
from synthgen.parallel.settings import EngineConfig

__all__ = ["EngineConfig", "Outcome", "run_jobs"]
