"""What arms learnt from and scored, read back from an experiment's folder."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synthgen.core.errors import DatasetError
from trainers.experiment.learnt import Learnt, learnt_arms


def run(arm, dataset, seed=0, status="done"):
    return {"arm": arm, "seed": seed, "dataset": dataset, "status": status}


def result(arm, value, score="box_recall", place="street", kind="boxes"):
    return {"arm": arm, "place": place, "kind": kind, "score": score, "value": value}


def write_report(folder, runs, results):
    (folder / "report").mkdir()
    for name, rows in (("runs", runs), ("results", results)):
        pq.write_table(pa.Table.from_pylist(rows), folder / f"report/{name}.parquet")


def test_an_arm_stands_with_its_first_dataset_and_the_scores_that_decide(tmp_path):
    runs = [run("one", "a-s0"), run("two", "b-s0", status="failed"), run("one", "a-s1", 1), run("two", "b-s1", 1)]
    results = [
        result("one", 0.5),
        result("one", 0.9, "box_precision"),
        result("one", 0.7, "balanced_accuracy", "hall", "labels"),
        result("two", 0.4),
    ]
    write_report(tmp_path, runs, results)
    one, two = learnt_arms(tmp_path)
    assert one == Learnt("one", tmp_path / "datasets/a-s0", {"street box recall": 0.5, "hall balanced accuracy": 0.7})
    assert (two.dataset.name, two.scores) == ("b-s1", {"street box recall": 0.4})


def test_arms_with_photographs_and_others_of_the_same_dataset_are_left_out(tmp_path):
    runs = [run("first", "a-s0"), run("another rate", "a-s0"), run("mixed", ""), run("other", "b-s0")]
    write_report(tmp_path, runs, [result(each["arm"], 0.5) for each in runs])
    assert [each.arm for each in learnt_arms(tmp_path)] == ["first", "other"]


def test_a_folder_without_a_report_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no report of an experiment; give the folder that `synthgen experiment`"):
        learnt_arms(tmp_path)
