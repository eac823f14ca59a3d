"""`render_scene`: pixels, masks and instances of one scene. Pure: no chance, no clock, no other input."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthgen.assets.library import Library
from synthgen.core.geometry import window
from synthgen.core.types import RGB, Coverage, HiddenInstance, Instance, InstanceMask, Sample, Size
from synthgen.ops.augmentation import Augmentation
from synthgen.ops.camera.geometry import move_masks
from synthgen.ops.camera.registry import expose, geometric_effects
from synthgen.ops.premultiplied import over
from synthgen.ops.shadow.registry import Shadow
from synthgen.ops.shadow.shadowless import Shadowless
from synthgen.render.ground import render_ground
from synthgen.render.masks import describe, describe_hidden, instance_mask, number_targets, owners, survey
from synthgen.render.sources import source_levels
from synthgen.render.warp import Layer, Silhouette, warp_backdrop, warp_cutout, warp_window
from synthgen.scene.backdrop import PlainGround, Window
from synthgen.scene.scene import Placement, Scene

__all__ = ["ground_of", "lay_down", "layers_of", "render_scene"]


def render_scene(scene: Scene, library: Library) -> Sample:
    """Render every decision of `scene` into a sample of its size.

    Objects so small that no pixel is at least half covered change the image and own no pixel.
    """
    image = ground_of(scene, library)
    layers = layers_of(scene, library)
    for layer, placement in zip(layers, scene.placements, strict=True):
        lay_down(image, layer, placement, linear_light=scene.linear_light)
    image, silhouettes = _photograph(scene, image, layers)
    topmost = owners(silhouettes, scene.size)
    numbers, instances, hidden = _label(scene, silhouettes, topmost)
    return Sample(
        split=scene.split,
        index=scene.index,
        image=image,
        mask=instance_mask(topmost, numbers),
        instances=instances,
        background_id=scene.background_id,
        scene=scene.to_json(),
        scene_id=scene.scene_id,
        unlabelled=len(hidden),
        unplaced=scene.unplaced,
        hidden=hidden,
        sequence_id=scene.sequence_id,
        frame=scene.frame,
    )


def ground_of(scene: Scene, library: Library) -> RGB:
    """Render what lies behind everything."""
    if isinstance(scene.backdrop, PlainGround):
        return render_ground(scene.backdrop, scene.size)
    levels = library.background(scene.background_id)
    if isinstance(scene.backdrop, Window):
        return warp_window(levels, scene.backdrop, scene.size)
    return warp_backdrop(levels, scene.backdrop, scene.size)


def layers_of(scene: Scene, library: Library) -> list[Layer]:
    """Warp every object of a scene to its place, bottom to top."""
    frames = scene.sequence_id is not None
    return [warp_cutout(source_levels(each.source, library, again=frames), each) for each in scene.placements]


def lay_down(image: RGB, layer: Layer, placement: Placement, *, linear_light: bool) -> None:
    """Light, harmonise, shade, blend: lay one object over `image` in place."""
    frame, local = window(layer.box, (image.shape[0], image.shape[1]))
    below, mask = image[frame], np.ascontiguousarray(layer.mask[local])
    if not below.size:
        _cast(image, layer, placement.shadow)
        return
    own = layer.pixels if placement.light is None else placement.light.apply(layer.pixels)
    pixels = placement.harmonize.apply(np.ascontiguousarray(own[local]), mask, below)
    _cast(image, layer, placement.shadow)
    over(below, placement.blend.apply(pixels, mask, below), linear_light=linear_light)


def _cast(image: RGB, layer: Layer, shadow: Shadow) -> None:
    """Darken `image` where the object takes light away."""
    if isinstance(shadow, Shadowless):
        return
    shade, (dx, dy) = shadow.shade(layer.pixels[:, :, 3].astype(np.float32) * np.float32(1 / 255))
    left, top = layer.box[0] + dx, layer.box[1] + dy
    box = (left, top, left + shade.shape[1], top + shade.shape[0])
    frame, local = window(box, (image.shape[0], image.shape[1]))
    lit = np.float32(1) - shade[local]
    image[frame] = np.rint(image[frame] * lit[:, :, None]).astype(np.uint8)


def _photograph(scene: Scene, image: RGB, layers: Sequence[Layer]) -> tuple[RGB, Sequence[Silhouette]]:
    """Send image and silhouettes through the camera and the user's own pipeline."""
    silhouettes: Sequence[Silhouette] = layers
    if geometric := geometric_effects(scene.camera):
        masks, boxes = [layer.mask for layer in layers], [layer.box for layer in layers]
        silhouettes = [Silhouette(*moved) for moved in move_masks(masks, boxes, geometric, scene.size)]
    image = expose(image, scene.camera)
    if scene.augmentation is not None:
        image, silhouettes = _augment(scene.augmentation, image, silhouettes, scene.size)
    return image, silhouettes


def _label(
    scene: Scene, silhouettes: Sequence[Silhouette], topmost: InstanceMask
) -> tuple[list[int], tuple[Instance, ...], tuple[HiddenInstance, ...]]:
    """Return a number for each placement (0: not labelled), the labelled targets, and those that are too hidden.

    A target so small that it owns no pixel of the canvas is neither, nor is one that a sequence has beyond the frame.
    """
    extents = [
        survey(silhouette, position, topmost) if placement.part == "target" else None
        for position, (silhouette, placement) in enumerate(zip(silhouettes, scene.placements, strict=True), 1)
    ]
    if scene.sequence_id is not None:
        extents = [extent if extent is not None and extent.inside else None for extent in extents]
    numbers, labelled, hidden = number_targets(extents, scene.min_visibility), list[Instance](), list[HiddenInstance]()
    for silhouette, extent, placement, number in zip(silhouettes, extents, scene.placements, numbers, strict=True):
        if extent is not None and number:
            labelled.append(describe(silhouette, extent, placement, number))
        elif extent is not None and extent.full:
            hidden.append(describe_hidden(silhouette, extent, placement.category))
    return numbers, tuple(labelled), tuple(hidden)


def _augment(
    augmentation: Augmentation, image: RGB, silhouettes: Sequence[Silhouette], size: Size
) -> tuple[RGB, Sequence[Silhouette]]:
    """Run the pipeline; if it moves pixels, what lay beyond the frame is cut off from the silhouettes."""
    before = [_in_frame(silhouette, size) for silhouette in silhouettes]
    image, after = augmentation.apply(image, before)
    if all(np.array_equal(old, new) for old, new in zip(before, after, strict=True)):
        return image, silhouettes
    return image, [Silhouette(mask, (0, 0, size[1], size[0])) for mask in after]


def _in_frame(silhouette: Silhouette, size: Size) -> Coverage:
    canvas: Coverage = np.zeros(size, dtype=bool)
    frame, local = window(silhouette.box, size)
    canvas[frame] = silhouette.mask[local]
    return canvas
