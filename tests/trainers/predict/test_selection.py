"""Which boxes are told, and where masks lie, as torchvision has it."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.models.detection.roi_heads import paste_masks_in_image
from torchvision.ops import batched_nms

from trainers.models.detectors.selection import Selection, select
from trainers.models.detectors.stages import Stages, found_of
from trainers.predict.onnx_stages import pasted


def boxes_of(rng, count, size=60):
    corners = rng.integers(0, size, (count, 2, 2)).astype(np.float32)
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)


@given(seed=st.integers(0, 10_000), count=st.integers(0, 60), overlap=st.sampled_from([0.0, 0.31, 0.53, 1.0]))
def test_it_is_non_maximum_suppression_by_group(seed, count, overlap):
    rng = np.random.default_rng(seed)
    boxes, groups = boxes_of(rng, count), rng.integers(0, 3, count)
    scores = rng.permutation(count).astype(np.float32) / 100  # no ties
    told = select(boxes, scores, groups, Selection(overlap=overlap, most=20, least_score=-1))
    expected = batched_nms(*(torch.from_numpy(part) for part in (boxes, scores, groups)), overlap)[:20]
    assert told.tolist() == expected.tolist()


def test_limits_come_before_suppression():
    boxes = np.array([(0, 0, 10, 10), (0, 0, 10, 0.5), (20, 0, 30, 10), (40, 0, 50, 10)], np.float32)
    scores, one = np.array([0.5, 0.9, 0.8, 0.1], np.float32), np.zeros(4, int)

    def told(**limits):
        return select(boxes, scores, one, Selection(overlap=0.5, most=9, **limits)).tolist()

    assert told() == [1, 2, 0, 3]
    assert told(least_score=0.1) == [1, 2, 0]
    assert told(least_side=1) == [2, 0, 3]
    assert told(candidates=2, least_side=1) == [2]  # the candidates are the surest, whatever their sides


def test_regions_and_boxes_keep_to_their_pictures():
    every = Selection(overlap=0.5, most=5)
    stages = Stages(levels=(1, 1), proposals=every, boxes=every)
    first, second = [(0, 0, 4, 4, 0.2), (0, 0, 4, 4, 0.9)], [(1, 1, 5, 5, 0.0), (2, 2, 9, 9, 0.3)]
    regions = stages.regions(np.array([first, second], np.float32))
    assert regions.tolist() == [[0, 0, 0, 4, 4], [0, 0, 0, 4, 4], [1, 2, 2, 9, 9]]  # levels do not suppress each other
    classes = np.array([[(0, 0, 4, 4, 0.1), (0, 0, 4, 4, 0.6)]] * 3, np.float32)
    found = found_of(classes, regions[:, 0].astype(int), 3, every)  # nothing in the last picture
    assert found.regions[:, 0].tolist() == [0, 0, 1, 1] and found.labels.tolist() == [2, 1, 2, 1]


@given(seed=st.integers(0, 10_000))
def test_masks_are_pasted_as_torchvision_does(seed):
    rng = np.random.default_rng(seed)
    mask, frame = rng.random((28, 28)).astype(np.float32), (50, 60)
    box = (boxes_of(rng, 1, 50)[0] + rng.random(4).astype(np.float32) * [0, 0, 9, 9]).astype(np.float32)
    expected = paste_masks_in_image(torch.from_numpy(mask)[None, None], torch.from_numpy(box)[None], frame)[0, 0]
    near = np.abs(expected.numpy() - 0.5) < 1e-4
    assert ((pasted(mask, box, frame) == (expected.numpy() >= 0.5)) | near).all()
