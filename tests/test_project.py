"""The project as a whole: what it promises on paper and at its borders."""

import ast
import importlib
import importlib.util
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import synthgen
import trainers
from synthgen.ops.blend.registry import BLENDS
from synthgen.ops.camera.registry import EFFECTS
from synthgen.ops.harmonize.registry import HARMONIZERS
from synthgen.ops.shadow.registry import SHADOWS
from synthgen.scene.presets import PRESETS

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/classes.md",
    "docs/classification.md",
    "docs/clip.md",
    "docs/commands.md",
    "docs/danger-clip.md",
    "docs/detection.md",
    "docs/experiments.md",
    "docs/export.md",
    "docs/gap.md",
    "docs/import.md",
    "docs/localize.md",
    "docs/loop.md",
    "docs/operations.md",
    "docs/performance.md",
    "docs/photographs.md",
    "docs/pseudo-labels.md",
    "docs/python.md",
    "docs/real-pictures.md",
    "docs/reference.md",
    "docs/scores.md",
    "docs/sequences.md",
    "docs/study-small.md",
    "docs/study.md",
    "docs/train-elsewhere.md",
)
MODULES = [
    module.name
    for package in (synthgen, trainers)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]
IMPORT_ALL = """
import importlib, sys
for name in {modules}:
    importlib.import_module(name)
assert "torch" not in sys.modules
"""
START = """
import sys
sys.argv = ["synthgen", "--version"]
from synthgen.cli import main
try:
    main()
finally:
    assert "torch" not in sys.modules
"""

WRITTEN = """
import sys
sys.path.insert(0, {docs!r})
import {script} as page
assert page.written() == page.PAGE.read_text(), "the page is not what its script would write"
assert "torch" not in sys.modules
"""  # in a process of its own, as other tests register ops and commands of theirs


@pytest.mark.parametrize(
    "code",
    [IMPORT_ALL.format(modules=[name for name in MODULES if name.startswith("synthgen.")]), START],
    ids=["its modules", "its command line"],
)
def test_synthgen_needs_no_torch(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", MODULES)
def test_every_module_offers_what_it_says_and_nothing_else(name):
    module = importlib.import_module(name)
    assert module.__doc__
    assert all(hasattr(module, offered) for offered in module.__all__)
    assert public_definitions(Path(module.__file__)) - set(module.__all__) == set()


def public_definitions(file):
    """The classes and functions of a file without an underscore, and what a package imports."""
    found = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ImportFrom) and file.name == "__init__.py" and node.module != "__future__":
            found |= {alias.asname or alias.name for alias in node.names}
    return {name for name in found if not name.startswith("_")}


def test_the_changelog_knows_this_version():
    assert f"## [{synthgen.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("script", ["build_reference", "build_commands"])
def test_a_page_is_what_its_script_would_write(script):
    code = WRITTEN.format(docs=str(ROOT / "docs"), script=script)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{done.stderr}\nrun: python docs/{script}.py"


def test_every_preset_of_the_recipe_is_documented():
    reference = (ROOT / "docs/reference.md").read_text()
    assert [name for name in PRESETS if f"| `{name}` |" not in reference] == []


def test_every_operation_is_documented():
    page = (ROOT / "docs/operations.md").read_text()
    names = [name for registry in (BLENDS, HARMONIZERS, SHADOWS, EFFECTS) for name in registry]
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_names_exist(page):
    text = (ROOT / page).read_text()
    links = [str((ROOT / page).parent / name) for name in re.findall(r"\]\(([^)#:]+)\)", text)]
    named = re.findall(r"`((?:synthgen|trainers|tests|docs)/[\w/.-]+)`", text)
    missing = [name for name in (*links, *named) if not (ROOT / name).exists() and not name.endswith("yours.py")]
    assert missing == []


def test_pages_speak_of_no_machine():
    leak = re.compile(r"/(?:home|root|work|tmp|Users)/")
    assert [page for page in PAGES if leak.search((ROOT / page).read_text())] == []


def test_documented_speed_is_what_was_measured():
    spec = importlib.util.spec_from_file_location("build_performance", ROOT / "docs/build_performance.py")
    builder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(builder)
    figures = {name: json.loads((builder.FIGURES / f"{name}.json").read_text()) for name in builder.NAMES}
    readme = (ROOT / "README.md").read_text()
    assert builder.with_section(readme, figures) == readme
    assert builder.page(figures) == (ROOT / "docs/performance.md").read_text()
