"""The drawing kit: what is drawn lies where it should, and the pictures it is drawn on stay as they were."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.draw import (
    COLOURS,
    beside,
    captioned,
    colour_mask,
    colour_of,
    draw_boxes,
    draw_tags,
    explained,
    grid,
    heat,
    legend,
    outline,
    overlay,
    scaled,
    stacked,
    titled,
)
from synthgen.draw.palette import FALSE_ALARM, HALO, HIT, MISS
from synthgen.draw.text import shortened, text_width, write

RED = (255, 0, 0)


@pytest.fixture
def grey():
    return np.full((40, 60, 3), 100, np.uint8)


@pytest.fixture
def square():
    mask = np.zeros((40, 60), bool)
    mask[10:30, 20:40] = True
    return mask


def changed(before, after):
    return (before != after).any(axis=2)


def is_reddish(pixels):
    return (pixels[..., 0] > 180).all() and (pixels[..., 1:] < 60).all()


def test_an_overlay_mixes_the_colour_into_the_mask_alone(grey, square):
    drawn = overlay(grey, square, (200, 0, 100), strength=0.5)
    assert (drawn[square] == (150, 50, 100)).all()
    assert (drawn[~square] == 100).all()


def test_an_outline_follows_the_edge_of_the_mask(grey, square):
    drawn = outline(grey, square, RED)
    assert is_reddish(drawn[10, 25:35]) and is_reddish(drawn[29, 25:35])
    assert (drawn[15:25, 25:35] == 100).all(), "nothing is drawn inside"
    assert not changed(grey, drawn)[:7].any() and not changed(grey, drawn)[:, :17].any()


def test_an_outline_goes_around_holes(grey, square):
    square[16:24, 26:34] = False
    assert is_reddish(outline(grey, square, RED, halo=None)[15, 28:32])


def test_a_mask_of_another_size_is_stretched_to_the_picture(grey, square):
    large = np.repeat(np.repeat(square, 3, axis=0), 3, axis=1)
    np.testing.assert_array_equal(outline(grey, large, RED), outline(grey, square, RED))


def test_boxes_are_half_open_with_a_halo(grey):
    drawn = draw_boxes(grey, [(10, 5, 30, 25)], RED)
    ys, xs = np.nonzero(drawn[:, :, 0] > 120)  # the colour, which is smoothed over a pixel on either side
    assert (ys.min(), ys.max() + 1, xs.min(), xs.max() + 1) == pytest.approx((5, 25, 10, 30), abs=2)
    middle = drawn[3:9, 20].tolist()
    assert max(middle)[0] > 150 and min(middle)[0] < 60, "colour above a dark halo"
    assert (drawn[10:20, 15:25] == 100).all()


def test_dashed_boxes_have_spaces(grey):
    solid, dashed = (changed(grey, draw_boxes(grey, [(10, 5, 50, 35)], RED, dashed=value)) for value in (False, True))
    assert 0.4 * solid.sum() < dashed.sum() < 0.95 * solid.sum()


def test_boxes_may_leave_the_picture(grey):
    drawn = draw_boxes(grey, np.array([(-1e6, 10, 1e6, 20)], np.float32), RED)
    assert changed(grey, drawn)[10].all() and not changed(grey, drawn)[15].any()
    np.testing.assert_array_equal(draw_boxes(grey, [], RED), grey)


def test_tags_stand_above_or_below_their_boxes_and_within_the_picture():
    grey = np.full((80, 200, 3), 128, np.uint8)
    for box, below, rows in (
        ((20, 40, 60, 60), False, (23, 40)),
        ((20, 20, 60, 40), True, (40, 57)),
        ((20, 2, 60, 60), False, (0, 17)),
        ((190, 40, 220, 60), False, (23, 40)),
    ):
        plate = (draw_tags(grey, [box], ["gun"], RED, below=below) != grey).any(axis=2)
        assert (np.flatnonzero(plate.any(axis=1))[[0, -1]] + [0, 1]).tolist() == list(rows)
        assert plate.any(axis=0).argmax() == min(box[0], 200 - plate.any(axis=0).sum())
    assert (draw_tags(grey, [(20, 40, 60, 60)], [""], RED) == grey).all()


def test_instances_are_painted_in_their_colours():
    mask = np.array([[0, 1, 2], [7, 8, 255]], np.uint8)
    painted = colour_mask(mask)
    assert tuple(painted[0, 1]) == COLOURS[0] == colour_of(1)
    assert tuple(painted[1, 0]) == COLOURS[6] == colour_of(7)
    assert tuple(painted[1, 1]) == COLOURS[0] == colour_of(8)
    assert tuple(painted[1, 2]) == colour_of(255)
    assert tuple(painted[0, 0]) not in COLOURS


def test_colours_can_be_told_apart():
    colours = [*COLOURS, HALO]
    distances = [np.linalg.norm(np.subtract(a, b)) for i, a in enumerate(colours) for b in colours[:i]]
    assert min(distances) > 60
    assert (
        min(np.linalg.norm(np.subtract(a, b)) for a, b in ((HIT, MISS), (HIT, FALSE_ALARM), (MISS, FALSE_ALARM))) > 60
    )


@settings(max_examples=30)
@given(count=st.integers(1, 9), columns=st.integers(1, 5), gap=st.integers(0, 4))
def test_a_grid_holds_every_tile_once(count, columns, gap):
    tiles = [np.full((4, 6, 3), 10 + number, np.uint8) for number in range(count)]
    sheet = grid(tiles, columns, gap=gap)
    rows = -(-count // min(columns, count))
    assert sheet.shape == (rows * (4 + gap) - gap, min(columns, count) * (6 + gap) - gap, 3)
    assert [(sheet[:, :, 0] == 10 + number).sum() for number in range(count)] == [24] * count


def test_smaller_tiles_are_centred_on_the_paper():
    sheet = beside([np.zeros((6, 6, 3), np.uint8), np.zeros((2, 4, 3), np.uint8)], gap=1, paper=(9, 9, 9))
    assert sheet.shape == (6, 13, 3)
    assert np.argwhere(sheet[:, 7:, 0] == 0)[[0, -1]].tolist() == [[2, 1], [3, 4]]
    assert stacked([np.zeros((6, 6, 3), np.uint8)] * 2, gap=1).shape == (13, 6, 3)


def test_a_grid_of_nothing_is_refused():
    with pytest.raises(ValueError, match="grid of 0 tiles in 3 columns"):
        grid([], 3)


def test_pictures_are_scaled_to_their_longer_side(grey):
    assert scaled(grey, 30).shape == (20, 30, 3)
    assert scaled(grey.transpose(1, 0, 2), 120).shape == (120, 80, 3)
    assert scaled(np.zeros((1, 900, 3), np.uint8), 90).shape == (1, 90, 3)


def test_captions_and_titles_stand_above(grey):
    page = captioned(grey, "a name")
    np.testing.assert_array_equal(page[-40:], grey)
    assert page.shape == (62, 60, 3) and page[:22].min() < 100
    page = titled(grey, "a title", "some facts", margin=8)
    np.testing.assert_array_equal(page[64:104, 8:68], grey)
    assert page.shape == (112, 76, 3) and page[:34].min() < 100 and page[36:60].min() < 160


def test_a_legend_takes_as_many_rows_as_it_needs():
    entries = [(HIT, "hit"), (MISS, "miss"), (FALSE_ALARM, "false alarm")]
    assert legend(entries, 400).shape == (28, 400, 3) and legend(entries, 90).shape == (84, 90, 3)
    below = explained(np.zeros((10, 30, 3), np.uint8), entries)
    assert below.shape[1] > 80 and below.shape[0] == 10 + 3 * 28 and not below[:10, :30].any()


def test_a_legend_shows_each_colour_and_says_what_it_means():
    bar = legend([(HIT, "hit"), (MISS, "miss")], 200)
    assert bar.shape == (28, 200, 3)
    where = [np.nonzero((bar == colour).all(axis=2))[1].mean() for colour in (HIT, MISS)]
    assert where[0] < where[1]
    assert legend([(HIT, "far too long for so narrow a bar")], 40).shape == (28, 40, 3)


def test_long_text_is_shortened_to_the_room():
    assert shortened("short", 200) == "short"
    cut = shortened("a long line that does not fit", 60)
    assert cut.endswith("…") and text_width(cut) <= 60 and len(cut) > 2


def test_text_may_end_where_it_is_put():
    bar = np.full((20, 100, 3), 255, np.uint8)
    columns = np.nonzero((write(bar, "right", (95, 2), anchor="right") < 200).any(axis=(0, 2)))[0]
    assert 85 < columns.max() < 96 and columns.min() > 40


def test_nothing_is_drawn_on_the_picture_that_is_given(grey, square):
    before = grey.copy()
    overlay(grey, square, RED), outline(grey, square, RED), draw_boxes(grey, [(1, 1, 9, 9)], RED)
    captioned(grey, "name"), titled(grey, "a", "b", margin=2), write(grey, "text", (0, 0))
    np.testing.assert_array_equal(grey, before)


def test_heat_is_blue_where_a_map_is_0_and_red_where_it_is_1(grey, square):
    before = grey.copy()
    shown = heat(grey, square.astype(np.float32)).astype(int)
    red, _, blue = (shown[..., channel] for channel in range(3))
    assert (red > blue)[square].all() and (blue > red)[~square].all() and np.array_equal(grey, before)
