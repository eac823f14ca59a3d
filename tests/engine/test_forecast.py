"""A dry run tells from a few samples what all of them will be, and leaves nothing behind."""

from dataclasses import replace

import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_factory import make_samples
from synthgen.engine import GenerationConfig
from synthgen.engine.forecast import Spread, forecast
from synthgen.engine.trial import Trial, shares_of, try_out
from synthgen.shards.codec import ImageCodec
from synthgen.shards.writer import write_shard
from synthgen.studio import Studio
from tiny_assets import write_tiny_assets

TRIAL = Trial(
    samples=tuple(make_samples(4)),
    intake=1.0,
    decoding=2.0,
    start=3.0,
    each=0.01,
    row_bytes=5000.0,
    group_bytes=1000.0,
)


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    return write_tiny_assets(tmp_path_factory.mktemp("assets"))


def config(assets, **changes):
    values = {
        "assets": assets.model_dump(),
        "size": (64, 64),
        "samples": {"train": 1000, "test": 100},
        "output": {"path": "unused", "shard_rows": 300},
        "engine": {"kind": "local", "workers": 2},
    }
    return GenerationConfig.model_validate({**values, **changes})


def test_a_forecast_by_hand(assets):
    foretold = forecast(TRIAL, config(assets), cores=8)
    assert (foretold.rows, foretold.shards, foretold.tried) == ("1,000 train, 100 test", 5, 4)
    assert foretold.targets.expected == 1650  # 0, 1, 2, 3 in the samples
    assert foretold.negatives.expected == 275
    assert foretold.seen == (("disc", 6),)
    # 4 samples of each split are checked; shards of 300, 300, 300, 100, 100 go to two workers: 600 to one of them
    assert foretold.seconds == pytest.approx(1 + 2 + 3 + 0.08 + 6.0)
    assert foretold.size == 1100 * 5000 + (3 * 3 + 1 + 1) * 1000
    assert list(foretold.lines()) == [
        "rows     1,000 train, 100 test, in 5 files",
        "targets  about 1,600 ± 1,500; rows without one: about 280 ± 550; drawn so far: 6 disc",
        "time     about 12 s by 2 processes on this machine, as busy as it is now",
        "disk     about 5.5 MB",
    ]


def test_more_workers_than_cores_do_no_more_work(assets):
    busy = config(assets, engine={"kind": "processes", "workers": 64})
    assert forecast(TRIAL, busy, cores=1).workers == 1
    assert forecast(TRIAL, busy, cores=1).seconds == pytest.approx(1 + 2 + 3 * 5 + 0.08 + 11)


@pytest.mark.parametrize(
    ("changes", "rendering"), [({"engine": {"workers": 1}}, 0.08 + 11), ({"samples": {"train": 300}}, 0.04 + 3)]
)
def test_a_single_worker_need_not_be_started(assets, changes, rendering):
    assert forecast(TRIAL, config(assets, **changes), cores=8).seconds == pytest.approx(1 + 2 + rendering)


def test_more_shards_than_can_be_counted_are_dealt_evenly(assets):
    huge = config(assets, samples={"train": 10**12}, output={"path": "unused", "shard_rows": 1000})
    assert forecast(TRIAL, huge, cores=2).seconds == pytest.approx(10**12 * 0.01 / 2, rel=1e-6)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_nothing_is_unsure_once_all_rows_were_tried(values):
    assert Spread.of(values, len(values)) == Spread(pytest.approx(sum(values)), 0)


@given(st.fixed_dictionaries({split: st.integers(0, 10**6) for split in ("train", "val", "test")}))
def test_every_split_with_samples_is_tried(counts):
    shares = shares_of(counts, 32)
    assert set(shares) == {split for split, count in counts.items() if count}
    assert all(1 <= shares[split] <= counts[split] for split in shares)
    assert sum(shares.values()) <= 34


def test_what_is_tried_is_what_would_be_written(assets, tmp_path):
    settings = config(assets, samples={"train": 12}, output={"path": "unused", "shard_rows": 12})
    trial = try_out(settings)
    studio = Studio.open(settings, tmp_path / "cache")
    assert [sample.scene for sample in trial.samples] == [studio.scene("train", index).to_json() for index in range(12)]
    entry = write_shard(tmp_path / "train-00000.parquet", trial.samples, ImageCodec())
    assert forecast(trial, settings, 1).size == pytest.approx(entry.size_bytes)
    assert min(trial.intake, trial.decoding, trial.start, trial.each) > 0


def test_opencv_has_its_threads_again(assets):
    before = cv2.getNumThreads()
    try_out(config(assets, samples={"train": 1}), 1)
    assert cv2.getNumThreads() == before


def test_where_nothing_was_drawn_it_says_so(assets):
    empty = replace(TRIAL, samples=tuple(sample for sample in TRIAL.samples if not sample.instances))
    assert "drawn so far: no target" in list(forecast(empty, config(assets), 1).lines())[1]
