"""A tiny experiment: assets, a pipeline, and photographs made by it, some to learn from and some to be scored on."""

import json
from pathlib import Path

import cv2
import numpy as np
import yaml

from synthgen.studio import Studio, StudioConfig
from tiny_assets import write_tiny_assets

SIZE = (32, 32)
TRAINING = {"network": "plain_unet", "width": 2, "batch_size": 4, "augment": False}
REAL = {"images": "real/images", "boxes": "real/boxes.json", "fit": "stretch"}
SCORED = {"photographs": {"images": "scored/images", "boxes": "scored/boxes.json", "fit": "stretch"}}
ARMS = {"synthetic": {"steps": 4}, "real": {"steps": 4, "real": 1}}


def write_experiment(folder: Path, **changes) -> Path:
    """Write an experiment file beside what `write_pictures` wrote."""
    values = {
        "title": "Discs",
        "pipeline": "pipeline.yaml",
        "training": TRAINING,
        "real": REAL,
        "scored": SCORED,
        "seeds": [0, 1],
        "reference": "real",
        "arms": ARMS,
        **changes,
    }
    file = folder / "experiment.yaml"
    file.write_text(yaml.safe_dump({key: value for key, value in values.items() if value is not None}, sort_keys=False))
    return file


def write_pictures(folder: Path, *, real: int = 8, scored: int = 10) -> Path:
    """Write assets, pipeline.yaml, and the folders real/ and scored/: images, masks, boxes.json, labels.csv."""
    assets = write_tiny_assets(folder, foregrounds=6, backgrounds=6, distractors=2)
    recipe = {"instances": {"min": 1, "max": 1}, "scale": {"unit": "frame", "min": 0.4, "max": 0.8}}
    pipeline = {
        "seed": 3,
        "assets": {"foregrounds": "foregrounds", "backgrounds": "backgrounds", "splits": {"train": 1}},
        "size": [*SIZE],
        "samples": {"train": 16},
        "recipe": recipe,
        "output": {"path": "unused"},
        "engine": {"workers": 1},
    }
    (folder / "pipeline.yaml").write_text(yaml.safe_dump(pipeline))
    values = {"assets": {**assets.model_dump(), "splits": {"train": 1}}, "size": (48, 64), "samples": {"train": 99}}
    for seed, (name, count) in enumerate({"real": real, "scored": scored}.items(), 50):
        config = StudioConfig.model_validate({**values, "recipe": recipe, "seed": seed})
        studio = Studio.open(config, folder / "cache")
        write_photographs(folder / name, [studio.sample("train", index) for index in range(count)])
    return folder


def write_photographs(folder: Path, samples) -> None:
    """Write samples as photographs with masks, boxes and labels."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    images, annotations, labels = [], [], ["file,label"]
    for number, sample in enumerate(samples):
        file = f"cam{number % 3}.{number:02d}.png"
        cv2.imwrite(str(folder / "images" / file), sample.image[:, :, ::-1])
        cv2.imwrite(str(folder / "masks" / file), (sample.mask > 0).astype(np.uint8) * 255)
        images.append({"id": number, "file_name": file, "height": sample.size[0], "width": sample.size[1]})
        labels.append(f"{file},{sample.label}")
        for x0, y0, x1, y1 in sample.truth.boxes.xyxy.tolist():
            bbox = [x0, y0, x1 - x0, y1 - y0]
            annotations.append({"id": len(annotations), "image_id": number, "category_id": 1, "bbox": bbox})
    categories = [{"id": 1, "name": "handgun"}]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "boxes.json").write_text(json.dumps(content))
    (folder / "labels.csv").write_text("\n".join([*labels, ""]))
