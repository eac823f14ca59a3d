"""Jobs of studies, experiments and loops, run in this process: importing torch for each would take most of the time."""

from contextlib import contextmanager

import pytest

from synthgen.parallel import Outcome
from synthgen.parallel.parcel import packed, unpacked


@contextmanager
def jobs_here():
    """Let jobs that would have a process of their own run here; they are still packed as for one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainers.study.joblist.run_jobs", _at_once)
        yield


def _at_once(engine, task, jobs, **_):
    """Like `run_jobs`."""
    for job in jobs:
        own_task, own_job = unpacked(packed((task, job)))
        yield Outcome(job, own_task(own_job))
