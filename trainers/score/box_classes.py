"""Boxes by the classes that a predictor tells apart, and their scores category by category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from synthgen.core.classes import name_in
from synthgen.core.picture import Boxes
from trainers.config.classes import ClassesConfig
from trainers.score.average_precision import category_names, precisions, rankings_of, summarized
from trainers.score.confusion import confusion_of
from trainers.score.result import Row

__all__ = ["by_category", "in_classes"]


def in_classes(boxes: Boxes, classes: ClassesConfig) -> Boxes:
    """Return true boxes by the predictor's classes; those of categories that it was told to drop are left out.

    A category that it never heard of may be any of its classes.
    """
    if not classes.names:
        return boxes
    named = [name_in(classes.class_map, category) for category in boxes.categories]
    categories = tuple(name if name in classes.names else "" for name in named)
    kept = np.array([name is not None for name in named], bool)
    return replace(boxes, categories=categories).select(kept)


def by_category(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return for each true category its number of true boxes, COCO's precisions, and recall and precision.

    The latter two are those of the operating point, with one true box for each found one (`confusion_of`); precision
    is NaN where nothing was found as such. Empty where a box has no category.
    """
    rankings = rankings_of(rows)
    if rankings is None or category_names(rows) == ("",):
        return {}
    cells = precisions(rankings)(np.ones(len(rows)))
    confusion = confusion_of(rows)
    recalls, exact = confusion.recalls, confusion.precisions
    return {
        name: {
            "truth": float(own.truth[:, 0].sum()),
            **summarized(cells[place : place + 1]),
            "recall": recalls[name],
            "precision": exact[name],
        }
        for place, (name, own) in enumerate(rankings.items())
    }
