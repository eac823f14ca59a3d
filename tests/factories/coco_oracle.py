"""What pycocotools and faster-coco-eval say of the same boxes and masks."""

import contextlib
import io

import numpy as np
from faster_coco_eval import COCO as FasterCOCO
from faster_coco_eval import COCOeval_faster
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from synthgen.core.geometry import decode_rle

__all__ = ["coco_figures"]

NAMES = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large")


def coco_figures(pictures, *, masks=False, faster=False):
    """Return COCO's figures by our names, NaN where COCO has -1; pictures are (found boxes, truth)."""
    names = sorted({name for _, truth in pictures for name in truth.boxes.categories})
    numbers = {name: number for number, name in enumerate(names, 1)}
    truths, found = [], []
    for place, (boxes, truth) in enumerate(pictures, 1):
        size = truth.mask.shape if masks else None
        for number, category in enumerate(truth.boxes.categories):
            crowd = bool(truth.boxes.crowd[number])
            entry = {"id": len(truths) + 1, "image_id": place, "category_id": numbers[category], "iscrowd": int(crowd)}
            own = truth.mask == truth.boxes.numbers[number] if masks else None
            truths.append(entry | _shape(truth.boxes.xyxy[number], own))
        for number, category in enumerate(boxes.categories):
            if category in numbers:
                own = decode_rle(boxes.masks[number], size) if masks else None
                entry = {"image_id": place, "category_id": numbers[category], "score": float(boxes.scores[number])}
                found.append(entry | {"id": len(found) + 1, "iscrowd": 0} | _shape(boxes.xyxy[number], own))
    return _run(len(pictures), numbers, truths, found, "segm" if masks else "bbox", faster)


def _shape(box, mask):
    if mask is not None:
        runs = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
        return {"segmentation": runs, "area": float(mask.sum()), "bbox": coco_mask.toBbox(runs).tolist()}
    x0, y0, x1, y1 = map(float, box)
    return {"bbox": [x0, y0, x1 - x0, y1 - y0], "area": (x1 - x0) * (y1 - y0)}


def _run(count, numbers, truths, found, kind, faster):
    images = [{"id": place, "width": 400, "height": 400} for place in range(1, count + 1)]
    categories = [{"id": number, "name": name} for name, number in numbers.items()]
    with contextlib.redirect_stdout(io.StringIO()):
        sides = []
        for annotations in (truths, found):
            side = (FasterCOCO if faster else COCO)()
            side.dataset = {"images": images, "categories": categories, "annotations": annotations}
            side.createIndex()
            sides.append(side)
        judge = (COCOeval_faster if faster else COCOeval)(*sides, kind)
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return {name: np.nan if value == -1 else float(value) for name, value in zip(NAMES, judge.stats[:6], strict=True)}
