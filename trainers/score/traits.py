"""What a picture is like, as far as that may explain a score: the traits, their ranges, and where they are taken from.

A picture with several targets has the trait of the hardest: the smallest, the most hidden, the one turned farthest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import cv2
import numpy as np
from jaxtyping import Float64

from synthgen.core.picture import Picture, Samples, Truth
from synthgen.core.types import Coverage, Size
from trainers.score.look import blur, darkness, flatness

__all__ = [
    "CATEGORY",
    "NOVELTY",
    "SEEN",
    "SOURCE",
    "TRAITS",
    "UNSEEN",
    "TellsTraits",
    "Trait",
    "Traits",
    "shown_categories",
    "told_traits",
    "traits_of",
]

Value: TypeAlias = float | str | tuple[str, ...]
Traits: TypeAlias = Mapping[str, Value]  # by the name of the trait; what is not known of a picture is absent

PLAIN = 0.7  # share of a ground that is flat, from which on it is plain
SPECK = 0.001  # of the frame: a part of a mask that is smaller is no target of its own
CATEGORY, NOVELTY, SOURCE = "category", "novelty", "source"  # every row has these where they are known
SEEN, UNSEEN = "seen", "unseen"


@dataclass(frozen=True, slots=True)
class Trait:
    """A trait and its ranges.

    Attributes:
        name: In `Traits`.
        meaning: One line for the report.
        edges: Where one range ends and the next begins, the upper end excluded; none where values are names.
        whole: Whether it counts things.
    """

    name: str
    meaning: str
    edges: tuple[float, ...] = ()
    whole: bool = False


TRAITS = (
    Trait("size", "long side of the smallest target's box, as a share of the frame's side", (0.1, 0.2, 0.4, 0.6, 0.8)),
    Trait("occlusion", "share of the most hidden target that something covers", (0.05, 0.2, 0.4, 0.6)),
    Trait("truncation", "share of the most cut target that lies beyond the frame", (0.02, 0.2, 0.4, 0.6)),
    Trait("rotation", "of the target turned farthest from upright, degrees", (15, 45, 90, 135)),
    Trait("blur", "what another blur would leave of the picture's edges (Crété et al. 2007)", (0.25, 0.3, 0.35, 0.4)),
    Trait("camera_blur", "standard deviation of the blur by the scene's camera, pixels", (0.25, 0.5, 0.75, 1.0)),
    Trait("darkness", "1 less the mean luma: 0 is white, 1 black", (0.3, 0.45, 0.6, 0.75, 0.9)),
    Trait("camera_light", "share of the light that the scene's camera kept", (0.25, 0.5, 0.8, 1.25)),
    Trait("crowding", "number of targets", (1, 2, 3, 5), whole=True),
    Trait("ground", "plain, or a scene"),
    Trait(CATEGORY, "of a target; a picture counts in the slice of each category that it shows"),
    Trait(NOVELTY, "whether its targets are of categories held out for test; a picture without any counts in both"),
    Trait(SOURCE, "where a picture comes from: its folder, or what the table of labels says"),
)
"""All traits, in the order of reports."""


@runtime_checkable
class TellsTraits(Protocol):
    """Samples that know more of a picture than its pixels and its truth tell, such as a dataset's rows."""

    def traits(self, index: int) -> Mapping[str, float | str]:
        """Return traits of picture `index` by name."""
        ...


def told_traits(truth: Truth, held_out: Collection[str] = (), source: str = "") -> Traits:
    """Return the traits that a picture has without being looked at: category, novelty, source, those that are known.

    Args:
        truth: What is known of the picture.
        held_out: Categories that nothing was learnt from. A picture is "unseen" if all its targets are of these, "seen"
            if none is, both if it has none; one that shows both kinds is in neither slice.
        source: Where it comes from; "" where nobody says.
    """
    names = shown_categories(truth)
    found: dict[str, Value] = {CATEGORY: names} if names else {}
    if held_out and truth.boxes is not None:
        held = [name in held_out for name in names]
        sides = {SEEN: not any(held), UNSEEN: all(held)}
        found |= {NOVELTY: tuple(side for side, within in sides.items() if within)}
    return found | ({SOURCE: source} if source else {})


def shown_categories(truth: Truth) -> tuple[str, ...]:
    """Return the categories of the targets but crowds, sorted; none where they are not known."""
    if truth.boxes is None:
        return ()
    return tuple(sorted(set(truth.boxes.select(~truth.boxes.crowd).categories) - {""}))


def traits_of(samples: Samples, index: int) -> Traits:
    """Return the traits of picture `index`: measured on it, and told by the samples where they can, who then know best.

    Raises:
        DatasetError: It cannot be read.
    """
    told = samples.traits(index) if isinstance(samples, TellsTraits) else {}
    return {**_measured(samples[index]), **told}


def _measured(picture: Picture) -> dict[str, Value]:
    image, truth = picture.image, picture.truth
    targets = _targets(truth, picture.size)
    found: dict[str, Value] = {"darkness": darkness(image)}
    softness = blur(image)
    if softness is not None:
        found["blur"] = softness
    if targets is None:
        return found
    if truth.boxes is None or not truth.boxes.crowd.any():
        found["crowding"] = float(len(targets))
    flat = flatness(image, targets)
    if flat is not None:
        found["ground"] = "plain" if flat >= PLAIN else "scene"
    if len(targets):
        found["size"] = float((targets[:, 2:] - targets[:, :2]).max(axis=1).min())
    names = shown_categories(truth)
    return found | ({CATEGORY: names} if names else {})


def _targets(truth: Truth, size: Size) -> Float64[np.ndarray, "n 4"] | None:
    """Return the boxes of all targets but crowds, as shares of the frame; None where nobody knows them."""
    sides = np.array([size[1], size[0]] * 2, np.float64)
    if truth.boxes is not None:
        return np.asarray(truth.boxes.xyxy[~truth.boxes.crowd] / sides)
    if truth.mask is None:
        return np.zeros((0, 4)) if truth.label == 0 else None
    return _parts(truth.mask > 0) / sides


def _parts(mask: Coverage) -> Float64[np.ndarray, "n 4"]:
    """Return the boxes around the connected parts of a mask, pixels; specks count only where there is nothing else."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    parts = stats[1:]
    kept = parts[parts[:, cv2.CC_STAT_AREA] >= SPECK * mask.size]
    x, y, width, height = (kept if len(kept) else parts)[:, :4].T.astype(np.float64)
    return np.stack([x, y, x + width, y + height], axis=1)
