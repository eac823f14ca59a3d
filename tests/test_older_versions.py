"""What users made with an older synthgen still opens: datasets of row schema 2, models that name no task."""

import json
from pathlib import Path

import numpy as np
import pytest

from synthgen.core.errors import DatasetError
from synthgen.shards.codec import decode_image
from synthgen.shards.reader import ShardDataset
from synthgen.shards.verify import verify_dataset
from trainers.learn.checkpoint import load_model, predictor_of

OLD = Path(__file__).parent / "golden/version-2"


def test_a_dataset_of_schema_2_is_read_and_verified():
    report = verify_dataset(OLD / "dataset")
    assert report.problems == () and report.rows == 8


def test_its_rows_are_those_that_were_written():
    dataset = ShardDataset.open(OLD / "dataset")
    assert [row["label"] for row in dataset.rows("train", ["label"])] == [
        int(bool(row["instances"])) for row in dataset.rows("train", ["instances"])
    ]
    assert sum(row["unlabelled"] for split in dataset.splits for row in dataset.rows(split)) == 5


def test_its_rows_know_no_hidden_targets_and_columns_that_nobody_has_are_still_refused():
    dataset = ShardDataset.open(OLD / "dataset")
    assert [row["hidden"] for row in dataset.rows("val")] == [None, None]
    assert dataset.row("val", 1, ["hidden"]) == {"hidden": None}
    assert dataset.table("train", ["label", "hidden"]).column_names == ["label", "hidden"]
    assert dataset.table("train", ["hidden"])["hidden"].null_count == 6
    assert [row for row in dataset.rows("train", ["hidden"])] == [{"hidden": None}] * 6
    with pytest.raises(DatasetError, match="no column 'colour'"):
        dataset.row("val", 1, ["colour"])


def test_a_model_of_before_predicts_what_it_predicted():
    expected = json.loads((OLD / "expected.json").read_text())
    image = decode_image(ShardDataset.open(OLD / "dataset").row("val", 0)["image"]["bytes"])
    probability = np.squeeze(predictor_of(load_model(OLD / "model")).probabilities(image[None]))
    assert probability.mean() == pytest.approx(expected["val 0, mean probability"], abs=1e-5)
    assert probability[16, 16] == pytest.approx(expected["val 0, probability at (16, 16)"], abs=1e-5)
