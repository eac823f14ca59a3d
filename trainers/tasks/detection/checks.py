"""What a detector cannot learn from, refused before training."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from synthgen.core.classes import name_in
from synthgen.core.errors import TrainingError
from synthgen.core.picture import Samples
from synthgen.formats.coco import CocoSamples, read_coco
from synthgen.shards.reader import ShardDataset
from trainers.config.detection import DetectionConfig

__all__ = ["check_data"]

COLUMNS = tuple(f"instances.list.element.{name}" for name in ("bbox", "area"))


def check_data(config: DetectionConfig, dataset: ShardDataset | None, samples: Samples | None) -> None:
    """Check what is to be learnt from.

    Raises:
        DatasetError: It cannot be read.
        TrainingError: No target is seen in the split train; a box has no area; a category is none of the classes, and
            nobody said that it is to be left out; amodal boxes are asked of what does not know them; nothing that is
            learnt from, now or before, has masks, and the network learns them.
    """
    if config.learns_masks and not config.dataset_share and not config.finetune:
        raise TrainingError(
            f"network {config.network} learns masks from a dataset, and photographs with boxes have all of every "
            "epoch; give a dataset a share, begin with a model, or use faster_rcnn"
        )
    if samples is not None and config.boxes == "amodal":
        raise TrainingError("boxes: amodal are read from a dataset's shards; generate one, or learn visible boxes")
    if dataset is not None and samples is None and config.dataset_share:
        _check_shards(dataset)
        _check_classes(config, dataset.manifest.categories, str(dataset.place))
    for source in config.photographs:
        assert source.boxes is not None, "checked with the config"
        photographs = read_coco(source.images, source.boxes)
        _check_photographs(photographs)
        _check_classes(config, photographs.annotated_categories, str(source.boxes))


def _check_shards(dataset: ShardDataset) -> None:
    instances = dataset.table("train", COLUMNS)["instances"].combine_chunks().values
    seen = instances.field("area").to_numpy() > 0
    boxes = instances.field("bbox").values.to_numpy().reshape(-1, 4)[seen]
    if not len(boxes):
        raise TrainingError(f"{dataset.place}, train: no row shows a target; generate rows with some")
    empty = np.flatnonzero(~(boxes[:, 2:] > boxes[:, :2]).all(axis=1))
    if len(empty):
        raise TrainingError(
            f"{dataset.place}, train: {len(empty)} of {len(boxes)} boxes have no area, the first is "
            f"{boxes[empty[0]].tolist()}; run `synthgen verify` on the dataset"
        )


def _check_photographs(samples: CocoSamples) -> None:
    for photograph in samples.found.photographs:
        height, width = photograph.size
        for annotation in samples.found.annotations.get(photograph.id, ()):
            x0, y0, x1, y1 = annotation.xyxy
            if not annotation.crowd and (min(x1, width) <= max(x0, 0) or min(y1, height) <= max(y0, 0)):
                raise TrainingError(
                    f"{samples.source}: annotation {annotation.id!r} of {photograph.file}: its box has no area; "
                    "correct it, or leave it out"
                )


def _check_classes(config: DetectionConfig, categories: Iterable[str], where: str) -> None:
    unknown = [name for name in categories if config.number_of(name) is None and name_in(config.class_map, name)]
    if unknown:
        raise TrainingError(
            f"{where}: {unknown[0]!r} is none of the classes {', '.join(config.names)}; "
            "map it to one by class_map, or to null to leave it out, or learn with classes: one"
        )
