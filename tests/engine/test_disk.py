"""A disk that cannot hold the samples is found out before they are rendered."""

import shutil
from collections import namedtuple

import pytest
from rich.console import Console

from synthgen.core.errors import OutputError
from synthgen.engine import GenerationConfig, generate
from synthgen.engine.disk import estimated, require_room
from synthgen.shards.manifest import ShardEntry
from synthgen.studio import Studio
from tiny_assets import write_tiny_assets

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def config(tmp_path):
    values = {
        "assets": write_tiny_assets(tmp_path).model_dump(),
        "size": (64, 64),
        "samples": {"train": 100},
        "output": {"path": "unused", "shard_rows": 100},
        "engine": {"workers": 1},
    }
    return GenerationConfig.model_validate(values)


def with_free(monkeypatch, free):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(free, 0, free))


def test_the_estimate_is_near_what_is_written(config, tmp_path):
    row = estimated(Studio.open(config, tmp_path / "cache"), config.output.image)
    manifest = generate(config, tmp_path / "d", console=Console(quiet=True))
    written = sum(entry.size_bytes for entry in manifest.shards) / 100
    assert 0.7 * written < row < 1.3 * written


def test_too_little_room_is_refused_before_a_shard_is_rendered(config, tmp_path, monkeypatch):
    with_free(monkeypatch, 100_000)
    with pytest.raises(OutputError, match=r"d: 100 samples need about \d{3} kB, and 100 kB are free; lower samples"):
        generate(config, tmp_path / "d", console=Console(quiet=True))
    assert list((tmp_path / "d").glob("*.parquet")) == []


def test_what_is_done_needs_no_room(config, tmp_path, monkeypatch):
    with_free(monkeypatch, 50_000)
    done = ShardEntry(split="train", file="a.parquet", first=0, rows=60, size_bytes=1, sha256="", content_hash="")
    require_room(tmp_path, config, {"a": done}, 1000)
    with pytest.raises(OutputError, match="100 samples need about 100 kB"):
        require_room(tmp_path, config, {}, 1000)


def test_the_disk_of_a_folder_to_be_made_is_asked(config, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: asked.append(folder) or Usage(10**9, 0, 10**9))
    require_room(tmp_path / "a/b/c", config)
    assert asked == [tmp_path]
