"""Scores of labels. Pictures whose label is not known, such as those with hidden targets only, are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float32, Float64

from synthgen.core.errors import TrainingError
from synthgen.core.picture import DecodedPicture, Truth
from synthgen.core.types import Size
from trainers.predict.protocols import LabelPredictor, Predictor
from trainers.score.resample import percentile_intervals
from trainers.score.result import MAJORITY, Counted, Row
from trainers.score.scorer import Measured, Settings

__all__ = ["LABELS", "LabelScorer", "area_under_curve", "known_label"]

COUNTS = ("tp", "fp", "tn", "right", "count")


class LabelScorer:
    """Scores predictors of labels."""

    headline, batch, spread = "balanced_accuracy", 32, False

    def size(self, predictor: Predictor) -> Size:
        """Return the size that pictures are fitted to.

        Raises:
            TrainingError: The predictor does not predict labels.
        """
        if not isinstance(predictor, LabelPredictor):
            raise TrainingError(f"{predictor.title}: does not predict labels; score it on masks or boxes")
        return predictor.size

    def measure(
        self, predictor: LabelPredictor, pictures: Sequence[DecodedPicture], settings: Settings
    ) -> Iterator[Measured]:
        """Predict a batch, and compare it with the labels."""
        probabilities = predictor.labels(np.stack([picture.image for picture in pictures]))
        for picture, values in zip(pictures, probabilities, strict=True):
            label, found = known_label(picture.truth), _decided(values, settings.point.threshold)
            counted = Counted({} if label is None else _figures(label, found, values))
            yield Measured(counted, {}, Truth(label=found), bool(label))

    def decides(self, row: Row) -> bool:
        """Tell whether the label of a picture is known."""
        return bool(row.figures)

    def scores(self, rows: Sequence[Row]) -> dict[str, float]:
        """Return accuracy; balanced_accuracy; precision and recall of all labels but 0; auc, of the ROC curve.

        balanced_accuracy is the mean of the accuracies on pictures of label 0 and on all others. auc needs two labels,
        both present; it is NaN otherwise.
        """
        known = [row.figures for row in rows if row.figures]
        certain = [figures for figures in known if "probability" in figures]
        labels = np.array([figures["label"] for figures in certain])
        probabilities = np.array([figures["probability"] for figures in certain])
        return {**_pooled(_counts(rows).sum(axis=0)), "auc": area_under_curve(labels > 0, probabilities)}

    def intervals(self, rows: Sequence[Row]) -> dict[str, tuple[float, float]]:
        """Return 95 % intervals of all scores but auc."""
        return percentile_intervals(_counts(rows), _pooled)

    def baselines(self, rows: Sequence[Row]) -> dict[str, Sequence[Row]]:
        """Return the rows of the prediction that always gives the most frequent label."""
        labels = Counter(int(row.figures["label"]) for row in rows if row.figures)
        if not labels:
            return {MAJORITY: rows}
        most = max(sorted(labels), key=lambda label: labels[label])
        certain = np.array([float(most > 0)], np.float32)
        return {
            MAJORITY: [
                Row(row.name, row.group, _figures(int(row.figures["label"]), most, certain) if row.figures else {})
                for row in rows
            ]
        }


LABELS = LabelScorer()


def known_label(truth: Truth) -> int | None:
    """Return the label; where none is given, whether the mask or the boxes show a target. None: not known."""
    if truth.label is not None or truth.ignore is not None:
        return truth.label
    if truth.mask is not None:
        return int(truth.mask.any())
    return None if truth.boxes is None else int(len(truth.boxes.xyxy) > 0)


def area_under_curve(positive: np.ndarray, scores: np.ndarray) -> float:
    """Return the chance that a positive scores above a negative; ties count half (Mann and Whitney 1947).

    Args:
        positive: Boolean (n,).
        scores: Floats (n,).
    """
    count = int(np.count_nonzero(positive))
    if count in (0, len(positive)):
        return float("nan")
    _, places, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[places]
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(positive) - count)))


def _decided(values: Float32[np.ndarray, " k"], threshold: float) -> int:
    return int(values[0] > threshold) if len(values) == 1 else int(values.argmax())


def _figures(label: int, found: int, values: Float32[np.ndarray, " k"]) -> dict[str, float]:
    """Count one picture: positive is every label but 0, and a positive is right if it is the very label."""
    right = label == found
    figures: dict[str, float] = {
        "label": label,
        "found": found,
        "tp": int(right and label > 0),
        "fp": int(not right and found > 0),
        "tn": int(right and label == 0),
        "right": int(right),
        "count": 1,
    }
    return {**figures, "probability": float(values[-1])} if len(values) <= 2 else figures


def _counts(rows: Sequence[Row]) -> Float64[np.ndarray, "rows 6"]:
    counted = [[*(row.figures[name] for name in COUNTS), row.figures["label"] > 0] for row in rows if row.figures]
    return np.array(counted, np.float64).reshape(-1, len(COUNTS) + 1)


def _pooled(totals: Float64[np.ndarray, " 6"]) -> dict[str, float]:
    tp, fp, tn, right, count, positives = totals.tolist()
    each = [_ratio(tn, count - positives), _ratio(tp, positives)]
    present = [value for value in each if value == value]
    return {
        "accuracy": _ratio(right, count),
        "balanced_accuracy": sum(present) / len(present) if present else float("nan"),
        "precision": _ratio(tp, tp + fp),
        "recall": _ratio(tp, positives),
    }


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
