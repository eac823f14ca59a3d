"""The study's second table: the IoU of each class, where runs tell classes apart."""

from trainers.study.by_class import class_table
from trainers.study.columns import columns_of
from trainers.study.report import Heading, write_tables
from trainers.study.table import lines_of

from .rows import row

SCORES = ["foreground_iou", "iou of cat", "dice of cat", "iou of dog"]
OWN = {"test_iou of cat": 0.25, "test_dice of cat": 0.4, "test_iou of dog": None}


def test_each_setting_has_the_mean_of_each_class():
    rows = [
        row("a-s0", benchmarks={"test": SCORES}, **OWN),
        row("a-s1", benchmarks={"test": SCORES}, **{**OWN, "test_iou of cat": 0.75}),
        row("b-s0", setting="b"),
    ]
    table = class_table(lines_of(rows, ()), rows)
    assert table.titles == ("cat", "dog") and table.cells == (("a", ("0.5000", "")),)
    assert "IoU of each class on test" in table.explanation


def test_classes_are_no_columns_of_the_first_table(tmp_path):
    rows = [row(benchmarks={"test": SCORES, "photographs": SCORES}, **OWN)]
    assert not any("cat" in title for title in columns_of(rows))
    write_tables(tmp_path, Heading("T"), rows)
    text = (tmp_path / "results.md").read_text()
    assert "## By class" in text and "| a | 0.2500 |  |" in text


def test_a_study_of_one_class_has_no_such_table(tmp_path):
    rows = [row()]
    assert class_table(lines_of(rows, ()), rows) is None
    write_tables(tmp_path, Heading("T"), rows)
    assert "By class" not in (tmp_path / "results.md").read_text()
