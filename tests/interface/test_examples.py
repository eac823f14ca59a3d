"""Every public name has an example that runs, and so does every code block of docs/python.md."""

import doctest
import inspect
import re
from pathlib import Path

import datasets
import pytest
import yaml

import synthgen
from tiny_assets import write_tiny_assets

PAGE = Path(__file__).parents[2] / "docs/python.md"
NAMES = sorted(set(synthgen.__all__) - {"__version__"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a pipeline, its assets, and the dataset that the examples open."""
    folder = tmp_path_factory.mktemp("examples")
    write_tiny_assets(folder, foregrounds=20, backgrounds=20)
    values = {
        "seed": 7,
        "assets": {"foregrounds": "foregrounds", "backgrounds": "backgrounds"},
        "size": [96, 128],
        "samples": {"train": 16, "val": 4, "test": 4},
        "output": {"path": "run"},
        "engine": {"workers": 1},
    }
    (folder / "pipeline.yaml").write_text(yaml.safe_dump(values))
    synthgen.generate(folder / "pipeline.yaml", folder / "data/firearms")
    return folder


@pytest.fixture(autouse=True)
def there(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", folder / "cache")


def run(text, name, names):
    """Run the examples of a text as a user would type them; what differs from the text is a failure."""
    test = doctest.DocTestParser().get_doctest(inspect.cleandoc(text), names, name, name, 0)
    assert test.examples, f"{name} has no example"
    said = []
    doctest.DocTestRunner().run(test, out=said.append, clear_globs=False)
    assert not said, "".join(said)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_a_public_name_runs(name, capsys):
    run(getattr(synthgen, name).__doc__, name, {})


def test_every_block_of_the_page_runs(capsys):
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    assert len(blocks) > 5
    names = {}
    for number, block in enumerate(blocks, 1):
        if block.startswith(">>>"):
            run(block, f"block {number}", names)
        else:
            exec(compile(block, f"{PAGE.name}, block {number}", "exec"), names)
    assert names["images"].shape == (8, 3, 96, 128) and len(names["boxes"]) == 8


def test_the_page_keeps_its_promise_of_five_and_ten_lines():
    text = PAGE.read_text()
    for heading, most in (("## Five lines", 5), ("## Ten lines", 10)):
        block = re.search(r"^```python\n(.*?)^```$", text.split(heading)[1], re.M | re.S)[1]
        assert len([line for line in block.splitlines() if line]) <= most
