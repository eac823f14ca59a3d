"""Any predictor is scored by name of benchmark, one without a training behind it as well."""

import io
import json
from dataclasses import dataclass

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import ConfigError
from trainers.commands.scoring import score_on_all, write_results
from trainers.config.evaluation import EvaluationConfig

SIZE = (48, 64)


@dataclass(frozen=True)
class Reddish:
    """Takes what is red for foreground; nobody trained it."""

    title: str = "reddish"
    size: tuple[int, int] = SIZE

    def probabilities(self, images):
        return (images[:, None, :, :, 0] > 150).astype(np.float32)


@dataclass(frozen=True)
class Bright:
    """Takes bright pictures for positive ones."""

    title: str = "bright"
    size: tuple[int, int] = SIZE

    def labels(self, images):
        return images.mean(axis=(1, 2, 3), dtype=np.float32)[:, None] / 255


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_dataset(tmp_path_factory.mktemp("data") / "d", {"test-00000.parquet": make_samples(8, "test")})


def scored(predictor, dataset, console=None, **evaluation):
    return score_on_all(predictor, EvaluationConfig(**evaluation), dataset, console or Console(quiet=True))


def test_a_predictor_without_a_training_is_scored(dataset, tmp_path):
    results = scored(Reddish(), dataset)
    write_results(tmp_path, {"reddish": results}, Console(quiet=True), named=False)
    scores = json.loads((tmp_path / "results.json").read_text())["scores"]
    assert scores["reddish"]["foreground_iou"] > scores["empty prediction"]["foreground_iou"] == 0
    rows = pq.read_table(tmp_path / "results-rows.parquet").to_pylist()
    assert [row["name"] for row in rows] == [f"test-{number:06d}" for number in range(8)]
    assert cv2.imread(str(tmp_path / "predictions.png")).std() > 10


def test_predictors_of_two_kinds_have_a_table_each(dataset, tmp_path):
    results = {"reddish": scored(Reddish(), dataset), "bright": scored(Bright(), dataset)}
    write_results(tmp_path, results, Console(quiet=True))
    assert {path.name for path in tmp_path.glob("*.md")} == {"results-pixels.md", "results-labels.md"}
    drawn = {"predictions-reddish.png", "predictions-bright.png", "results-labels-curves.png"}
    assert {path.name for path in tmp_path.glob("*.png")} == drawn


def test_scoring_tells_how_far_it_is_in_plain_lines(dataset):
    heard = io.StringIO()
    scored(Reddish(), dataset, Console(file=heard, width=200))
    assert "score d, test: 8/8 images" in heard.getvalue()


def test_nothing_to_score_on_is_an_error():
    with pytest.raises(ConfigError, match="nothing to score pixels on"):
        scored(Reddish(), None)
