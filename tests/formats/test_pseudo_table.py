"""The table of pseudo-labels: what is written is read again, and nothing else is."""

from dataclasses import fields, replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pseudo_labels import pseudo_label
from synthgen.core.errors import DatasetError, OutputError
from synthgen.core.geometry import encode_rle
from synthgen.core.picture import Boxes
from synthgen.formats.pseudo_table import picture_hash, pseudo_schema, read_pseudo_table, write_pseudo_table


def test_it_has_the_columns_of_the_specification():
    """A reader of another tool finds them under these names, in this order."""
    names = ["image_id", "method", "params_json", "heatmap", "mask_rle", "boxes", "score", "valid"]
    assert [name for name in pseudo_schema().names if name in names] == names


@given(mask=arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))), heat=arrays(np.uint8, (3, 4)))
def test_masks_and_heat_maps_come_back_as_they_were(tmp_path_factory, mask, heat):
    path = tmp_path_factory.mktemp("t") / "pseudo.parquet"
    write_pseudo_table(path, [pseudo_label("a.png", mask=mask, heat=heat)])
    (found,) = read_pseudo_table(path)
    np.testing.assert_array_equal(found.mask, mask)
    np.testing.assert_array_equal(found.heat, heat)


def test_every_row_comes_back_in_order(tmp_path):
    mask = np.eye(5, dtype=bool)
    boxes = Boxes.of([[0, 1, 2.5, 5], [1, 1, 2, 2]], ["weapon", "gun"], [0.75, 0.5])
    written = [
        pseudo_label("a.png", mask=mask, boxes=boxes, label=1, score=0.75),
        pseudo_label("b.png", mask=np.zeros((5, 5), bool), valid=False, reason="nothing found", score=0.125),
        *(pseudo_label(f"{number}.jpg", mask=mask, label=0) for number in range(200)),  # more than a row group
    ]
    write_pseudo_table(tmp_path / "t", written)
    found = list(read_pseudo_table(tmp_path / "t"))
    assert len(found) == 202
    for before, after in zip(written, found, strict=True):
        plain = [field.name for field in fields(before) if field.name != "boxes"]
        assert [getattr(before, name) for name in plain] == [getattr(after, name) for name in plain]
    np.testing.assert_array_equal(found[0].boxes.xyxy, boxes.xyxy)
    np.testing.assert_array_equal(found[0].boxes.scores, [0.75, 0.5])
    assert found[0].boxes.categories == ("weapon", "gun") and len(found[1].boxes) == 0


def test_heat_maps_are_left_out_where_nobody_looks_at_them(tmp_path):
    write_pseudo_table(tmp_path / "t", [pseudo_label("a.png", mask=np.eye(3, dtype=bool))])
    (found,) = read_pseudo_table(tmp_path / "t", heatmaps=False)
    assert found.heatmap == b"" and found.mask.any()
    with pytest.raises(DatasetError):
        _ = found.heat


def test_a_hash_tells_two_files_apart():
    assert picture_hash(b"one") == picture_hash(b"one") != picture_hash(b"two")
    assert len(picture_hash(b"")) == 32


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"file,label\n", "no table of pseudo-labels can be read"),
        (pa.table({"image_id": ["a"], "valid": [1]}), "columns missing or of another type: file, picture_hash"),
        (pseudo_schema().with_metadata({}).empty_table(), "its version is None"),
    ],
    ids=["no Parquet", "other columns", "no version"],
)
def test_another_file_is_refused(tmp_path, content, complaint):
    path = tmp_path / "t.parquet"
    path.write_bytes(content) if isinstance(content, bytes) else pq.write_table(content, path)
    with pytest.raises(DatasetError, match=complaint):
        list(read_pseudo_table(path))


def test_a_table_that_was_cut_short_is_refused(tmp_path):
    path = tmp_path / "t"
    write_pseudo_table(path, [pseudo_label(f"{number}.png", mask=np.eye(9, dtype=bool)) for number in range(20)])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DatasetError, match=f"{path}: no table of pseudo-labels can be read"):
        list(read_pseudo_table(path))


def test_run_lengths_of_another_size_are_told_with_the_file():
    label = replace(pseudo_label("a.png", mask=np.eye(3, dtype=bool)), mask_rle=encode_rle(np.eye(4, dtype=bool)))
    with pytest.raises(DatasetError, match=r"pseudo-label of a\.png: damaged: run lengths cover 16 pixels"):
        _ = label.mask


def test_a_failed_write_leaves_what_was_there(tmp_path):
    path = tmp_path / "t"
    write_pseudo_table(path, [pseudo_label("a.png", mask=np.eye(3, dtype=bool))])

    def broken():
        yield pseudo_label("b.png", mask=np.eye(3, dtype=bool))
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left"):
        write_pseudo_table(path, broken())
    assert [row.file for row in read_pseudo_table(path)] == ["a.png"]
    assert [each.name for each in tmp_path.iterdir()] == ["t"]
