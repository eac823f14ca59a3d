"""What `doctor` looks at, and what it advises."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from synthgen.start.machine import Need, examine, opencv_check, room_check
from trainers.commands.checking import check_devices

HEADLESS = {"opencv-python-headless": "5.0.0"}
LOOK = """
import json
from dataclasses import asdict
from pathlib import Path
from synthgen.start.machine import Need, examine
print(json.dumps({check.name: asdict(check) for check in examine(Need(Path()))}))
"""

ZOO = """
from synthgen.start.machine import Check

def check():
    yield Check("lion", "warning", "hungry", "feed it")
"""


@pytest.mark.parametrize(
    ("builds", "failure", "state", "words"),
    [
        (HEADLESS, "", "ok", ""),
        (HEADLESS | {"opencv-python": "5.0.0"}, "", "warning", "builds that overwrite each other"),
        (HEADLESS | {"opencv-python": "4.10.0"}, "", "broken", "two versions lie in one folder"),
        (HEADLESS, "ImportError: libGL.so.1", "broken", "libGL.so.1"),
        ({}, "No module named 'cv2'", "broken", "none: No module"),
    ],
)
def test_builds_of_opencv_that_clash(builds, failure, state, words):
    check = opencv_check(builds, failure)
    assert check.state == state and words in check.found
    assert bool(check.advice) == (state != "ok")
    assert all(name in check.advice for name in builds if check.advice)


def test_the_disk_is_held_against_the_samples():
    need = Need(Path(), samples=10_000, pixels=256 * 256)
    assert room_check(need, 10**12).state == "ok"
    assert room_check(need, 10**7).state == "broken" and "10,000 need about" in room_check(need, 10**7).found
    assert room_check(Need(Path()), 10**8).state == "warning"


def test_this_machine_is_well(tmp_path):
    checks = {check.name: check for check in examine(Need(tmp_path / "not/yet"))}
    assert [*checks][:7] == ["python", "packages", "opencv", "numba cache", "memory", "output", "disk"]
    assert [check for check in checks.values() if check.state == "broken"] == []
    assert not (tmp_path / "not").exists()


def test_a_second_build_and_checks_of_other_packages_are_found(tmp_path):
    """Metadata of packages that are not there: a build of OpenCV, and one that contributes checks, one of them bad."""
    for name, files in {
        "opencv_python-4.1.0": {"METADATA": "Name: opencv-python\nVersion: 4.1.0\n"},
        "zoo-1.0": {
            "METADATA": "Name: zoo\nVersion: 1.0\n",
            "entry_points.txt": "[synthgen.checks]\nzoo = zoo:check\nabsent = zoo:nothing\n",
        },
    }.items():
        (tmp_path / f"{name}.dist-info").mkdir()
        for file, text in files.items():
            (tmp_path / f"{name}.dist-info" / file).write_text(text)
    (tmp_path / "zoo.py").write_text(ZOO)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}){LOOK}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    checks = json.loads(done.stdout)
    assert checks["opencv"]["state"] == "broken" and "opencv-python 4.1.0" in checks["opencv"]["found"]
    assert checks["lion"] == {"name": "lion", "state": "warning", "found": "hungry", "advice": "feed it"}
    assert checks["absent"]["state"] == "broken" and "AttributeError" in checks["absent"]["found"]


def test_loops_that_cannot_be_compiled_and_kept_are_broken(tmp_path, monkeypatch):
    (tmp_path / "numba.py").write_text("raise RuntimeError('cannot cache function: no locator available')\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    (check,) = [check for check in examine(Need(tmp_path)) if check.name == "numba cache"]
    assert check.state == "broken" and "no locator available" in check.found and "NUMBA_CACHE_DIR" in check.advice


def test_an_output_that_cannot_be_written_is_broken(tmp_path):
    (tmp_path / "file").touch()
    (check,) = [check for check in examine(Need(tmp_path / "file/data")) if check.name == "output"]
    assert check.state == "broken" and "not a writable directory" in check.found


def test_the_trainers_say_what_there_is_to_train_with():
    checks = list(check_devices())
    assert [check.name for check in checks][:2] == ["torch", "device"]
    assert not [check for check in checks if check.state == "broken"]
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["synthgen.checks"] == {
        "trainers": "trainers.commands.checking:check_devices"
    }
