"""A second kind of target, for tests only: one box a picture, learnt from ragged lists of them.

The network says for each picture where its largest box lies and whether there is one. Nothing of the trainers but this
file knows of it: it proves that a task needs no line changed elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from synthgen.core.letterbox import Letterbox
from synthgen.core.picture import Boxes
from synthgen.core.types import RGB, Size
from trainers.config.loop import TrainingConfig
from trainers.config.registry import CONFIGS
from trainers.learn.learner import Key, Learner
from trainers.learn.ranks import gathered
from trainers.loading.targets import Batch, Boxed, BoxTargets
from trainers.models.pixels import prepared
from trainers.task import TASKS, Kind, Trained, Watched

__all__ = ["BOXES", "BoxConfig"]

CATEGORY = "disc"


class BoxConfig(TrainingConfig):
    task: Literal["boxes"] = "boxes"
    width: int = 8


class OneBox(nn.Module):
    """(b, 3, h, w) → (b, 5): centre, height and width as shares of the frame, and a logit of there being a box."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, width, 3, 4, 1), nn.ReLU(), nn.Conv2d(width, 2 * width, 3, 2, 1), nn.ReLU()
        )
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(32 * width, 5))

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.encoder(images))


class BoxLearner(Learner):
    def __init__(self, network: nn.Module, config: BoxConfig) -> None:
        super().__init__(network, config)
        self._distances: list[Tensor] = []

    def loss_of(self, batch: Batch, key: Key = (0,)) -> Tensor:
        pixels, boxes = self.images_of(batch).float() / 255, self._boxes_of(batch)
        if self.augmentation is not None:
            pixels, boxes = self.augmentation.with_boxes(pixels, boxes, key)
        return self._loss(self.network(prepared(pixels)), boxes, pixels.shape[-2:])

    def validate(self, batch: Batch) -> Tensor:
        images, boxes = self.images_of(batch), self._boxes_of(batch)
        found = self(images)
        wanted, there = _largest(boxes, images.shape[-2:])
        distances, counted = gathered((found[:, :4].sigmoid() - wanted).abs().mean(1), there)
        self._distances.append(distances[counted > 0])
        return self._loss(found, boxes, images.shape[-2:])

    def scores(self) -> dict[str, float]:
        found, self._distances = torch.cat(self._distances), []
        return {"box_distance": float(found.mean())}

    def _boxes_of(self, batch: Batch) -> list[Tensor]:
        assert isinstance(batch.targets, BoxTargets)
        return [torch.from_numpy(boxes.xyxy).to(self.device) for boxes in batch.targets.boxes]

    def _loss(self, found: Tensor, boxes: Sequence[Tensor], size: Sequence[int]) -> Tensor:
        wanted, there = _largest(boxes, size)
        everything, wanted, there = gathered(found, wanted, there)
        distance = (everything[:, :4].sigmoid() - wanted).abs().mean(1)
        presence = nn.functional.binary_cross_entropy_with_logits(everything[:, 4], there)
        return (distance * there).sum() / there.sum().clamp(min=1) + 0.1 * presence


def _largest(boxes: Sequence[Tensor], size: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Return the largest box of each picture (b, 4) as shares of the frame, and whether there is one (b)."""
    wanted = torch.zeros(len(boxes), 4)
    for row, own in zip(wanted, boxes, strict=True):
        if len(own):
            x0, y0, x1, y1 = own[((own[:, 2] - own[:, 0]) * (own[:, 3] - own[:, 1])).argmax()].tolist()
            height, width = size
            row[:] = torch.tensor(
                [(x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (y1 - y0) / height, (x1 - x0) / width]
            )
    return wanted, torch.tensor([float(len(own) > 0) for own in boxes])


def _corners(found: Tensor, size: Size) -> Tensor:
    """Return (b, 5): x0, y0, x1, y1 in pixels and score."""
    x, y, height, width = found[:, :4].sigmoid().unbind(1)
    left, right = (x - width / 2) * size[1], (x + width / 2) * size[1]
    top, bottom = (y - height / 2) * size[0], (y + height / 2) * size[0]
    return torch.stack([left, top, right, bottom, found[:, 4].sigmoid()], 1)


@dataclass(frozen=True, eq=False)
class BoxFinder:
    """A `trainers.predict.protocols.BoxPredictor`."""

    model: Trained

    @property
    def title(self) -> str:
        return self.model.title

    def boxes(self, images: Sequence[RGB]) -> list[Boxes]:
        return [self._one(image) for image in images]

    def _one(self, image: RGB) -> Boxes:
        letterbox = Letterbox((image.shape[0], image.shape[1]), self.model.size)
        (found,) = _corners(self.model.outputs(letterbox.put(image)[None]).cpu(), self.model.size).numpy()
        return Boxes.of(letterbox.boxes_back(found[None, :4]), [CATEGORY], found[None, 4])


class BoxGraph(nn.Module):
    """RGB uint8 (b, h, w, 3) → (b, 1, 6): x0, y0, x1, y1 in pixels, score, category."""

    def __init__(self, network: nn.Module, size: Size) -> None:
        super().__init__()
        self.network, self.size = network, size

    def forward(self, images: Tensor) -> Tensor:
        found = self.network(prepared(images.permute(0, 3, 1, 2).float() / 255))
        rows = _corners(found, self.size)
        return torch.cat([rows, torch.zeros_like(rows[:, :1])], 1)[:, None]


class BoxTask:
    name = "boxes"
    config = BoxConfig
    watched = Watched("val_box_distance", "min")
    kind: Kind = "boxes"

    def check_size(self, size: Size, network: nn.Module) -> None:
        """Every size will do."""

    def collate(self, config: BoxConfig) -> Boxed:
        return Boxed()

    def network(self, config: BoxConfig) -> nn.Module:
        return OneBox(config.width)

    def learner(self, network: nn.Module, config: BoxConfig) -> BoxLearner:
        return BoxLearner(network, config)

    def example(self, size: Size, count: int) -> Batch:
        images = np.random.default_rng(0).integers(0, 256, (count, *size, 3), np.uint8)
        boxes = Boxes.of([(0, 0, size[1] / 2, size[0] / 2)], [CATEGORY])
        return Batch(images, BoxTargets([boxes] * count), tuple(range(count)), count)

    def predictor(self, model: Trained) -> BoxFinder:
        return BoxFinder(model)

    def graph(self, model: Trained) -> Any:
        return BoxGraph(model.network, model.size)


BOXES = BoxTask()
if "boxes" not in TASKS:
    CONFIGS.register("boxes", "box_task:BoxConfig")
    TASKS.register("boxes", "box_task:BOXES")
