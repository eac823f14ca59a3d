"""`verify` finds whatever is planted in a dataset."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sample_factory import make_sample, make_samples, write_dataset
from synthgen.core.errors import DatasetError
from synthgen.core.geometry import decode_rle, window
from synthgen.shards.manifest import MANIFEST, read_manifest
from synthgen.shards.reader import ShardDataset
from synthgen.shards.verify import verify_dataset


@pytest.fixture
def dataset(tmp_path):
    return write_dataset(
        tmp_path / "d", {"train-00000.parquet": make_samples(5), "test-00000.parquet": make_samples(4, "test")}
    )


def test_a_clean_dataset_has_no_problems(dataset):
    report = verify_dataset(dataset)
    assert report.problems == ()
    assert (report.rows, report.pixels) == (9, 9 * 48 * 64)


def planted(tmp_path, **changes):
    """Problems of a dataset whose sample 0 was changed before it was written."""
    sample = make_sample(0, discs=3)
    first = replace(sample, instances=(replace(sample.instances[0], **changes), *sample.instances[1:]))
    return verify_dataset(write_dataset(tmp_path / "d", {"train-00000.parquet": [first]})).problems


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"area": 7}, "area is 7, the mask has"),
        ({"bbox": (0, 0, 3, 3)}, "bbox is (0, 0, 3, 3), the mask's is"),
        ({"amodal_area": 9}, "amodal_area is 9, amodal_rle has"),
        ({"visibility": 0.123}, "visibility is 0.1230000, the masks give"),
        ({"occlusion": 0.9}, "occlusion is 0.9000000"),
        ({"truncation": 0.5}, "truncation is 0.5000000"),
        ({"category": "cat"}, "category 'cat' is not in the manifest"),
        ({"amodal_rle": b"\x01\x00\x00\x00"}, "amodal_rle: run lengths cover 1 pixels"),
        ({"number": 77}, "mask values [1] belong to no instance"),
    ],
)
def test_a_wrong_instance_is_found(tmp_path, changes, problem):
    assert any(problem in found for found in planted(tmp_path, **changes)), planted(tmp_path / "again", **changes)


def test_a_pixel_outside_the_amodal_mask_is_found(tmp_path):
    sample = make_sample(0, discs=1)
    mask = sample.mask.copy()
    mask[0, 0] = 1
    problems = verify_dataset(
        write_dataset(tmp_path / "d", {"train-00000.parquet": [replace(sample, mask=mask)]})
    ).problems
    assert any("1 visible pixels lie outside the amodal mask" in problem for problem in problems)


def shared_pixels(sample):
    """Where the upper of two discs hides the lower one: (row, column) of each pixel."""
    lower, upper = sample.instances
    x0, y0, x1, y1 = lower.amodal_bbox
    frame, local = window(lower.amodal_bbox, sample.mask.shape)
    covered = np.zeros(sample.mask.shape, bool)
    covered[frame] = decode_rle(lower.amodal_rle, (y1 - y0, x1 - x0))[local]
    return np.argwhere(covered & (sample.mask == upper.number))


def test_a_pixel_given_to_the_object_below_is_found(tmp_path):
    seed = next(index for index in range(100) if len(shared_pixels(make_sample(index, discs=2))))
    samples = [make_sample(index, discs=2) for index in range(seed + 1)]
    mask = samples[-1].mask.copy()
    mask[tuple(shared_pixels(samples[-1])[0])] = 1
    samples[-1] = replace(samples[-1], mask=mask)
    problems = verify_dataset(write_dataset(tmp_path / "d", {"train-00000.parquet": samples})).problems
    assert any("instance 2: 1 of its pixels belong to instances below it" in problem for problem in problems)


def test_an_image_of_another_size_is_found(tmp_path):
    sample = make_sample(0)
    image = np.zeros((40, 64, 3), np.uint8)
    problems = verify_dataset(
        write_dataset(tmp_path / "d", {"train-00000.parquet": [replace(sample, image=image)]})
    ).problems
    height, width = sample.mask.shape
    assert f"image is (40, 64), row says ({height}, {width})" in problems[0]


def test_a_flipped_byte_is_found(dataset):
    path = dataset / "train-00000.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 255
    path.write_bytes(bytes(data))
    assert any("SHA-256 differs" in problem for problem in verify_dataset(dataset).problems)


def test_a_rewritten_label_is_found(dataset):
    path = dataset / "train-00000.parquet"
    table = pq.read_table(path)
    labels = pa.array([1 - value for value in table["label"].to_pylist()], pa.int8())
    pq.write_table(table.set_column(table.schema.get_field_index("label"), "label", labels), path)
    problems = verify_dataset(dataset).problems
    assert any("content hash differs" in problem for problem in problems)
    assert any("label" in problem for problem in problems)


def test_missing_and_foreign_shards_are_found(dataset):
    (dataset / "train-00000.parquet").rename(dataset / "train-00007.parquet")
    problems = verify_dataset(dataset).problems
    assert "train-00000.parquet: named in the manifest but missing" in problems
    assert "train-00007.parquet: not in the manifest; move it away" in problems


def test_a_truncated_shard_is_found(dataset):
    path = dataset / "train-00000.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    assert any("damaged shard" in problem for problem in verify_dataset(dataset).problems)


def test_a_leak_between_splits_is_found(tmp_path):
    leaking = [replace(sample, background_id="train-scene") for sample in make_samples(3, "test")]
    folder = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(3), "test-00000.parquet": leaking})
    assert any("background 'train-scene' leaks" in problem for problem in verify_dataset(folder).problems)


def test_a_leak_of_a_group_is_found(tmp_path):
    folder = write_dataset(
        tmp_path / "d",
        {"train-00000.parquet": make_samples(3), "test-00000.parquet": make_samples(3, "test")},
        background_groups={"train-scene": "hall", "test-scene": "hall"},
    )
    assert any("background group 'hall' leaks" in problem for problem in verify_dataset(folder).problems)


def test_a_gap_in_the_indices_is_found(tmp_path):
    folder = write_dataset(tmp_path / "d", {"train-00001.parquet": [make_sample(4)]})
    assert any("begins at index 4, expected 0" in problem for problem in verify_dataset(folder).problems)


def test_no_manifest_is_no_dataset(tmp_path):
    with pytest.raises(DatasetError, match="no such directory"):
        verify_dataset(tmp_path / "nowhere")
    (tmp_path / "run.json").touch()
    with pytest.raises(DatasetError, match="did not finish"):
        verify_dataset(tmp_path)


def test_a_damaged_or_foreign_manifest_is_named(dataset):
    path = dataset / MANIFEST
    text = path.read_text()
    path.write_text(json.dumps({**json.loads(text), "version": 99}))
    with pytest.raises(DatasetError, match="schema version 99"):
        read_manifest(dataset)
    path.write_text("{}")
    with pytest.raises(DatasetError, match="the manifest is damaged"):
        read_manifest(dataset)


def test_rows_are_found_by_index_and_splits_by_name(dataset):
    shards = ShardDataset.open(dataset)
    assert shards.splits == ("train", "test")
    assert shards.row("test", 3, ["index"])["index"] == 3
    with pytest.raises(DatasetError, match=r"no row 5 in 'train'; expected 0 to 4"):
        shards.row("train", 5)
    with pytest.raises(DatasetError, match=r"no split 'val'; present: train, test"):
        shards.entries("val")
    with pytest.raises(DatasetError, match="no column 'colour'"):
        list(shards.rows("train", ["colour"]))
