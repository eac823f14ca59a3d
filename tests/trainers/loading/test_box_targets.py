"""Targets of boxes: visible or amodal, what is to be ignored, masks where they are learnt."""

import numpy as np
import pytest

from bright_boxes import SIZE, bright_sample
from sample_factory import write_dataset
from synthgen.core.picture import Boxes, Truth
from trainers.loading.augment import DeviceAugmentation
from trainers.loading.loader import SampleLoader, ShardLoader
from trainers.loading.memory import BatchMemory
from trainers.loading.targets import Boxed

SAMPLES = [bright_sample(index, boxes=3, hidden=index % 2 == 1) for index in range(6)]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_dataset(tmp_path_factory.mktemp("b") / "d", {"train-00000.parquet": SAMPLES})


def targets_of(source, collate):
    kind = ShardLoader if not isinstance(source, list) else SampleLoader
    where = (source, "train") if kind is ShardLoader else (source,)
    (batch,) = kind(*where, collate=collate, batch_size=6, seed=0, shuffle=False)
    return batch.targets


def seen(sample):
    return [instance for instance in sample.instances if instance.area]


def test_amodal_boxes_are_those_of_seen_targets_with_what_hides_them(dataset):
    visible, amodal = (targets_of(dataset, Boxed(amodal=whole)).boxes for whole in (False, True))
    for sample, one, other in zip(SAMPLES, visible, amodal, strict=True):
        np.testing.assert_array_equal(one.xyxy, np.reshape([each.bbox for each in seen(sample)], (-1, 4)))
        np.testing.assert_array_equal(other.xyxy, np.reshape([each.amodal_bbox for each in seen(sample)], (-1, 4)))
    assert any((one.xyxy != other.xyxy).any() for one, other in zip(visible, amodal, strict=True))


def test_amodal_boxes_end_at_the_frame(tmp_path):
    sample = bright_sample(0)
    beyond = [type(each)(**{**_fields(each), "amodal_bbox": (-9, 2, 99, 30)}) for each in sample.instances]
    shards = {"train-00000.parquet": [type(sample)(**{**_fields(sample), "instances": tuple(beyond)})]}
    (boxes,) = targets_of(write_dataset(tmp_path / "d", shards), Boxed(amodal=True)).boxes
    assert boxes.xyxy.tolist() == [[0, 2, SIZE[1], 30]]


def _fields(value):
    return {name: getattr(value, name) for name in value.__slots__}


def test_hidden_targets_are_ignored_boxes_though_no_mask_is_read(dataset):
    found = targets_of(dataset, Boxed())
    assert found.masks is None and set(found.ignored) == {1, 3, 5}
    for place, boxes in found.ignored.items():
        assert boxes.tolist() == [[*SAMPLES[place].hidden[0].amodal_bbox]]


def test_masks_have_the_numbers_of_the_boxes(dataset):
    for source in (dataset, SAMPLES):
        found = targets_of(source, Boxed(masks=True))
        assert found.masked == set(range(6))
        for sample, mask, boxes in zip(SAMPLES, found.masks, found.boxes, strict=True):
            np.testing.assert_array_equal(mask, sample.mask)
            assert boxes.numbers.tolist() == [each.number for each in seen(sample)]


def test_crowds_are_no_boxes_and_a_picture_of_boxes_alone_has_no_mask():
    collate = Boxed(masks=True)
    targets = collate.room(2, SIZE, BatchMemory())
    region = np.zeros(SIZE, bool)
    region[4:9, 2:6] = region[40:44, 50:60] = True
    boxes = Boxes.of([(0, 0, 9, 9), (2, 4, 60, 44)], ["card", "card"], crowd=[False, True])
    collate.put(targets, 0, Truth(boxes=boxes, ignore=region))
    collate.put(targets, 1, Truth())
    assert targets.boxes[0].xyxy.tolist() == [[0, 0, 9, 9]] and len(targets.boxes[1]) == 0
    assert sorted(targets.ignored[0].tolist()) == [[2, 4, 6, 9], [50, 40, 60, 44]] and 1 not in targets.ignored
    assert not targets.masked and not targets.masks.any()


def test_boxes_and_masks_are_moved_together():
    import torch

    images, masks = torch.zeros(4, 3, *SIZE), torch.from_numpy(np.stack([sample.mask for sample in SAMPLES[:4]]))
    boxes = [torch.tensor([each.bbox for each in seen(sample)], dtype=torch.float32) for sample in SAMPLES[:4]]
    flips = DeviceAugmentation([{"RandomHorizontalFlip": {"p": 0.5}}, {"RandomVerticalFlip": {"p": 0.5}}])
    _, moved, layers = flips.with_instances(images, boxes, masks, (3,))
    assert layers.dtype == torch.uint8 and not torch.equal(layers, masks)
    for own, layer, sample in zip(moved, layers, SAMPLES[:4], strict=True):
        for box, instance in zip(own.tolist(), seen(sample), strict=True):
            rows, columns = np.nonzero(layer.numpy() == instance.number)
            assert box == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
