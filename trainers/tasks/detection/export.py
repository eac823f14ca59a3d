"""The graphs of a detector that are exported. Which of their boxes are told is decided outside, in numpy.

One stage is one graph: pictures → all its boxes with the score of each class. Two stages are a trunk (pictures →
feature maps and proposals) and a head (maps and regions → boxes and scores of each class); masks are a third graph,
as they are made of the regions that are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import concat_box_prediction_layers
from torchvision.ops import roi_align
from torchvision.ops.boxes import clip_boxes_to_image

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size
from trainers.models.detectors.faster_rcnn import FasterRCNN
from trainers.models.detectors.selection import Selection
from trainers.models.detectors.ssdlite import SSDLite
from trainers.models.detectors.stages import (
    BOXES,
    FILES,
    INPUT,
    LABELS,
    MAPS,
    MASKS,
    ONNX_FILE,
    PROPOSALS,
    REGIONS,
    SELECTION,
    STAGES,
    Stages,
    found_of,
)
from trainers.models.pixels import prepared_bytes
from trainers.task import Graph, Trained

__all__ = ["Anchors", "Head", "Masks", "Trunk", "graphs_of"]

STRIDE = 32  # torchvision pads pictures to a multiple of it


def graphs_of(model: Trained) -> tuple[Graph, ...]:
    """Return the graphs of a trained detector, one or several.

    Raises:
        TrainingError: Its regions come from outside.
    """
    network, size = model.network, model.size
    if isinstance(network, SSDLite):
        said = {SELECTION: _told(network).model_dump_json()}
        return (Graph(ONNX_FILE, Anchors(network, size), (INPUT,), (BOXES,), ("batch",), _itself, said),)
    if not isinstance(network, FasterRCNN):
        raise TrainingError(
            f"{model.title}: a network of given regions cannot be packaged, as its regions come from outside; "
            "use the model.pt, or train faster_rcnn, mask_rcnn or ssdlite"
        )
    trunk = Trunk(network, size)
    stages = Stages(levels=trunk.levels, proposals=_proposed(network), boxes=_told(network.roi_heads))
    head = Head(network, size)

    def regions(images: Tensor) -> tuple[Tensor, ...]:
        proposals, *maps = trunk(images)
        return torch.from_numpy(stages.regions(proposals.numpy())), *maps

    def found(images: Tensor) -> tuple[Tensor, ...]:
        own, *maps = regions(images)
        pictures = own[:, 0].numpy().astype(int)
        boxes = found_of(head(own, *maps).numpy(), pictures, len(images), stages.boxes)
        return torch.from_numpy(boxes.regions), torch.from_numpy(boxes.labels), *maps

    dynamic = ("batch",) * len(MAPS)
    graphs = [
        Graph(
            FILES["trunk"], trunk, (INPUT,), (PROPOSALS, *MAPS), ("batch",), _itself, {STAGES: stages.model_dump_json()}
        ),
        Graph(FILES["head"], head, (REGIONS, *MAPS), (BOXES,), ("regions", *dynamic), regions),
    ]
    if _has_masks(network):
        inputs = (REGIONS, LABELS, *MAPS)
        sizes = ("regions", "regions", *dynamic)
        graphs.append(Graph(FILES["masks"], Masks(network, size), inputs, (MASKS,), sizes, found))
    return tuple(graphs)


class Anchors(nn.Module):
    """One stage: RGB uint8 (b, h, w, 3) → (b, n, 4 + classes): x0, y0, x1, y1 in pixels, and scores."""

    anchors: Tensor

    def __init__(self, network: Any, size: Size) -> None:
        """Take a network apart; its anchors are those of pictures of `size`."""
        super().__init__()
        self.network: Any = network  # torchvision tells no types
        self.size = size
        maps = [*_maps(network, size).values()]
        self.register_buffer("anchors", _anchors(network.anchor_generator, maps, size), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return every box."""
        maps = [level.float() for level in self.network.backbone(_padded(images, self.size)).values()]
        offsets, logits = self.network.head.regression_head(maps), self.network.head.classification_head(maps)
        boxes = _placed(self.network.box_coder, offsets, self.anchors, self.size)
        return torch.cat([boxes, logits.softmax(dim=2)[:, :, 1:]], dim=2)


class Trunk(nn.Module):
    """The first stage: RGB uint8 (b, h, w, 3) → proposals (b, n, 5): x0, y0, x1, y1, score; and the levels' maps.

    Attributes:
        levels: How many proposals each level of the pyramid makes.
    """

    anchors: Tensor

    def __init__(self, network: Any, size: Size) -> None:
        """Take a network apart; its anchors are those of pictures of `size`."""
        super().__init__()
        self.network: Any = network  # torchvision tells no types
        self.size = size
        maps = [*_maps(network, size).values()]
        each = network.rpn.anchor_generator.num_anchors_per_location()
        self.levels = tuple(count * level.shape[2] * level.shape[3] for count, level in zip(each, maps, strict=True))
        self.register_buffer("anchors", _anchors(network.rpn.anchor_generator, maps, size), persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return proposals and maps."""
        maps = self.network.backbone(_padded(images, self.size))
        logits, offsets = concat_box_prediction_layers(*self.network.rpn.head([*maps.values()]))
        count = len(self.anchors)
        boxes = _placed(self.network.rpn.box_coder, offsets.view(-1, count, 4), self.anchors, self.size)
        proposals = torch.cat([boxes, logits.view(-1, count, 1).sigmoid()], dim=2)
        return proposals, *(maps[name] for name in self.network.roi_heads.box_roi_pool.featmap_names)


class Head(nn.Module):
    """The second stage: regions (m, 5): number of the picture, x0, y0, x1, y1; and maps → (m, classes, 5).

    That is of each class a box, x0, y0, x1, y1 in pixels, and its score.
    """

    def __init__(self, network: Any, size: Size) -> None:
        """Take a network apart."""
        super().__init__()
        self.heads: Any = network.roi_heads
        self.size = size
        self.pool = _Pool(network, network.roi_heads.box_roi_pool, size)

    def forward(self, regions: Tensor, map_8: Tensor, map_16: Tensor, map_32: Tensor) -> Tensor:
        """Return a box of each class for each region."""
        logits, offsets = self.heads.box_predictor(self.heads.box_head(self.pool(regions, (map_8, map_16, map_32))))
        boxes = self.heads.box_coder.decode_single(offsets, regions[:, 1:]).view(-1, logits.shape[1], 4)
        scores = logits.softmax(dim=1)[:, :, None]
        return torch.cat([clip_boxes_to_image(boxes, self.size), scores], dim=2)[:, 1:]


class Masks(nn.Module):
    """Regions (m, 5), labels from 1 (m), and maps → probabilities of the pixels in each region (m, 28, 28)."""

    def __init__(self, network: Any, size: Size) -> None:
        """Take a network apart."""
        super().__init__()
        self.heads: Any = network.roi_heads
        self.pool = _Pool(network, network.roi_heads.mask_roi_pool, size)

    def forward(self, regions: Tensor, labels: Tensor, map_8: Tensor, map_16: Tensor, map_32: Tensor) -> Tensor:
        """Return the mask of each region, of its class."""
        logits = self.heads.mask_predictor(self.heads.mask_head(self.pool(regions, (map_8, map_16, map_32))))
        places = labels[:, None, None, None].expand(-1, 1, logits.shape[2], logits.shape[3])
        masks: Tensor = logits.gather(1, places)[:, 0].sigmoid()
        return masks


class _Pool(nn.Module):
    """torchvision's pooling by levels; each region is read at all levels, so that no shape depends on the boxes."""

    def __init__(self, network: Any, pool: Any, size: Size) -> None:
        super().__init__()
        maps = {name: level for name, level in _maps(network, size).items() if name in pool.featmap_names}
        if pool.scales is None:
            pool(maps, [torch.tensor([[0.0, 0.0, *size[::-1]]])], [size])
        self.pool: Any = pool

    def forward(self, regions: Tensor, maps: Sequence[Tensor]) -> Tensor:
        level = self.pool.map_levels([regions[:, 1:]])[:, None, None, None]
        pooled: Tensor | None = None
        for number, (features, scale) in enumerate(zip(maps, self.pool.scales, strict=True)):
            read = roi_align(features, regions, self.pool.output_size, scale, self.pool.sampling_ratio)
            pooled = read if pooled is None else torch.where(level == number, read, pooled)
        assert pooled is not None, "a pyramid has levels"
        return pooled


def _has_masks(network: Any) -> bool:
    return bool(network.roi_heads.has_mask())


def _told(network: Any) -> Selection:
    """Return which boxes the network, or its second stage, tells at last."""
    one_stage = isinstance(network, SSDLite)
    return Selection(
        least_score=network.score_thresh,
        least_side=0.0 if one_stage else 1e-2,
        candidates=network.topk_candidates if one_stage else None,
        overlap=network.nms_thresh,
        most=network.detections_per_img,
    )


def _proposed(network: Any) -> Selection:
    rpn = network.rpn
    return Selection(
        least_score=rpn.score_thresh,
        least_side=rpn.min_size,
        candidates=rpn._pre_nms_top_n["testing"],
        overlap=rpn.nms_thresh,
        most=rpn._post_nms_top_n["testing"],
    )


def _itself(images: Tensor) -> tuple[Tensor, ...]:
    return (images,)


def _padded(images: Tensor, size: Size) -> Tensor:
    """Return what the backbone takes of RGB uint8 (b, h, w, 3): normalised, black on the right and below."""
    below, right = (-side % STRIDE for side in size)
    return pad(prepared_bytes(images), (0, right, 0, below))


@torch.no_grad()
def _maps(network: Any, size: Size) -> dict[str, Tensor]:
    """Return the maps of a black picture, for their sizes."""
    maps: dict[str, Tensor] = network.backbone(_padded(torch.zeros((1, *size, 3), dtype=torch.uint8), size))
    return maps


def _anchors(generator: Any, maps: Sequence[Tensor], size: Size) -> Tensor:
    height, width = (side + -side % STRIDE for side in size)
    anchors: Tensor = generator(ImageList(torch.zeros((1, 3, height, width)), [size]), [*maps])[0]
    return anchors


def _placed(coder: Any, offsets: Tensor, anchors: Tensor, size: Size) -> Tensor:
    """Return boxes (b, n, 4) in pixels, cut at the picture's edge, of the offsets (b, n, 4) from the anchors."""
    every = anchors[None].expand(offsets.shape[0], -1, -1).reshape(-1, 4)
    boxes = coder.decode_single(offsets.reshape(-1, 4), every)
    inside: Tensor = clip_boxes_to_image(boxes.view(-1, len(anchors), 4), size)
    return inside
