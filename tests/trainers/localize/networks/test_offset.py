"""Where the cells of a map look, and maps that are moved accordingly."""

import pytest
import torch
import torchvision
from torch import nn
from torch.nn.functional import interpolate

from trainers.localize.networks.offset import centred, offset_of


def looking(name: str, part: str) -> tuple[float, float]:
    network = getattr(torchvision.models, name)(weights=None).eval()
    return offset_of(network.get_submodule(part), lambda: network(torch.zeros(1, 3, 224, 192)))


@pytest.mark.parametrize(("name", "part"), [("mobilenet_v2", "features"), ("resnet18", "layer4")])
def test_five_steps_of_two_with_a_border_of_one_look_half_a_pixel_off_each(name, part):
    off = -0.5 * (1 + 2 + 4 + 8 + 16) / 32
    assert looking(name, part) == pytest.approx((off, off))


def test_poolings_of_two_by_two_lie_between_pixels():
    assert looking("vgg11", "features") == (0, 0)


def test_sides_that_do_not_divide_are_told_by_what_is_left_of_them():
    layer = nn.Conv2d(3, 1, 3, stride=2)  # of 8 pixels it sees the first 7, of 9 all
    assert offset_of(layer, lambda: layer(torch.zeros(1, 3, 8, 9))) == pytest.approx((-0.5 / (8 / 3), 0))


def test_a_map_that_is_not_off_is_only_made_finer():
    maps = torch.rand(2, 3, 4, 6)
    torch.testing.assert_close(centred(maps, (0, 0)), interpolate(maps, scale_factor=4, mode="bilinear"))


def test_what_was_seen_up_and_left_is_moved_there():
    maps = torch.zeros(1, 1, 5, 5)
    maps[0, 0, 2, 2] = 1
    found = centred(maps, (-0.5, 0.25))[0, 0]
    rows, columns = found.sum(1), found.sum(0)
    places = (torch.arange(20) + 0.5) / 4
    assert float((rows * places).sum() / rows.sum()) == pytest.approx(2.5 - 0.5)
    assert float((columns * places).sum() / columns.sum()) == pytest.approx(2.5 + 0.25)
