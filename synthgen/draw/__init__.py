"""One kit to draw masks, boxes and sheets with; every function returns a new picture and leaves its arguments alone."""

from synthgen.draw.boxes import draw_boxes
from synthgen.draw.legend import legend
from synthgen.draw.outline import outline
from synthgen.draw.overlay import colour_mask, overlay
from synthgen.draw.palette import COLOURS, Colour, colour_of
from synthgen.draw.sheet import beside, captioned, grid, scaled, stacked, titled
from synthgen.draw.tag import tag

__all__ = [
    "COLOURS",
    "Colour",
    "beside",
    "captioned",
    "colour_mask",
    "colour_of",
    "draw_boxes",
    "grid",
    "legend",
    "outline",
    "overlay",
    "scaled",
    "stacked",
    "tag",
    "titled",
]
