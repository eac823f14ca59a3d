"""Everything that must hold within one row; each finding is a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.geometry import decode_rle, tight_box, window
from synthgen.core.types import AnyCoverage, Box, Coverage, InstanceMask, Size
from synthgen.shards.codec import decode_image, decode_mask, pixel_hash

__all__ = ["check_row", "used_assets"]

RATIO_TOLERANCE = 1e-6
PNG_SIGNATURE = b"\x89PNG"


def check_row(row: Mapping[str, Any], size: Size, categories: set[str]) -> Iterator[str]:
    """Yield what is wrong with `row` of a dataset of `size` whose targets are of `categories`."""
    yield from _check_frame(row, size)
    yield from _check_image(row)
    yield from _check_scene(row)
    try:
        mask = decode_mask(row["mask"]["bytes"])
    except DatasetError as error:
        yield str(error)
        return
    if mask.shape != (row["height"], row["width"]):
        yield f"mask is {mask.shape}, row says {(row['height'], row['width'])}"
        return
    yield from _check_numbers(row, mask)
    for instance in row["instances"]:
        for problem in _check_instance(instance, mask, categories):
            yield f"instance {instance['number']}: {problem}"
    yield from _check_hidden(row, mask, categories)
    yield from _check_frame_of(row)


def used_assets(row: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Return the cutouts and the backgrounds in a row, those of distractors, occluders and decoys included.

    A plain ground is no asset: its row has an empty `background_id`.
    """
    foregrounds = {instance["foreground_id"] for instance in row["instances"]}
    backgrounds = {row["background_id"]} - {""}
    try:
        sources = [placement["source"] for placement in json.loads(row["scene"])["placements"]]
    except (ValueError, KeyError, TypeError):
        return foregrounds, backgrounds
    foregrounds |= {source["foreground_id"] for source in sources if "foreground_id" in source}
    backgrounds |= {source["background_id"] for source in sources if "background_id" in source}
    return foregrounds, backgrounds


def _check_frame(row: Mapping[str, Any], size: Size) -> Iterator[str]:
    expected = f"{row['split']}-{row['index']:06d}"
    if row["sample_id"] != expected:
        yield f"sample_id is {row['sample_id']!r}, expected {expected!r}"
    if (row["height"], row["width"]) != tuple(size):
        yield f"size is {(row['height'], row['width'])}, the manifest says {tuple(size)}"
    label = int(any(instance["area"] > 0 for instance in row["instances"]))
    if row["label"] != label:
        yield f"label is {row['label']}, its instances say {label}"


def _check_image(row: Mapping[str, Any]) -> Iterator[str]:
    data = row["image"]["bytes"]
    try:
        image = decode_image(data)
    except DatasetError as error:
        yield str(error)
        return
    if image.shape[:2] != (row["height"], row["width"]):
        yield f"image is {image.shape[:2]}, row says {(row['height'], row['width'])}"
    if data.startswith(PNG_SIGNATURE) and pixel_hash(image) != row["pixel_hash"]:
        yield "pixel_hash differs from that of the lossless image"


def _check_scene(row: Mapping[str, Any]) -> Iterator[str]:
    try:
        scene = json.loads(row["scene"])
    except ValueError as error:
        yield f"scene is no JSON: {error}"
        return
    if not isinstance(scene, dict):
        yield f"scene is a JSON {type(scene).__name__}, expected an object"
        return
    for name in ("split", "index", "sequence_id", "frame"):
        if name in scene and scene[name] != row[name]:
            yield f"scene says {name} {scene[name]!r}, row says {row[name]!r}"


def _check_frame_of(row: Mapping[str, Any]) -> Iterator[str]:
    """Hold what says that a row is a frame of a sequence against the rest of the row; pictures say nothing of it."""
    sequence_id, frame, tracks = (row.get(name) for name in ("sequence_id", "frame", "tracks"))
    if sequence_id is None and frame is None and tracks is None:
        return
    if sequence_id is None or frame is None or tracks is None:
        yield f"sequence_id is {sequence_id!r}, frame {frame}, tracks {tracks}: a frame has all three, a picture none"
        return
    if sequence_id != row["scene_id"]:
        yield f"sequence_id is {sequence_id!r}, scene_id is {row['scene_id']!r}"
    if len(tracks) != len(row["instances"]) or len(set(tracks)) != len(tracks):
        yield f"tracks are {tracks}, expected a number of its own for each of {len(row['instances'])} instances"


def _check_numbers(row: Mapping[str, Any], mask: InstanceMask) -> Iterator[str]:
    numbers = [instance["number"] for instance in row["instances"]]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"instance numbers are {numbers}, expected 1 to {len(numbers)} in order"
    present = np.flatnonzero(np.bincount(mask.ravel(), minlength=256))
    if stray := set(present.tolist()) - {0, *numbers}:
        yield f"mask values {sorted(stray)} belong to no instance"


def _check_instance(instance: Mapping[str, Any], mask: InstanceMask, categories: set[str]) -> Iterator[str]:
    if instance["category"] not in categories:
        yield f"category {instance['category']!r} is not in the manifest"
    visible = mask == instance["number"]
    area = int(np.count_nonzero(visible))
    if instance["area"] != area:
        yield f"area is {instance['area']}, the mask has {area}"
    if (box := _box(instance["bbox"])) != (tight := tight_box(visible)):
        yield f"bbox is {box}, the mask's is {tight}"
    amodal_box = _box(instance["amodal_bbox"])
    size = (amodal_box[3] - amodal_box[1], amodal_box[2] - amodal_box[0])
    try:
        amodal = decode_rle(instance["amodal_rle"], size)
    except ValueError as error:
        yield f"amodal_rle: {error}"
        return
    yield from _check_amodal(instance, amodal, visible, amodal_box)
    yield from _check_order(instance["number"], amodal, mask, amodal_box)


def _check_hidden(row: Mapping[str, Any], mask: InstanceMask, categories: set[str]) -> Iterator[str]:
    """Hold the targets that are not labelled against their number and the mask; older rows do not have them."""
    hidden = row.get("hidden")
    if hidden is None:
        return
    if len(hidden) != row["unlabelled"]:
        yield f"unlabelled is {row['unlabelled']}, hidden has {len(hidden)}"
    for position, instance in enumerate(hidden):
        if instance["category"] not in categories:
            yield f"hidden {position}: category {instance['category']!r} is not in the manifest"
        box = _box(instance["amodal_bbox"])
        try:
            amodal = decode_rle(instance["amodal_rle"], (box[3] - box[1], box[2] - box[0]))
        except ValueError as error:
            yield f"hidden {position}: amodal_rle: {error}"
            continue
        for problem in (*_check_tight(amodal), *_check_room(instance["visibility"], amodal, mask, box)):
            yield f"hidden {position}: {problem}"


def _check_room(visibility: float, amodal: AnyCoverage, mask: InstanceMask, box: Box) -> Iterator[str]:
    """What is visible of it has no number in the mask."""
    frame, local = window(box, (mask.shape[0], mask.shape[1]))
    free = int(np.count_nonzero(amodal[local] & (mask[frame] == 0)))
    full = int(np.count_nonzero(amodal))
    if not 0 <= visibility * full <= free + RATIO_TOLERANCE * full:
        yield f"visibility is {visibility:.7f}, its mask leaves at most {free} of {full} pixels"


def _check_amodal(instance: Mapping[str, Any], amodal: AnyCoverage, visible: Coverage, box: Box) -> Iterator[str]:
    full = int(np.count_nonzero(amodal))
    if instance["amodal_area"] != full:
        yield f"amodal_area is {instance['amodal_area']}, amodal_rle has {full}"
    yield from _check_tight(amodal)
    frame, local = window(box, (visible.shape[0], visible.shape[1]))
    inside = amodal[local]
    seen = int(np.count_nonzero(visible))
    if outside := seen - int(np.count_nonzero(visible[frame] & inside)):
        yield f"{outside} visible pixels lie outside the amodal mask"
    yield from _check_ratios(instance, seen, int(np.count_nonzero(inside)), full)


def _check_tight(amodal: Coverage) -> Iterator[str]:
    height, width = amodal.shape
    if (tight := tight_box(amodal)) != (0, 0, width, height):
        yield f"amodal_bbox is not tight: within it the mask fills {tight} of {width}×{height}"


def _check_order(number: int, amodal: AnyCoverage, mask: InstanceMask, box: Box) -> Iterator[str]:
    """Numbers count bottom to top: what an instance covers, none below it may own."""
    frame, local = window(box, (mask.shape[0], mask.shape[1]))
    owners = mask[frame][amodal[local]]
    if below := int(np.count_nonzero((owners > 0) & (owners < number))):
        yield f"{below} of its pixels belong to instances below it"


def _check_ratios(instance: Mapping[str, Any], seen: int, inside: int, full: int) -> Iterator[str]:
    """Hold the three ratios against |V|, |M∩F| and |M|; an object without a pixel has no ratios."""
    if full == 0:
        yield "the amodal mask is empty"
        return
    expected = {
        "visibility": seen / full,
        "occlusion": 1 - seen / inside if inside else 0.0,
        "truncation": 1 - inside / full,
    }
    for name, value in expected.items():
        if not abs(instance[name] - value) <= RATIO_TOLERANCE:
            yield f"{name} is {instance[name]:.7f}, the masks give {value:.7f}"


def _box(values: list[float]) -> Box:
    x0, y0, x1, y1 = (int(value) for value in values)
    return (x0, y0, x1, y1)
