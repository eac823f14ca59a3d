"""What was found in a picture as columns of a table of rows, there and back."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any, get_args

from trainers.score.result import Pair, Ranked, Row, Shape

__all__ = ["ranked_columns", "taken_from"]

PAIRS = ("true_categories", "found_categories")  # side by side; null is background
OLDER = ("found_scores", "found_hits")  # the boxes at the operating point, before all were kept


def ranked_columns(row: Row) -> dict[str, list[Any]]:
    """Return a column for each field of `Ranked`, by boxes and by masks, and two for the pairs; none where absent."""
    columns = {
        f"{shape}_{name}": list(values) for shape, own in row.ranked.items() for name, values in asdict(own).items()
    }
    if row.ranked:
        columns |= {name: [pair[side] for pair in row.pairs] for side, name in enumerate(PAIRS)}
    return columns


def taken_from(values: dict[str, Any]) -> tuple[dict[Shape, Ranked], tuple[Pair, ...]]:
    """Take these columns out of a row's values."""
    for name in OLDER:
        values.pop(name, None)
    names = [field.name for field in fields(Ranked)]
    ranked: dict[Shape, Ranked] = {}
    for shape in get_args(Shape):
        if f"{shape}_scores" in values:
            ranked[shape] = Ranked(**{name: tuple(values.pop(f"{shape}_{name}")) for name in names})
    true, found = (values.pop(name, ()) for name in PAIRS)
    return ranked, tuple(zip(true, found, strict=True))
