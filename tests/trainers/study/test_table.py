"""Lines of a study's table: settings over their seeds, best first, beside baselines and print."""

import pyarrow.parquet as pq
import pytest

from trainers.study.config import Published
from trainers.study.table import lines_of, write_parquet

from .rows import row


def test_lines_average_seeds_and_keep_their_range():
    ends = {"test_foreground_iou_low": 0.1, "test_foreground_iou_high": 0.6}
    lines = lines_of([row("a-s0", iou=0.2, **ends), row("a-s1", iou=0.4, **ends)], ())
    assert [line["kind"] for line in lines] == ["baseline", "run"]
    assert lines[1]["test_foreground_iou"] == lines[1]["headline"] == pytest.approx(0.3)
    assert (lines[1]["least"], lines[1]["greatest"], lines[1]["runs"]) == (0.2, 0.4, 2)
    assert (lines[1]["low"], lines[1]["high"]) == (0.1, 0.6)


def test_a_score_that_no_picture_has_is_left_out():
    baselines = {"empty prediction": {"test_false_alarms": None}}
    lines = lines_of([row(test_false_alarms=None, baselines=baselines)], ())
    assert not any("test_false_alarms" in line for line in lines)


def test_the_best_setting_comes_first_whichever_way_is_better():
    rising = [row("a-s0", setting="a", iou=0.2), row("b-s0", setting="b", iou=0.4)]
    falling = [one | {"rising": False} for one in rising]
    assert [line["name"] for line in lines_of(rising, ())[1:]] == ["b", "a"]
    assert [line["name"] for line in lines_of(falling, ())[1:]] == ["a", "b"]


def test_a_run_without_its_headline_comes_last_and_counts():
    lines = lines_of([row("a-s0", setting="a", iou=None), row("b-s0", setting="b", iou=0.1)], ())
    assert [line["name"] for line in lines[1:]] == ["b", "a"]
    assert "headline" not in lines[2]


def test_print_and_failures_have_lines_of_their_own():
    failed = {"name": "c-s0", "setting": "c", "status": "failed", "error": "why"}
    lines = lines_of([failed], (Published(name="N", test_accuracy=0.9),))
    assert lines == [
        {"name": "published: N", "kind": "published", "test_accuracy": 0.9},
        {"name": "c-s0", "kind": "failed", "error": "why"},
    ]


def test_the_parquet_file_has_a_row_for_each_run_and_no_inner_tables(tmp_path):
    write_parquet(tmp_path / "r.parquet", [row(), {"name": "c", "status": "failed", "error": "why"}])
    table = pq.read_table(tmp_path / "r.parquet")
    assert table["status"].to_pylist() == ["done", "failed"] and table["test_foreground_iou"][1].as_py() is None
    assert not {"baselines", "benchmarks", "digest"} & set(table.column_names)
