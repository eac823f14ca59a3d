"""Where the cells of a map look.

A convolution of 3×3 in steps of 2 with a border of 1 has its middle on every second pixel, and not between two. So
after five of them, as in a MobileNet or a ResNet, a cell looks almost half a cell up and left of where it lies once the
map is stretched over the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import grid_sample
from torch.nn.modules.module import register_module_forward_hook

__all__ = ["Offset", "centred", "offset_of"]

Offset = tuple[float, float]
"""How far below and right of a cell's middle that lies which it looks at, in cells."""

FINE = 4  # cells of a centred map in place of each, along each side


def offset_of(part: nn.Module, run: Callable[[], object]) -> Offset:
    """Return where the cells of the map look that a part of a network gives, by the geometry of its layers.

    Of each layer that makes maps smaller the middle of its middle cell is known (Araujo et al. 2019, "Computing
    receptive fields of convolutional neural networks", section 2). Branches that run beside one another agree on it.

    Args:
        part: Of the network.
        run: Lets the network look at pictures.
    """
    taken = list[tuple[nn.Module, Tensor, Tensor]]()
    whole = list[Tensor]()

    def keep(layer: nn.Module, given: Any, found: Any) -> None:
        if not whole and isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
            taken.append((layer, given[0], found))
        if layer is part:
            whole.append(found)

    hook = register_module_forward_hook(keep)
    try:
        run()
    finally:
        hook.remove()
    return _along(taken, whole[0], 0), _along(taken, whole[0], 1)


def centred(maps: Float[Tensor, "b k down across"], offset: Offset) -> Float[Tensor, "b k _fine_down _fine_across"]:
    """Return maps, finer, in which all lies where the network saw it; beyond a border it is as at the border."""
    down, across = maps.shape[-2:]
    rows, columns = (_places(side, by).to(maps) for side, by in zip((down, across), offset, strict=True))
    grid = torch.stack(torch.meshgrid(columns, rows, indexing="xy"), -1)
    return grid_sample(maps, grid.expand(len(maps), -1, -1, -1), padding_mode="border", align_corners=False)


def _along(taken: list[tuple[nn.Module, Tensor, Tensor]], last: Tensor, axis: int) -> float:
    """Add up what each layer is off along one side; of branches the first one counts."""
    off, pixels, side = 0.0, 1.0, None
    for layer, given, found in taken:
        before, after = given.shape[2 + axis], found.shape[2 + axis]
        if after < before and (side is None or before == side):
            off += pixels * _off(layer, before, after, axis)
            pixels *= before / after
            side = after
    return off / pixels if last.shape[2 + axis] == side else 0.0


def _off(layer: Any, before: int, after: int, axis: int) -> float:
    """Return how far the middle of a layer's middle cell lies from the middle of what it takes, in pixels of that."""
    kernel, step, border, spread = (
        each if isinstance(each, int) else each[axis]
        for each in (
            layer.kernel_size,
            layer.stride,
            layer.padding,
            getattr(layer, "dilation", 1),
        )  # AvgPool2d has none
    )
    return (after - 1) / 2 * step + spread * (kernel - 1) / 2 - border - (before - 1) / 2


def _places(cells: int, offset: float) -> Float[Tensor, " fine"]:
    """Return where the finer cells are taken from, −1 to 1 over the map."""
    middles = (torch.arange(FINE * cells) + 0.5) / FINE
    return 2 * (middles - offset) / cells - 1
