"""The fitted numbers as the values of a recipe, and as YAML with comments that say what was measured."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

from synthgen.priors.boxes import Boxes
from synthgen.priors.fit import LONGER, Fit
from synthgen.priors.survey import Survey

__all__ = ["fragment", "recipe_values"]

WIDTH = 110  # of a comment, characters


def recipe_values(found: Survey, fitted: Fit) -> dict[str, Any]:
    """Return the keys of a recipe that boxes have something to say about, in the order in which they are written."""
    return {
        "scale": {
            "unit": "frame",
            "strata": [{"min": part.low, "max": part.high, "weight": part.weight} for part in fitted.strata],
        },
        "position": {"kind": "anywhere", "x": _range(fitted.x), "y": _range(fitted.y)},
        "stretch": _range(fitted.stretch),
        "truncation": {"probability": round(float(found.boxes.cut.mean()), 3)},
        "instances": _range(fitted.instances),
        "negatives": round(found.boxes.negatives, 3),
    }


def fragment(found: Survey, fitted: Fit, drawn_cut: float, source: str) -> str:
    """Return `recipe:` with its keys as YAML.

    Args:
        found: What was measured.
        fitted: What follows.
        drawn_cut: Share of the objects drawn by the recipe that touch an edge.
        source: Name of the file, for the comment.
    """
    boxes, values = found.boxes, recipe_values(found, fitted)
    pictures, positive = len(boxes.counts), int((boxes.counts > 0).sum())
    notes = {
        "scale": "long side before the picture is squeezed, in heights of the frame" + _censored(boxes),
        "position": "middle of the whole object; as wide as gives the seen parts the measured deviation of their "
        f"centres; {_share(drawn_cut)} of the objects then touch an edge, {_share(boxes.cut.mean())} of the real ones",
        "stretch": f"width over height of 80 % of the pictures, squeezed into a frame of {boxes.aspect:g}",
        "truncation": "share of the boxes that touch an edge; used only where position is not anywhere",
        "instances": f"80 % of the pictures that have a box; on average {boxes.counts[boxes.counts > 0].mean():.2f}",
        "negatives": "pictures without a box"
        if positive < pictures
        else "no picture is without a box; a detector needs some that are, such as 0.15",
    }
    head = (
        f"# Measured on {len(boxes.lengths):,} boxes ({', '.join(found.categories)[:60]}) in {positive:,} of "
        f"{pictures:,} pictures of {source}."
    )
    lines = [head, "recipe:"]
    for key, value in values.items():
        lines += [*wrap(notes[key], WIDTH, initial_indent="  # ", subsequent_indent="  # "), f"  {key}: {_flow(value)}"]
    return "\n".join([*lines, ""])


def _censored(boxes: Boxes) -> str:
    if not boxes.cut.any():
        return ""
    return (
        f"; {_share(boxes.cut.mean())} of the boxes are cut by an edge: how long those objects are follows from the "
        f"fit, at most {LONGER:g} times the longest seen"
    )


def _range(ends: tuple[float, float]) -> dict[str, float]:
    return {"min": ends[0], "max": ends[1]}


def _share(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _flow(value: Any) -> str:
    """Spell a value in one line; a list of mappings one entry a line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(f"\n      {_flow(inner)}" for inner in value) + "\n    ]"
    return str(value)
