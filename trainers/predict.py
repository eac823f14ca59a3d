"""Predictions on photographs: a mask, an overlay and a probability map each, at the photograph's own size."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from synthgen.core.files import make_directory
from synthgen.core.pictures import write_picture
from synthgen.core.types import RGB, Alpha
from trainers.checkpoint import TrainedModel
from trainers.folder import find_photographs, fit_into, read_photograph
from trainers.pictures import overlay
from trainers.tasks.segmentation import to_channels_first

__all__ = ["predict_folder", "probability_map"]


def predict_folder(model: TrainedModel, images: Path, output: Path, *, threshold: float) -> list[tuple[Path, float]]:
    """Predict one image or a folder of them; return each with its share of foreground pixels.

    Raises:
        DatasetError: There is no image, or one cannot be read.
        OutputError: A picture cannot be written.
    """
    for folder in ("masks", "overlays", "probabilities"):
        make_directory(output / folder)
    found = []
    for path in find_photographs(images):
        image = read_photograph(path)
        probability = probability_map(model, image)
        mask = probability >= threshold
        write_picture(output / "masks" / f"{path.stem}.png", mask.astype(np.uint8) * 255)
        write_picture(output / "overlays" / f"{path.stem}.png", overlay(image, mask))
        write_picture(output / "probabilities" / f"{path.stem}.png", np.rint(probability * 255).astype(np.uint8))
        found.append((path, float(mask.mean())))
    return found


@torch.inference_mode()
def probability_map(model: TrainedModel, image: RGB) -> Alpha:
    """Return the probability of foreground, 0–1, for every pixel of `image` at its own size."""
    height, width = image.shape[:2]
    small = fit_into(image, model.size)[None]
    logits = model.module(to_channels_first(small).to(model.module.device))
    probability = torch.sigmoid(logits.float())[0, 0].cpu().numpy()
    scale = min(model.size[0] / height, model.size[1] / width)
    inner_height, inner_width = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (model.size[0] - inner_height) // 2, (model.size[1] - inner_width) // 2
    inner = probability[top : top + inner_height, left : left + inner_width]
    full: Alpha = cv2.resize(inner, (width, height), interpolation=cv2.INTER_LINEAR)
    return full
