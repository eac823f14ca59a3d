"""ShardLoader: the same batches for any thread count and shard size, every sample once, resumable."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from sample_factory import make_sample, make_samples, write_dataset
from synthgen.core.errors import DatasetError, TrainingError
from synthgen.core.types import HiddenInstance
from synthgen.shards.reader import ShardDataset
from trainers.loading.loader import SampleLoader, ShardLoader
from trainers.loading.memory import BatchMemory
from trainers.loading.targets import Boxed, Labelled, LabelTargets, Masked, MaskTargets

SAMPLES = make_samples(13)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_dataset(tmp_path_factory.mktemp("d"), {"train-00000.parquet": SAMPLES})


def loader(dataset, *, split="train", batch_size=4, seed=0, shuffle=True, **options):
    return ShardLoader(dataset, split, batch_size=batch_size, seed=seed, shuffle=shuffle, **options)


def order(batches):
    return [index for batch in batches for index in batch.indices]


def test_a_batch_holds_the_pixels_and_targets_of_its_samples(dataset):
    for batch in loader(dataset):
        assert batch.images.dtype == batch.targets.masks.dtype == np.uint8
        for index, image, mask in zip(batch.indices, batch.images, batch.targets.masks, strict=True):
            np.testing.assert_array_equal(image, SAMPLES[index].image)
            np.testing.assert_array_equal(mask, SAMPLES[index].mask)


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
        np.testing.assert_array_equal(ours.targets.masks, theirs.targets.masks)


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


@pytest.mark.parametrize("ranks", [2, 3, 4])
def test_ranks_take_the_same_samples_at_a_step_as_one_alone(dataset, ranks):
    sizes = {2: 4, 3: 2, 4: 1}
    everyone = ranks * sizes[ranks]
    alone = [batch.indices for batch in loader(dataset, batch_size=everyone)]
    shares = [loader(dataset, batch_size=sizes[ranks], rank=rank, ranks=ranks) for rank in range(ranks)]
    steps = [tuple(order(batches)) for batches in zip(*shares, strict=True)]
    if 13 % everyone < ranks:  # too few to go round, so they join the step before
        alone[-2:] = [alone[-2] + alone[-1]]
    assert steps == alone


def test_a_state_resumes_with_other_ranks(dataset):
    one = loader(dataset, batch_size=4)
    batches = iter(one)
    next(batches)
    two = [loader(dataset, batch_size=2, rank=rank, ranks=2) for rank in range(2)]
    for share in two:
        share.load_state_dict(one.state_dict())
    assert sorted(order(two[0]) + order(two[1])) == sorted(order(batches))


def test_more_ranks_than_samples_are_refused(dataset):
    with pytest.raises(TrainingError, match="13 samples for 14 ranks; use fewer ranks"):
        loader(dataset, ranks=14)


def test_without_masks_nothing_of_them_is_read(tmp_path):
    damaged = write_dataset(tmp_path / "d", {"train-00000.parquet": SAMPLES})
    path = damaged / "train-00000.parquet"
    chunk = next(
        column
        for column in (pq.read_metadata(path).row_group(0).column(number) for number in range(30))
        if column.path_in_schema == "mask.bytes"
    )
    with path.open("r+b") as file:
        file.seek(chunk.data_page_offset)
        file.write(b"\xff" * chunk.total_compressed_size)
    batches = list(loader(damaged, collate=None))
    assert sorted(order(batches)) == list(range(13)) and all(batch.targets is None for batch in batches)
    with pytest.raises(DatasetError, match="damaged shard"):
        list(loader(damaged))


def test_memory_comes_back_when_no_view_of_it_is_left():
    memory = BatchMemory()
    first = memory.take(2, 3)
    address, view = first.ctypes.data, first[1:]
    del first
    assert memory.take(2, 3).ctypes.data != address
    del view
    assert address in {memory.take(2, 3).ctypes.data for _ in range(2)}


def test_samples_come_in_the_same_batches_as_their_shards(dataset):
    made = SampleLoader(SAMPLES, batch_size=4, seed=0, shuffle=True)
    for ours, theirs in zip(made, loader(dataset), strict=True):
        assert ours.indices == theirs.indices
        np.testing.assert_array_equal(ours.images, theirs.images)
        np.testing.assert_array_equal(ours.targets.masks, theirs.targets.masks)


def test_batches_that_are_kept_stay_as_they_are(dataset):
    kept = list(loader(dataset, batch_size=2))
    assert len({batch.images.ctypes.data for batch in kept}) == len(kept)
    for batch in kept:
        np.testing.assert_array_equal(batch.images, [SAMPLES[index].image for index in batch.indices])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="page-locked memory needs CUDA")
def test_pinned_batches_hold_the_same(dataset):
    for ours, theirs in zip(loader(dataset, pinned=True), loader(dataset), strict=True):
        assert torch.from_numpy(ours.images).is_pinned()
        np.testing.assert_array_equal(ours.images, theirs.images)


def test_a_missing_split_is_named(dataset):
    with pytest.raises(DatasetError, match="no split 'val'; present: train"):
        loader(dataset, split="val")


HIDING = (6, 9)  # rows of two discs, whose first one is hidden here


def hiding(sample):
    """The sample with its first disc too hidden to be labelled."""
    first, *others = sample.instances
    hidden = HiddenInstance(first.category, first.amodal_bbox, first.amodal_rle, first.visibility)
    mask = np.where(sample.mask == 1, 0, sample.mask).astype(np.uint8)
    return replace(sample, mask=mask, instances=tuple(others), unlabelled=1, hidden=(hidden,))


HALF_HIDDEN = [hiding(sample) if sample.index in HIDING or sample.index == 5 else sample for sample in SAMPLES]


@pytest.fixture(scope="module")
def half_hidden(tmp_path_factory):
    return write_dataset(tmp_path_factory.mktemp("h") / "d", {"train-00000.parquet": HALF_HIDDEN})


def test_hidden_targets_are_regions_to_be_ignored(half_hidden):
    (batch,) = loader(half_hidden, batch_size=13, shuffle=False)
    for index, region in zip(batch.indices, batch.targets.ignore, strict=True):
        expected = SAMPLES[index].mask == 1 if index in (5, *HIDING) else np.zeros_like(region)
        assert region[expected].all() and not region[HALF_HIDDEN[index].mask > 0].any()
        assert region.any() == expected.any()


def test_where_nothing_is_hidden_nothing_is_ignored(dataset):
    assert all(batch.targets.ignore is None for batch in loader(dataset))


def test_datasets_of_schema_2_ignore_nothing_though_they_have_unlabelled_targets():
    old = Path(__file__).parents[2] / "golden/version-2/dataset"
    assert sum(row["unlabelled"] for row in ShardDataset.open(old).rows("train")) > 0
    (batch,) = loader(old, batch_size=8)
    assert batch.targets.ignore is None


def test_a_label_is_unknown_where_all_targets_are_hidden(half_hidden):
    (batch,) = loader(half_hidden, batch_size=13, shuffle=False, collate=Labelled())
    unknown = [sample.index for sample in HALF_HIDDEN if sample.unlabelled and not sample.mask.any()]
    assert unknown == [5, 9]
    assert np.flatnonzero(~batch.targets.known).tolist() == unknown
    for index in np.flatnonzero(batch.targets.known):
        assert batch.targets.labels[index] == SAMPLES[index].mask.any()


def test_boxes_are_ragged_and_those_of_the_visible_targets(half_hidden):
    for batch in loader(half_hidden, collate=Boxed()):
        for index, boxes in zip(batch.indices, batch.targets.boxes, strict=True):
            seen = [instance for instance in HALF_HIDDEN[index].instances if instance.area]
            np.testing.assert_array_equal(boxes.xyxy, np.reshape([i.bbox for i in seen], (-1, 4)))
            assert boxes.categories == tuple(instance.category for instance in seen)


@pytest.mark.parametrize("collate", [Masked(), Labelled(), Boxed()], ids=lambda collate: type(collate).__name__)
def test_samples_and_shards_give_the_same_targets(half_hidden, collate):
    made = SampleLoader(HALF_HIDDEN, batch_size=4, seed=0, shuffle=True, collate=collate)
    for ours, theirs in zip(made, loader(half_hidden, collate=collate), strict=True):
        assert told(ours.targets) == told(theirs.targets)


def told(targets):
    if isinstance(targets, MaskTargets):
        return targets.masks.tolist(), None if targets.ignore is None else targets.ignore.tolist()
    if isinstance(targets, LabelTargets):
        return targets.labels.tolist(), targets.known.tolist()
    return [(boxes.xyxy.tolist(), boxes.categories) for boxes in targets.boxes]


def test_samples_of_two_sizes_are_refused():
    mixed = [make_sample(0), make_sample(1, size=(64, 64))]
    with pytest.raises(TrainingError, match="a picture is 64×64, the first one 48×64; give pictures of one size"):
        list(SampleLoader(mixed, batch_size=2, seed=0, shuffle=False))


class Rendered:
    """Samples that count how often they are made, and that may tell their labels without."""

    def __init__(self):
        self.made = 0

    def __len__(self):
        return len(SAMPLES)

    def __getitem__(self, index):
        self.made += 1
        return SAMPLES[index]


class Planned(Rendered):
    def label(self, index):
        return SAMPLES[index].label


def test_samples_that_tell_their_labels_are_not_made_to_balance_them(dataset):
    samples = Planned()
    balanced = SampleLoader(samples, batch_size=4, seed=0, shuffle=True, positive_share=0.5)
    assert samples.made == 1  # for the size
    assert order(balanced) == order(loader(dataset, positive_share=0.5))


def test_samples_that_would_have_to_be_made_to_be_balanced_are_refused():
    samples = Rendered()
    with pytest.raises(TrainingError, match="positive_share needs the label of every sample"):
        SampleLoader(samples, batch_size=4, seed=0, shuffle=True, positive_share=0.5)
    assert samples.made == 1
