"""Scores of boxes category by category, where categories are told apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainers.score.average_precision import category_names, precisions, rankings_of, summarized
from trainers.score.confusion import confusion_of
from trainers.score.result import Row

__all__ = ["by_category"]


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
