"""Which pseudo-labels may be learnt from."""

from __future__ import annotations

from trainers.config.pseudo_label import Gate
from trainers.pseudo.annotator import Seen

__all__ = ["refusal"]


def refusal(seen: Seen, gate: Gate) -> str:
    """Return why a mask may not be learnt from; empty where it may."""
    area = float(seen.mask.mean())
    if not seen.mask.any():
        return "nothing found"
    if seen.score < gate.least_score:
        return f"score below {gate.least_score:g}"
    if area < gate.least_area:
        return f"area below {100 * gate.least_area:g} %"
    return f"area above {100 * gate.most_area:g} %" if area > gate.most_area else ""
