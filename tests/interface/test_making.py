"""A preview shows the rows that generating would write, and writes nothing."""

from dataclasses import asdict

import numpy as np
import pytest
import yaml

import synthgen
from synthgen.core.errors import ConfigError
from synthgen.studio import Studio
from tiny_assets import write_tiny_assets


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("preview")
    write_tiny_assets(folder, foregrounds=12, backgrounds=12)
    values = {
        "assets": {"foregrounds": "foregrounds", "backgrounds": "backgrounds", "splits": {"val": 1}},
        "size": [32, 48],
        "samples": {"val": 3},
        "recipe": {"decoys": {"count": {"min": 1, "max": 1}}, "occluders": {"probability": 1}},
        "output": {"path": "run"},
    }
    (folder / "pipeline.yaml").write_text(yaml.safe_dump(values))
    return folder / "pipeline.yaml"


def test_its_rows_are_those_of_the_first_split_with_samples(file, tmp_path):
    rows = synthgen.preview(file, 8)
    samples = list(Studio.open(synthgen.load_pipeline(file), tmp_path).samples("val"))
    assert [row.name for row in rows] == ["val-000000", "val-000001", "val-000002"]
    for row, sample in zip(rows, samples, strict=True):
        np.testing.assert_array_equal(row.image, sample.image)
        np.testing.assert_array_equal(row.mask, sample.mask)
        assert [asdict(instance) for instance in row.instances] == [asdict(instance) for instance in sample.instances]
        assert row.scene.to_json() == sample.scene and row.data is None


def test_nothing_is_written(file):
    before = sorted(file.parent.rglob("*"))
    synthgen.preview(str(file), 1)
    assert sorted(file.parent.rglob("*")) == before


def test_it_says_what_it_is_and_notebooks_show_it(file):
    rows = synthgen.preview(synthgen.load_pipeline(file), 2)
    assert repr(rows) == "<Preview: 2 of 3 val rows of 32×48 pixels>"
    assert repr(rows[1:1]) == "<Preview: none of 3 val rows>" and rows[1:1]._repr_png_() is None
    assert rows._repr_png_().startswith(b"\x89PNG") and len(rows[:1]) == 1


@pytest.mark.parametrize("count", [0, 401])
def test_a_count_out_of_range_is_refused(file, count):
    with pytest.raises(ConfigError, match=f"a preview of {count} rows; ask for 1 to 400"):
        synthgen.preview(file, count)
