"""COCO files of boxes, without the pictures."""

import json
from pathlib import Path

import numpy as np


def write_boxes(path: Path, boxes, *, size=(150, 200), empty: int = 0, crowd: bool = False) -> Path:
    """Write a picture of `size` (height, width) for each box (x, y, width, height), and `empty` ones more."""
    images = [
        {"id": number, "file_name": f"{number}.jpg", "height": size[0], "width": size[1]}
        for number in range(len(boxes) + empty)
    ]
    annotations = [
        {
            "id": number,
            "image_id": number,
            "category_id": 1,
            "bbox": [float(value) for value in box],
            "iscrowd": int(crowd),
        }
        for number, box in enumerate(boxes)
    ]
    categories = [{"id": 1, "name": "handgun"}]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


def framed(rng, count: int, *, lengths, reach: float, shape: float = 2.0, size: int = 400) -> list:
    """Return boxes of objects with these long sides (fractions of a square picture), cut at its edges."""
    drawn = rng.choice(lengths, count)
    sides = np.stack([drawn, drawn / shape], axis=1)
    centres = 0.5 + rng.uniform(-reach, reach, (count, 2))
    low, high = np.clip(centres - sides / 2, 0, 1), np.clip(centres + sides / 2, 0, 1)
    return (np.concatenate([low, high - low], axis=1) * size).tolist()
