"""One object cut out of a photograph: what a network sees in its box, refined along edges, refused where in doubt."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import UInt8

from synthgen.core.geometry import large_parts, tight_box
from synthgen.core.grab_cut import grab_cut
from synthgen.core.types import RGB, Alpha, Box, Coverage, Size
from trainers.predict.foreground import foreground
from trainers.predict.protocols import PixelPredictor
from trainers.predict.tiles import heatmap

__all__ = ["Cutout", "Refusal", "around", "cut_out", "outline_of", "seen_in", "shifted", "without_specks"]

MARGIN = 0.25  # of a box's sides: shown to the network around it, and what GrabCut takes for background
EDGE = 0.005  # of a frame's sides: a box that ends so near to its edge is cut by it
SHORTEST = 64  # pixels: the long side of the smallest object that is worth pasting
SURE, UNSURE = 0.9, 0.5  # probabilities of what is surely foreground, and of what is so perhaps
REACH = 0.8  # IoU of what was cut with its box
AGREEMENT = 0.65  # IoU of what was cut with what the network saw
SCORE = 0.75  # mean probability over what was cut
FILL = (0.08, 0.9)  # of its box
SOFT = 0.8  # pixels: sigma of the edge


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """An object without its surroundings.

    Attributes:
        picture: RGBA, uint8 (h, w, 4).
        box: Where it lies in its photograph, pixels, half-open.
        score: Mean probability over its pixels.
    """

    picture: UInt8[np.ndarray, "h w 4"]
    box: Box
    score: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an object was not cut out."""

    reason: str


def cut_out(predictor: PixelPredictor, image: RGB, box: Box) -> Cutout | Refusal:
    """Cut the object in a box (x0, y0, x1, y1, pixels, half-open) out of a photograph, or say why not.

    The network looks at the box from near. Its probabilities begin GrabCut (Rother et al. 2004), whose outline follows
    edges. What does not reach its box, or is not what the network saw, is refused.
    """
    frame = image.shape[0], image.shape[1]
    if refused := _unfit(box, frame):
        return Refusal(refused)
    window = around(box, frame)
    part = np.ascontiguousarray(image[window])
    local = shifted(box, -window[1].start, -window[0].start)
    probability = seen_in(predictor, part)
    outline = outline_of(part, probability, local)
    if refused := _doubtful(outline, probability, local):
        return Refusal(refused)
    x0, y0, x1, y1 = tight_box(outline)
    alpha = _soft(outline)
    picture = np.dstack([part, alpha])[y0:y1, x0:x1]
    found = shifted((x0, y0, x1, y1), window[1].start, window[0].start)
    return Cutout(np.ascontiguousarray(picture), found, float(probability[outline].mean()))


def seen_in(predictor: PixelPredictor, image: RGB) -> Alpha:
    """Return the probability of any category for every pixel of a picture that is stretched over the whole frame."""
    return foreground(heatmap(predictor, image, "stretch").full())


def outline_of(image: RGB, probability: Alpha, box: Box) -> Coverage:
    """Return the pixels of an object by GrabCut, begun with probabilities; what lies outside of the box is background.

    Nothing is found where no pixel of the box is surely foreground.
    """
    x0, y0, x1, y1 = box
    inside = np.zeros(probability.shape, bool)
    inside[y0:y1, x0:x1] = True
    labels = np.where(probability > UNSURE, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[probability > SURE] = cv2.GC_FGD
    labels[~inside] = cv2.GC_BGD
    if not (labels == cv2.GC_FGD).any() or inside.all():
        return np.zeros_like(inside)
    return without_specks(grab_cut(image, labels))


def _unfit(box: Box, frame: Size) -> str:
    (x0, y0, x1, y1), (height, width) = box, frame
    if min(x0 / width, y0 / height, 1 - x1 / width, 1 - y1 / height) < EDGE:
        return "cut by the frame"
    return f"smaller than {SHORTEST} pixels" if max(x1 - x0, y1 - y0) < SHORTEST else ""


def _doubtful(outline: Coverage, probability: Alpha, box: Box) -> str:
    if not outline.any():
        return "nothing is surely seen there"
    x0, y0, x1, y1 = box
    area, fill = (x1 - x0) * (y1 - y0), float(np.count_nonzero(outline))
    a, b, c, d = tight_box(outline)  # it lies within the box
    if (c - a) * (d - b) / area < REACH:
        return "does not reach its box"
    if not FILL[0] <= fill / area <= FILL[1]:
        return "fills too little or too much of its box"
    seen = np.zeros_like(outline)
    seen[y0:y1, x0:x1] = probability[y0:y1, x0:x1] > UNSURE
    if np.count_nonzero(outline & seen) / np.count_nonzero(outline | seen) < AGREEMENT:
        return "edges and network disagree"
    return "seen with doubt" if float(probability[outline].mean()) < SCORE else ""


def around(box: Box, frame: Size) -> tuple[slice, slice]:
    """Return the window (rows, columns) of a frame that shows a box with a margin."""
    x0, y0, x1, y1 = box
    across, down = round(MARGIN * (x1 - x0)), round(MARGIN * (y1 - y0))
    return (
        slice(max(0, y0 - down), min(frame[0], y1 + down)),
        slice(max(0, x0 - across), min(frame[1], x1 + across)),
    )


def shifted(box: Box, across: int, down: int) -> Box:
    """Return a box moved by so many pixels."""
    return box[0] + across, box[1] + down, box[2] + across, box[3] + down


def without_specks(mask: Coverage) -> Coverage:
    """Return the connected parts of a mask that are not small beside its largest."""
    kept: Coverage = np.logical_or.reduce([np.zeros_like(mask), *large_parts(mask)])
    return kept


def _soft(outline: Coverage) -> UInt8[np.ndarray, "h w"]:
    """Return alpha that fades inwards, so that no background comes along at the edge."""
    blurred = cv2.GaussianBlur(outline.astype(np.float32), (0, 0), SOFT)
    alpha: np.ndarray = np.rint(255 * np.clip(2 * blurred - 1, 0, 1)).astype(np.uint8)
    return alpha
