"""`render_scene`: pixels, masks and instances of one scene. Pure: no chance, no clock, no other input."""

from __future__ import annotations

import numpy as np

from synthgen.assets.library import Library
from synthgen.core.geometry import window
from synthgen.core.types import RGB, RGBA, Sample
from synthgen.render.masks import instance_mask, measure
from synthgen.render.warp import Layer, warp_backdrop, warp_cutout
from synthgen.scene.scene import Placement, Scene

__all__ = ["lay_over", "render_scene"]


def render_scene(scene: Scene, library: Library) -> Sample:
    """Render every decision of `scene` into a sample of its size.

    Cutouts so small that no pixel is at least half covered change the image and own no pixel.
    """
    image = warp_backdrop(library.background(scene.background_id), scene.backdrop, scene.size)
    layers = [warp_cutout(library.foreground(placement.foreground_id), placement) for placement in scene.placements]
    for layer, placement in zip(layers, scene.placements, strict=True):
        lay_over(image, placement.blend.apply(layer.pixels, layer.mask), layer)
    numbers = _number_targets(layers, scene.placements)
    mask = instance_mask(layers, numbers, scene.size)
    instances = tuple(
        measure(layer, placement, number, mask)
        for layer, placement, number in zip(layers, scene.placements, numbers, strict=True)
        if number
    )
    return Sample(scene.split, scene.index, image, mask, instances, scene.background_id, scene.to_json())


def lay_over(image: RGB, pixels: RGBA, layer: Layer) -> None:
    """Lay premultiplied `pixels` over `image` in place: out = pixel + (1 − α) · below (Porter and Duff 1984)."""
    frame, local = window(layer.box, (image.shape[0], image.shape[1]))
    if frame[0].start == frame[0].stop or frame[1].start == frame[1].stop:
        return
    below, above = image[frame], pixels[local]
    clear = np.float32(1.0) - above[:, :, 3:].astype(np.float32) * np.float32(1.0 / 255.0)
    mixed = np.rint(below * clear + above[:, :, :3])
    image[frame] = np.minimum(mixed, np.float32(255.0)).astype(np.uint8)


def _number_targets(layers: list[Layer], placements: tuple[Placement, ...]) -> list[int]:
    """Number the targets from 1, bottom to top; distractors and empty masks get 0."""
    numbers, last = [], 0
    for layer, placement in zip(layers, placements, strict=True):
        owns = placement.role == "target" and bool(layer.mask.any())
        last += owns
        numbers.append(last if owns else 0)
    return numbers
