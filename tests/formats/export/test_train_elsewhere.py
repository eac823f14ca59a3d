"""The commands and blocks of docs/train-elsewhere.md, and the block of docs/export.md, run one after the other."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exports import export_dataset_of
from synthgen.cli import app

DOCS = Path(__file__).parents[3] / "docs"
ELSEWHERE = (DOCS / "train-elsewhere.md").read_text()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # of the other tools
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    export_dataset_of(folder / "data/firearms")
    return folder


@pytest.fixture(autouse=True)
def there(folder, monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", folder / "cache")
    monkeypatch.setattr("os.sync", lambda: None)  # it waits for all that other programs have written


def blocks(text):
    """The blocks that are marked `python`; those marked `py` need what is not installed."""
    return re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)


def test_a_page_for_other_tools_does_what_it_says(capsys):
    for line in re.findall(r"(?m)^    synthgen (export .*)$", ELSEWHERE):
        done = CliRunner().invoke(app, [*shlex.split(line), "--workers", "1"])
        assert done.exit_code == 0, done.output
    names = {}
    for number, block in enumerate(blocks(ELSEWHERE), 1):
        exec(compile(block, f"train-elsewhere.md, block {number}", "exec"), names)
    assert names["loss"].detach() > 0
    image, target = names["Instances"]("data/firearms-coco", "train")[1]
    assert image.shape == (3, 48, 64) and target["boxes"].shape == (0, 4)  # a negative
    assert names["batch"]["labels"].shape == (4, 48, 64) and names["batch"]["labels"].max() == 2
    assert Path("rows.txt").read_text().split() == [f"train-{n:06d}" for n in (0, 1, 3, 4, 6, 7)] + [
        *("val-000000", "val-000001", "test-000000", "test-000001", "test-000003")
    ]


def test_other_tools_read_the_shards_as_the_page_says():
    pytest.importorskip("polars")
    pytest.importorskip("litdata")
    (block,) = blocks((DOCS / "export.md").read_text())
    exec(compile(block, "export.md", "exec"), {})
