"""Scores of labels. Pictures whose label is not known, such as those with hidden targets only, are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from jaxtyping import Float32, Float64, Num

from synthgen.core.errors import TrainingError
from synthgen.core.picture import DecodedPicture, Truth
from synthgen.core.types import Size
from trainers.predict.protocols import LabelPredictor, Predictor
from trainers.score.result import MAJORITY, Counted, Row
from trainers.score.scorer import Measured, Scorer, Settings, Weighted

__all__ = ["LABELS", "LabelScorer", "area_under_curve", "known_label"]

COUNTS = ("tp", "fp", "tn", "right", "count")


class LabelScorer(Scorer):
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

    def weighted(self, rows: Sequence[Row]) -> Weighted:
        """Return accuracy; balanced_accuracy; precision and recall of all labels but 0; auc, of the ROC curve.

        balanced_accuracy is the mean of the accuracies on pictures of label 0 and on all others. auc needs two labels,
        both present; it is NaN otherwise.
        """
        counts = _counts(rows)
        certain = np.array(["probability" in row.figures for row in rows], bool)
        figures = [row.figures for row in rows if "probability" in row.figures]
        labels = np.array([each["label"] for each in figures])
        probabilities = np.array([each["probability"] for each in figures])
        area = _area_by_weights(labels > 0, probabilities)
        return lambda weights: {**_pooled(weights @ counts), "auc": area(weights[certain])}

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
    return _area_by_weights(positive, scores)(np.ones(len(scores)))


def _area_by_weights(positive: np.ndarray, scores: np.ndarray) -> Callable[[Num[np.ndarray, " n"]], float]:
    """Return the same chance as a function of how often each of n counts; NaN where only one kind does."""
    values, places = np.unique(scores, return_inverse=True)

    def area(weights: Num[np.ndarray, " n"]) -> float:
        right = np.bincount(places, weights * positive, len(values))
        wrong = np.bincount(places, weights * ~positive, len(values))
        pairs = right.sum() * wrong.sum()
        below = np.cumsum(wrong) - wrong / 2
        return float(right @ below / pairs) if pairs else float("nan")

    return area


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
    """Return what each row counts; nothing where its label is not known."""
    unknown = [0.0] * (len(COUNTS) + 1)
    counted = [
        [*(row.figures[name] for name in COUNTS), row.figures["label"] > 0] if row.figures else unknown for row in rows
    ]
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
