"""Two datasets made one: rows and splits are kept, ids are unique, and nothing leaks from one into the other."""

from dataclasses import replace

import pytest
from rich.console import Console

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import DatasetError
from synthgen.engine import GenerationConfig, generate, merge, replay
from synthgen.parallel.settings import EngineConfig
from synthgen.shards.codec import decode_mask
from synthgen.shards.manifest import MANIFEST, read_manifest
from synthgen.shards.reader import ShardDataset
from synthgen.shards.samples import ShardSamples
from synthgen.shards.verify import verify_dataset
from tiny_assets import write_tiny_assets

QUIET = Console(quiet=True)


def merged(first, second, out, workers=1):
    return merge(first, second, out, engine=EngineConfig(workers=workers), console=QUIET)


def dataset(folder, fingerprint="f", train=3, test=2, **changes):
    files = {
        "train-00000.parquet": make_samples(train),
        "train-00001.parquet": [replace(each, index=each.index + train) for each in make_samples(2)],
        "test-00000.parquet": make_samples(test, "test"),
    }
    for samples in files.values():
        samples[:] = [renamed(sample) for sample in samples]
    return write_dataset(folder, files, fingerprint=fingerprint, **changes)


def renamed(sample):
    """The scene of a sample that was moved to another index."""
    scene = sample.scene.replace('"index": ', f'"index": {sample.index}, "was": ')
    return replace(sample, scene=scene, scene_id=f"{sample.split}-{sample.index:06d}")


def test_rows_follow_each_other_and_nothing_else_changes(tmp_path):
    first, second = dataset(tmp_path / "a"), dataset(tmp_path / "b", "g", train=4, licences={"CC0-1.0": 2})
    merged(first, second, tmp_path / "c")
    found = ShardDataset.open(tmp_path / "c")
    assert {split: found.count(split) for split in found.splits} == {"train": 11, "test": 4}
    for split, count in (("train", 5), ("test", 2)):
        rows = list(found.rows(split))
        sources = [*ShardDataset.open(first).rows(split), *ShardDataset.open(second).rows(split)]
        assert rows[:count] == sources[:count]
        assert [row["sample_id"] for row in rows] == [f"{split}-{index:06d}" for index in range(len(rows))]
        assert len({row["scene_id"] for row in rows}) == len(rows)
        for row, source in zip(rows, sources, strict=True):
            assert row["image"]["bytes"] == source["image"]["bytes"]
            assert row["image"]["path"] == f"{row['sample_id']}.png"
            assert row["mask"]["path"] == f"{row['sample_id']}-mask.png"
            assert (row["instances"], row["pixel_hash"]) == (source["instances"], source["pixel_hash"])


def test_verify_and_the_loader_accept_the_result(tmp_path):
    merged(dataset(tmp_path / "a"), dataset(tmp_path / "b", "g"), tmp_path / "c")
    assert verify_dataset(tmp_path / "c").problems == ()
    samples = ShardSamples(ShardDataset.open(tmp_path / "c"), "train")
    assert [sample.name for sample in samples] == [f"train-{index:06d}" for index in range(10)]
    assert (
        samples[6].truth.mask == decode_mask(bytes(ShardDataset.open(tmp_path / "b").row("train", 1)["mask"]["bytes"]))
    ).all()


@pytest.mark.parametrize(
    ("other", "held_out"),
    [
        ({"categories": ["disc"]}, ["bow"]),  # has no bows, so train of the whole has none
        ({"categories": ["bow", "disc"]}, []),
        ({"categories": ["bow", "disc"], "held_out": ["bow"]}, ["bow"]),
    ],
)
def test_held_out_of_the_whole_is_what_each_dataset_holds_out_or_lacks(tmp_path, other, held_out):
    first = dataset(tmp_path / "a", categories=["bow", "disc"], held_out=["bow"])
    assert merged(first, dataset(tmp_path / "b", "g", **other), tmp_path / "c").held_out == held_out


def test_histories_are_kept_and_three_can_be_merged(tmp_path):
    merged(
        dataset(tmp_path / "a", licences={"MIT": 1}), dataset(tmp_path / "b", "g", licences={"MIT": 2}), tmp_path / "c"
    )
    merged(tmp_path / "c", dataset(tmp_path / "d", "h"), tmp_path / "e")
    manifest = read_manifest(tmp_path / "e")
    assert [origin.rows for origin in manifest.merged] == [{"train": 10, "test": 4}, {"train": 5, "test": 2}]
    assert [part["manifest"]["fingerprint"] for part in manifest.merged[0].manifest["merged"]] == ["f", "g"]
    assert manifest.licences == {"MIT": 3}
    assert manifest.merged[1].sha256 == ShardDataset.open(tmp_path / "d").sha256
    assert verify_dataset(tmp_path / "e").problems == ()


def test_attributions_of_both_are_kept(tmp_path):
    first, second = dataset(tmp_path / "a"), dataset(tmp_path / "b", "g")
    (first / "ATTRIBUTION.md").write_text("By Ada.\n")
    (second / "ATTRIBUTION.md").write_text("By Bob.\n")
    merged(first, second, tmp_path / "c")
    assert (tmp_path / "c/ATTRIBUTION.md").read_text() == "By Ada.\n\nBy Bob.\n"


def test_a_merge_that_stopped_continues(tmp_path):
    first, second = dataset(tmp_path / "a"), dataset(tmp_path / "b", "g")
    merged(first, second, tmp_path / "c")
    (tmp_path / "c" / MANIFEST).unlink()
    (tmp_path / "c/train-00003.parquet").unlink()
    untouched = (tmp_path / "c/train-00000.parquet").stat().st_mtime_ns
    merged(first, second, tmp_path / "c")
    assert verify_dataset(tmp_path / "c").problems == ()
    assert (tmp_path / "c/train-00000.parquet").stat().st_mtime_ns == untouched
    with pytest.raises(DatasetError, match="second dataset was"):
        merged(first, dataset(tmp_path / "d", "h"), tmp_path / "c")


def crossed(folder, **changes):
    """A dataset whose training rows show what others have in their test rows."""
    samples = [
        replace(
            sample, split="train", scene_id=f"train-{sample.index:06d}", scene=sample.scene.replace("test", "train", 1)
        )
        for sample in make_samples(2, "test")
    ]
    return write_dataset(folder, {"train-00000.parquet": samples}, fingerprint="x", **changes)


def test_assets_on_both_sides_are_refused_and_named(tmp_path):
    first = dataset(tmp_path / "a")
    with pytest.raises(
        DatasetError, match=r"cannot be merged: foreground 'test-disc-1' leaks .*: it is in train and test"
    ):
        merged(first, crossed(tmp_path / "b"), tmp_path / "c")
    assert not (tmp_path / "c").exists()


def test_groups_on_both_sides_are_refused_and_named(tmp_path):
    first = dataset(tmp_path / "a", foreground_groups={"test-disc-1": "the revolver"})
    other = [
        replace(sample, instances=tuple(replace(each, foreground_id="view-2") for each in sample.instances), scene="{}")
        for sample in make_samples(2)
    ]
    second = write_dataset(
        tmp_path / "b",
        {"train-00000.parquet": other},
        fingerprint="g",
        foreground_groups={"view-2": "the revolver"},
    )
    with pytest.raises(DatasetError, match="foreground group 'the revolver' leaks between splits"):
        merged(first, second, tmp_path / "c")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"fingerprint": "f"},
            "are of one run, so rows of one are rows of the other; generate one with another --seed",
        ),
        ({"fingerprint": "g", "size": (64, 48)}, "have pictures of 48×64 and 64×48"),
        ({"fingerprint": "g", "version": 2}, "are of schema versions 4 and 2"),
        ({"fingerprint": "g", "foreground_groups": {"x": "2"}}, "1 foregrounds are of different groups .* 'x'"),
    ],
)
def test_what_cannot_be_one_dataset_is_refused(tmp_path, changes, message):
    first = dataset(tmp_path / "a", foreground_groups={"x": "1"})
    with pytest.raises(DatasetError, match=message):
        merged(first, dataset(tmp_path / "b", **changes), tmp_path / "c")


@pytest.mark.slow
def test_merged_rows_of_the_same_assets_are_rendered_again(tmp_path):
    assets = write_tiny_assets(tmp_path / "assets")
    for seed in (1, 2):
        values = {
            "seed": seed,
            "assets": assets.model_dump(),
            "size": (64, 64),
            "samples": {"train": 3},
            "output": {"path": "unused"},
            "engine": {"workers": 1},
        }
        generate(GenerationConfig.model_validate(values), tmp_path / str(seed), console=QUIET)
    merged(tmp_path / "1", tmp_path / "2", tmp_path / "elsewhere/both")
    assert verify_dataset(tmp_path / "elsewhere/both").problems == ()
    assert all(replay(tmp_path / "elsewhere/both", "train", index).matches for index in (0, 4))
