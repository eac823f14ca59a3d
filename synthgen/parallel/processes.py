"""Each job in a process of its own: it shares no random generator, and what kills it costs this job only."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from synthgen.core.errors import EngineError
from synthgen.parallel.cores import usable_cores
from synthgen.parallel.outcome import Outcome
from synthgen.parallel.parcel import packed, unpacked

__all__ = ["in_processes", "run_alone"]

THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)


@dataclass
class _Children:
    """The processes that run now; after `stop` no other stays alive."""

    running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    stopped: bool = False

    def add(self, process: subprocess.Popen[bytes]) -> None:
        self.running.add(process)
        if self.stopped:
            process.terminate()

    def stop(self) -> None:
        self.stopped = True
        for process in tuple(self.running):
            process.terminate()


def in_processes(
    workers: int, task: Callable[..., Any], jobs: Iterable[Any], shared: Mapping[str, Any]
) -> Generator[Outcome[Any, Any], None, None]:
    """Run `workers` jobs at a time, which share the cores equally; when the generator is closed, they are stopped."""
    cores, children = max(1, usable_cores() // max(1, workers)), _Children()
    one = partial(run_alone, task, shared=shared, cores=cores, children=children)
    waiting = iter(jobs)
    pool = ThreadPoolExecutor(max(1, workers))
    try:
        running = {pool.submit(one, job) for job in islice(waiting, workers)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit(one, job) for job in islice(waiting, len(done))}
            for future in done:
                yield future.result()
    finally:
        children.stop()
        pool.shutdown(cancel_futures=True)


def run_alone(
    task: Callable[..., Any], job: Any, *, shared: Mapping[str, Any], cores: int, children: _Children | None = None
) -> Outcome[Any, Any]:
    """Call `task(job, **shared)` in a new process whose libraries take `cores` threads each."""
    request = packed((task, job, dict(shared)))
    with tempfile.TemporaryDirectory(prefix="synthgen-") as folder:
        answer = Path(folder) / "answer"
        try:
            code = _run(answer, request, _environment(cores), children or _Children())
        except OSError as error:
            return Outcome(job, error=EngineError(f"its process could not be started: {error}; use fewer workers"))
        if code or not answer.is_file():
            text = f"its process died with exit code {code}, perhaps because memory ran out; use fewer workers"
            return Outcome(job, error=EngineError(text))
        result, failure = unpacked(answer.read_bytes())
    return Outcome(job, result, failure)


def _run(answer: Path, request: bytes, environment: dict[str, str], children: _Children) -> int:
    """Start the process, hand it the request, wait for its end, and return its exit code."""
    command = [sys.executable, "-m", "synthgen.parallel.child", str(answer)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as process:
        children.add(process)
        try:
            assert process.stdin is not None, "it is a pipe"
            process.stdin.write(request)
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it died at once, as its exit code says
        try:
            return process.wait()  # its input stays open until then: if it ends, the child knows that we have died
        finally:
            children.running.discard(process)


def _environment(cores: int) -> dict[str, str]:
    """Return this process's environment, with the same import path and with `cores` threads, or fewer if it says so."""
    paths = os.pathsep.join(path for path in sys.path if path)
    return {**os.environ, "PYTHONPATH": paths, **{name: str(_threads(name, cores)) for name in THREADS}}


def _threads(name: str, cores: int) -> int:
    """Return how many threads: what the user has set is a limit, as other processes may need the rest.

    OMP_NUM_THREADS limits those as well of which the user says nothing, as it does where no process is started.
    """
    own = os.environ.get(name) or os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(own)) if own.isdigit() and int(own) else cores
