"""ShardLoader: the same batches for any thread count and shard size, every sample once, resumable."""

import numpy as np
import pytest

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import DatasetError, TrainingError
from trainers.data import ShardLoader

SAMPLES = make_samples(13)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_dataset(tmp_path_factory.mktemp("d"), {"train-00000.parquet": SAMPLES})


def loader(dataset, *, split="train", batch_size=4, seed=0, shuffle=True, threads=2):
    return ShardLoader(dataset, split, batch_size=batch_size, seed=seed, shuffle=shuffle, threads=threads)


def order(batches):
    return [index for batch in batches for index in batch.indices]


def test_a_batch_holds_the_pixels_and_targets_of_its_samples(dataset):
    for batch in loader(dataset):
        assert batch.images.dtype == batch.masks.dtype == np.uint8
        for index, image, mask in zip(batch.indices, batch.images, batch.masks, strict=True):
            np.testing.assert_array_equal(image, SAMPLES[index].image.transpose(2, 0, 1))
            np.testing.assert_array_equal(mask[0], SAMPLES[index].mask > 0)


def test_every_sample_comes_once_in_an_epoch(dataset):
    batches = list(loader(dataset))
    assert sorted(order(batches)) == list(range(13))
    assert [len(batch.indices) for batch in batches] == [4, 4, 4, 1]
    assert len(loader(dataset)) == 4


def test_without_shuffling_the_order_is_the_datasets(dataset):
    assert order(loader(dataset, shuffle=False)) == list(range(13))


def test_epochs_and_seeds_differ_and_repeat(dataset):
    source = loader(dataset)
    first, second = order(source), order(source)
    assert first != second
    source.set_epoch(0)
    assert order(source) == first
    assert order(loader(dataset, seed=1)) != first


def test_a_reader_that_stops_at_the_last_batch_gets_the_next_epoch_whole(dataset):
    source = loader(dataset, shuffle=False)
    for _ in range(2):
        batches = iter(source)
        assert order(next(batches) for _ in range(len(source))) == list(range(13))


def test_a_reader_that_breaks_off_starts_the_epoch_anew(dataset):
    source = loader(dataset)
    first = next(iter(source)).indices
    assert next(iter(source)).indices == first


@pytest.mark.parametrize("threads", [1, 4])
def test_threads_change_nothing(dataset, threads):
    for ours, theirs in zip(loader(dataset, threads=threads), loader(dataset), strict=True):
        assert ours.indices == theirs.indices
        np.testing.assert_array_equal(ours.images, theirs.images)
        np.testing.assert_array_equal(ours.masks, theirs.masks)


def test_shard_size_changes_nothing(dataset, tmp_path):
    parts = {f"train-0000{n}.parquet": SAMPLES[first : first + 5] for n, first in enumerate((0, 5, 10))}
    assert order(loader(write_dataset(tmp_path / "d", parts))) == order(loader(dataset))


@pytest.mark.parametrize("seen", [1, 3])
def test_a_state_resumes_with_the_next_batch(dataset, seen):
    source = loader(dataset)
    list(source)
    batches = iter(source)
    for _ in range(seen):
        next(batches)
    resumed = loader(dataset)
    resumed.load_state_dict(source.state_dict())
    assert order(resumed) == order(batches)
    assert order(resumed) == order(source)


def test_a_state_of_another_order_is_refused(dataset):
    with pytest.raises(TrainingError, match="loader state has seed 0, this loader 1; resume with the same"):
        loader(dataset, seed=1).load_state_dict(loader(dataset).state_dict())


def test_a_missing_split_is_named(dataset):
    with pytest.raises(DatasetError, match="no split 'val'; present: train"):
        loader(dataset, split="val")
