"""One kit to draw masks, boxes and sheets with; every function returns a new picture and leaves its arguments alone."""

from synthgen.draw.boxes import draw_boxes
from synthgen.draw.heat import heat
from synthgen.draw.legend import explained, legend
from synthgen.draw.outline import outline
from synthgen.draw.overlay import colour_mask, overlay
from synthgen.draw.palette import COLOURS, Colour, class_colour, colour_of
from synthgen.draw.sheet import beside, captioned, framed, grid, scaled, stacked, titled
from synthgen.draw.tags import draw_tags

__all__ = [
    "COLOURS",
    "Colour",
    "beside",
    "captioned",
    "class_colour",
    "colour_mask",
    "colour_of",
    "draw_boxes",
    "draw_tags",
    "explained",
    "framed",
    "grid",
    "heat",
    "legend",
    "outline",
    "overlay",
    "scaled",
    "stacked",
    "titled",
]
