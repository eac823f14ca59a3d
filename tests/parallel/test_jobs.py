"""One way to run jobs, whatever the engine: each kind meets the same suite."""

import os
import platform
import resource
import subprocess
import sys
import time
from itertools import count

import pytest
from dask.distributed import LocalCluster
from pydantic import ValidationError

from synthgen.core.errors import ConfigError, EngineError
from synthgen.parallel import EngineConfig, run_jobs
from synthgen.parallel.cores import usable_cores


def square(job, *, plus=0):
    if job < 0:
        raise ValueError(f"{job} is negative")
    return job * job + plus


def die(job):
    if job == 1:
        os._exit(9)
    return job


def threads_of_libraries(job):
    return os.environ.get("OMP_NUM_THREADS"), os.environ.get("MKL_NUM_THREADS")


def pages_asked_for(pieces):
    """Return how many pages the system gives for so many pieces of 4,096 pages, each freed before the next."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(pieces):
        bytes(b"x" * (4096 * resource.getpagesize()))
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def slowly(job):
    time.sleep(0.3)
    return os.getpid()


@pytest.fixture(scope="module")
def scheduler():
    """One worker of two threads, as `dask worker --nthreads 2` starts it."""
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=True, dashboard_address="127.0.0.1:0") as cluster:
        yield cluster.scheduler_address


@pytest.fixture(params=["local", "processes", "scheduler"])
def engine(request):
    if request.param == "scheduler":
        return EngineConfig(kind="scheduler", scheduler=request.getfixturevalue("scheduler"))
    return EngineConfig(kind=request.param, workers=2)


def test_every_job_has_its_outcome(engine):
    outcomes = list(run_jobs(engine, square, [1, 2, 3], shared={"plus": 10}, count=3))
    assert sorted((outcome.job, outcome.value()) for outcome in outcomes) == [(1, 11), (2, 14), (3, 19)]


def test_the_first_failure_is_raised(engine):
    with pytest.raises(ValueError, match="-1 is negative"):
        list(run_jobs(engine, square, [-1], count=1))


def test_kept_going_a_failure_is_an_outcome(engine):
    outcomes = sorted(run_jobs(engine, square, [2, -1], count=2, keep_going=True), key=lambda outcome: outcome.job)
    assert [str(outcome.error) for outcome in outcomes] == ["-1 is negative", "None"]
    assert outcomes[1].result == 4
    with pytest.raises(ValueError, match="negative"):
        outcomes[0].value()


def test_a_job_whose_process_dies_costs_no_other_job(engine):
    outcomes = sorted(run_jobs(engine, die, [0, 1, 2], keep_going=True, alone=True), key=lambda outcome: outcome.job)
    assert [outcome.result for outcome in outcomes] == [0, None, 2]
    assert isinstance(outcomes[1].error, EngineError)
    assert "exit code 9" in str(outcomes[1].error)


def test_jobs_that_are_alone_share_no_process(engine):
    processes = [outcome.value() for outcome in run_jobs(engine, slowly, range(4), alone=True)]
    assert len(set(processes)) == 4 and os.getpid() not in processes


def test_jobs_are_taken_as_they_are_needed(engine):
    taken = []
    jobs = (taken.append(job) or job for job in count())
    outcomes = run_jobs(engine, square, jobs)
    assert next(outcomes).value() >= 0
    outcomes.close()
    assert len(taken) <= 2 * 2048


@pytest.mark.parametrize(("own", "threads"), [("", usable_cores()), ("1", 1), ("999", usable_cores())])
def test_processes_share_the_cores_and_take_no_more_threads_than_the_user_says(monkeypatch, own, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", own)
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    (outcome,) = run_jobs(EngineConfig(kind="processes", workers=1), threads_of_libraries, [0])
    assert outcome.value() == (str(threads), str(threads))


def test_what_the_user_says_of_one_library_holds_for_it_alone(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "1")
    (outcome,) = run_jobs(EngineConfig(kind="processes", workers=1), threads_of_libraries, [0])
    assert outcome.value() == (str(usable_cores()), "1")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries decide for themselves")
def test_what_a_job_frees_it_need_not_ask_for_again():
    (outcome,) = run_jobs(EngineConfig(kind="processes", workers=1), pages_asked_for, [16])
    assert outcome.value() < 4 * 4096


def test_a_single_local_worker_may_be_this_process():
    def here(job):
        return os.getpid()

    (outcome,) = run_jobs(EngineConfig(workers=4), here, ["job"], count=1, one_here=True)
    assert (outcome.job, outcome.value()) == ("job", os.getpid())


def test_cores_that_a_process_is_not_bound_to_are_not_usable():
    code = "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]);"
    code += "from synthgen.parallel.cores import usable_cores; print(usable_cores())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "1\n"


def test_a_closed_run_stops_its_processes(tmp_path):
    jobs = run_jobs(EngineConfig(kind="processes", workers=2), _wait_unless_first, [tmp_path / "0", tmp_path / "1"])
    next(jobs)
    start = time.monotonic()
    jobs.close()
    assert time.monotonic() - start < 20
    assert not (tmp_path / "1").exists()


def _wait_unless_first(file):
    if file.name != "0":
        time.sleep(60)
    file.touch()


def test_a_process_ends_when_its_parent_dies(tmp_path):
    child = tmp_path / "pid"
    script = (
        "import sys; from synthgen.parallel import EngineConfig, run_jobs\n"
        f"def task(job):\n    import os, time, pathlib; pathlib.Path({str(child)!r}).write_text(str(os.getpid()));"
        " time.sleep(60)\n"
        "list(run_jobs(EngineConfig(kind='processes', workers=1), task, [0]))"
    )
    parent = subprocess.Popen([sys.executable, "-c", script])
    _until(lambda: child.exists() and child.read_text())
    parent.kill()
    parent.wait()
    _until(lambda: not _alive(int(child.read_text())))


def _until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_silent_scheduler_is_named():
    engine = EngineConfig(kind="scheduler", scheduler="tcp://127.0.0.1:1")
    with pytest.raises(ConfigError, match=r"tcp://127\.0\.0\.1:1 does not answer"):
        list(run_jobs(engine, square, [1]))


@pytest.mark.parametrize("values", [{"kind": "scheduler"}, {"scheduler": "tcp://a:1"}, {"workers": 2000}])
def test_an_engine_that_makes_no_sense_is_refused(values):
    with pytest.raises(ValidationError):
        EngineConfig.model_validate(values)


def test_naming_an_engine_imports_no_dask():
    script = "import sys, synthgen.parallel; assert not {'dask', 'distributed'} & set(sys.modules), sorted(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_workers_that_are_slow_to_end_spoil_nothing(monkeypatch):
    close = LocalCluster.close

    def slow(cluster, *options):
        close(cluster, *options)
        raise TimeoutError

    monkeypatch.setattr(LocalCluster, "close", slow)
    assert [outcome.value() for outcome in run_jobs(EngineConfig(workers=1), square, [3], count=1)] == [9]
