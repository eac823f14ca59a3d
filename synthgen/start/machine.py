"""Whether this machine can do the work: what is installed, what there is room for, and what to do about the rest.

Other packages add checks of their own by the entry point `synthgen.checks`: a function without arguments that gives
`Check`s. That is how devices of torch are listed, which synthgen itself never imports.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distributions, entry_points, requires, version
from pathlib import Path
from typing import Literal

from dask.system import CPU_COUNT

from synthgen.core.errors import SynthgenError
from synthgen.core.files import make_directory
from synthgen.core.text import size_text
from synthgen.engine.disk import free_bytes

__all__ = ["Check", "Need", "examine", "opencv_check", "room_check"]

CHECKS = "synthgen.checks"
OPENCV = re.compile(r"opencv[-_](contrib[-_])?python([-_]headless)?", re.IGNORECASE)
HEADLESS = "opencv-python-headless"  # servers have no display
SHOWN = ("numpy", "pyarrow", "numba", "albumentations")
COMPILE = "from synthgen.compiled import over; import numba; print(over.lay_over._cache.cache_path)"
WORKER = 600e6  # bytes of memory that a worker takes, about, with a small library
ROW, PIXEL = 1500, 0.25  # bytes on the disk of a row and of each of its pixels, about: 4 kB at 96×128, 16 kB at 224×320

State = Literal["ok", "warning", "broken"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: Of the thing.
        state: "broken" where work will fail.
        found: What there is.
        advice: What to do; empty where all is well.
    """

    name: str
    state: State
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What is to be made.

    Attributes:
        output: Folder.
        samples: Number; 0 for not known.
        pixels: Of one sample.
        workers: Processes.
    """

    output: Path
    samples: int = 0
    pixels: int = 256 * 256
    workers: int = 2


def examine(need: Need) -> Iterator[Check]:
    """Look at everything; what cannot be looked at is broken, and the next thing is looked at."""
    checks: Mapping[str, Callable[[], Check]] = {
        "python": _python,
        "packages": _packages,
        "opencv": lambda: opencv_check(_opencv_builds(), _opencv_failure()),
        "numba cache": _numba_cache,
        "memory": lambda: _memory(need.workers),
        "output": lambda: _writable(need.output),
        "disk": lambda: room_check(need, free_bytes(need.output)),
    }
    for name, check in checks.items():
        try:
            yield check()
        except Exception as error:  # whatever is wrong with a library, the others are looked at
            yield Check(name, "broken", _line(error), "install synthgen anew in an environment of its own")
    yield from _contributed()


def opencv_check(builds: Mapping[str, str], failure: str) -> Check:
    """Judge the installed builds of OpenCV, by name and version; `failure` says why cv2 does not work, if so.

    All builds write into one folder, so a second one overwrites the first in part, and who removes one removes both.
    """
    found = ", ".join(f"{name} {number}" for name, number in sorted(builds.items())) or "none"
    anew = f"pip uninstall -y {' '.join(sorted(builds))}; pip install {HEADLESS}"
    if failure:
        return Check("opencv", "broken", f"{found}: {failure}", anew if builds else f"pip install {HEADLESS}")
    if len(set(builds.values())) > 1:
        return Check("opencv", "broken", f"{found}: files of two versions lie in one folder", anew)
    if len(builds) > 1:
        return Check("opencv", "warning", f"{found}: builds that overwrite each other", anew)
    return Check("opencv", "ok", found)


def room_check(need: Need, free: int) -> Check:
    """Judge the free bytes of the disk; how much a sample takes is a rule of thumb here, which a dry run measures."""
    each = ROW + PIXEL * need.pixels
    found = f"{size_text(free)} free, room for about {int(free / each):,} samples"
    if need.samples * each > free:
        wanted = f"{need.samples:,} need about {size_text(need.samples * each)}"
        return Check("disk", "broken", f"{found}; {wanted}", "lower samples, or choose another output")
    if free < 1e9:
        return Check("disk", "warning", found, "free some space")
    wanted = f"; {need.samples:,} need about {size_text(need.samples * each)}" if need.samples else ""
    return Check("disk", "ok", found + wanted)


def _python() -> Check:
    return Check("python", "ok", f"{platform.python_version()} at {sys.executable}")


def _packages() -> Check:
    """Hold what synthgen requires against what is installed."""
    missing = []
    for requirement in requires("synthgen") or ():
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        if "extra ==" not in requirement and not _version(name):
            missing.append(name)
    found = ", ".join(f"{name} {_version(name)}" for name in ("synthgen", *SHOWN))
    if missing:
        names = ", ".join(missing)
        return Check("packages", "broken", f"{found}; missing: {names}", f"pip install {' '.join(missing)}")
    return Check("packages", "ok", found)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _opencv_builds() -> dict[str, str]:
    named = [(found.metadata["Name"] or "", found.version) for found in distributions()]
    return {name: number for name, number in named if OPENCV.fullmatch(name)}


def _opencv_failure() -> str:
    """Use OpenCV in a process of its own, as a broken build may end the process; return what went wrong."""
    code = "import cv2, numpy; cv2.warpAffine(numpy.zeros((2, 2), 'uint8'), numpy.eye(2, 3), (2, 2)); cv2.COLOR_RGB2BGR"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it ends the process"])[-1]


def _numba_cache() -> Check:
    """Ask numba where it keeps compiled loops; it looks for a folder that can be written, and fails without one."""
    done = subprocess.run([sys.executable, "-c", COMPILE], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["numba ends the process"])[-1]
        return Check("numba cache", "broken", reason, "set NUMBA_CACHE_DIR to a folder that can be written")
    return Check("numba cache", "ok", done.stdout.strip())


def _memory(workers: int) -> Check:
    from distributed.system import MEMORY_LIMIT
    from psutil import virtual_memory

    free = min(virtual_memory().available, MEMORY_LIMIT)
    found = f"{size_text(free)} free of {size_text(MEMORY_LIMIT)}, {CPU_COUNT} core{'' if CPU_COUNT == 1 else 's'}"
    if free < WORKER:
        return Check("memory", "broken", found, "end other programs")
    if free < workers * WORKER:
        return Check("memory", "warning", found, f"use fewer workers than {workers}: --workers {int(free / WORKER)}")
    return Check("memory", "ok", found)


def _writable(output: Path) -> Check:
    """Look whether the folder, or the nearest one above it that exists, can be written."""
    folder = next(place for place in (output.absolute(), *output.absolute().parents) if place.exists())
    try:
        make_directory(folder)
    except SynthgenError as error:
        return Check("output", "broken", str(error), "choose another output, or correct its permissions")
    return Check("output", "ok", f"{output.absolute()} can be written")


def _contributed() -> Iterator[Check]:
    for point in entry_points(group=CHECKS):
        try:
            yield from point.load()()
        except Exception as error:  # as above
            yield Check(point.name, "broken", _line(error), f"install {point.name} anew, or remove it")


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).partition(os.linesep)[0]}"
