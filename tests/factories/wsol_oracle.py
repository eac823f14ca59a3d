"""What the authors of the measures publish (Choe et al. 2020, clovaai/wsolevaluation), written down anew for tests.

Each function does what theirs says, threshold by threshold and pixel by pixel, and shares nothing with ours.
"""

import cv2
import numpy as np

THRESHOLDS = list(np.arange(0, 1, 0.001))


def boxes_at(scoremap, threshold, *, multi):
    height, width = scoremap.shape
    image = np.expand_dims((scoremap * 255).astype(np.uint8), 2)
    _, grey = cv2.threshold(image, int(threshold * np.max(image)), 255, cv2.THRESH_BINARY)
    contours = cv2.findContours(grey, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)[0]
    if len(contours) == 0:
        return [[0, 0, 0, 0]]
    if not multi:
        contours = [max(contours, key=cv2.contourArea)]
    found = []
    for contour in contours:
        x, y, w, h = cv2.boundingRect(contour)
        found.append([x, y, min(x + w, width - 1), min(y + h, height - 1)])
    return found


def iou(one, other):
    x0, y0, x1, y1 = max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])
    shared = max(0, x1 - x0 + 1) * max(0, y1 - y0 + 1)
    area = (one[2] - one[0] + 1) * (one[3] - one[1] + 1)
    other_area = (other[2] - other[0] + 1) * (other[3] - other[1] + 1)
    return shared / (area + other_area - shared)


def max_box_acc(scoremaps, boxes, deltas, *, multi):
    """Percent, the mean over the deltas of the best threshold of each."""
    best = []
    for delta in deltas:
        correct = np.zeros(len(THRESHOLDS))
        for scoremap, own in zip(scoremaps, boxes, strict=True):
            for place, threshold in enumerate(THRESHOLDS):
                found = boxes_at(scoremap, threshold, multi=multi)
                correct[place] += max(iou(one, true) for one in found for true in own) >= delta
        best.append((correct * 100.0 / len(scoremaps)).max())
    return np.mean(best)


def px_ap(scoremaps, masks):
    """Percent; a mask holds 1 for the object, 0 for what is none, 255 for what is ignored."""
    edges = np.append(THRESHOLDS, [1.0, 2.0, 3.0])
    true, false = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    for scoremap, mask in zip(scoremaps, masks, strict=True):
        true += np.histogram(scoremap[mask == 1], bins=edges)[0]
        false += np.histogram(scoremap[mask == 0], bins=edges)[0]
    tp, fp = true[::-1].cumsum(), false[::-1].cumsum()
    fn = true.sum() - tp
    found = (tp + fp) != 0
    with np.errstate(invalid="ignore"):
        precision, recall = tp / (tp + fp), tp / (tp + fn)
    return (precision[1:] * np.diff(recall))[found[1:]].sum() * 100
