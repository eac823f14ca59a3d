"""Scores of labels. Pictures whose label is not known, such as those with hidden targets only, are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float32, Float64, Num

from synthgen.core.errors import TrainingError
from synthgen.core.picture import DecodedPicture, Truth
from synthgen.core.types import Size
from trainers.predict.protocols import LabelPredictor, Predictor
from trainers.score.label_curves import area_under_roc, average_precision, calibration_error, told_by
from trainers.score.resample import intervals_of, resampled_pictures
from trainers.score.result import MAJORITY, SOURCE_ALONE, Counted, Row
from trainers.score.scorer import Measured, Scorer, Settings, Weighted
from trainers.score.traits import SOURCE

__all__ = ["LABELS", "LabelScorer", "known_label"]

COUNTS = ("tp", "fp", "tn", "right", "count")
FOUND = ("precision", "recall", "f1")
HALF = 0.5


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
        """Return the scores of labels; a positive is a picture of any label but 0.

        At the operating point: accuracy; balanced_accuracy, the mean of the accuracies on pictures of label 0 and on
        all others; precision, recall and f1 of positives. Of two labels also these three where p ≥ .5, as published
        classifiers are compared, and at every threshold: auc, of ROC; auc_within, of pairs of one source, where there
        are several; ap, the area under precision against recall; ece, the calibration error (see `label_curves`). NaN
        where nothing has what a score is about.
        """
        counts, told = _counts(rows), told_by(rows)
        halves = np.stack([told.positive & (told.probability >= HALF), told.probability >= HALF, told.positive], axis=1)
        sources = [str(rows[place].traits.get(SOURCE, "")) for place in told.places]
        curves = {
            "auc": area_under_roc(told),
            "auc_within": area_under_roc(told, sources) if len(set(sources)) > 1 else lambda weights: float("nan"),
            "ap": average_precision(told),
            "ece": calibration_error(told),
        }

        def scores(weights: Num[np.ndarray, " rows"]) -> dict[str, float]:
            own = weights[told.places]
            found = _found(*(own @ halves).tolist()) if len(own) else dict.fromkeys(FOUND, float("nan"))
            return {
                **_pooled(weights @ counts),
                **{f"{name}_at_half": value for name, value in found.items()},
                **{name: curve(own) for name, curve in curves.items()},
            }

        return scores

    def intervals(self, rows: Sequence[Row]) -> dict[str, tuple[float, float]]:
        """Return 95 % intervals from resampled groups of pictures."""
        return intervals_of(map(self.weighted(rows), resampled_pictures([row.group for row in rows])))

    def baselines(self, rows: Sequence[Row]) -> dict[str, Sequence[Row]]:
        """Return the rows of the prediction that always gives the most frequent label.

        Where pictures come from several sources, also of the one that knows a picture's source and nothing else.
        """
        labels = Counter(int(row.figures["label"]) for row in rows if row.figures)
        if not labels:
            return {MAJORITY: rows}
        most = max(sorted(labels), key=lambda label: labels[label])
        found: dict[str, Sequence[Row]] = {MAJORITY: [_answered(row, most, float(most > 0)) for row in rows]}
        shares = _shares(rows)
        if len(shares) > 1:
            own = [shares.get(str(row.traits.get(SOURCE, "")), 0.0) for row in rows]
            found[SOURCE_ALONE] = [
                _answered(row, int(share > HALF), share) for row, share in zip(rows, own, strict=True)
            ]
        return found


LABELS = LabelScorer()


def known_label(truth: Truth) -> int | None:
    """Return the label; where none is given, whether the mask or the boxes show a target. None: not known."""
    if truth.label is not None or truth.ignore is not None:
        return truth.label
    if truth.mask is not None:
        return int(truth.mask.any())
    return None if truth.boxes is None else int(len(truth.boxes.xyxy) > 0)


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


def _answered(row: Row, found: int, probability: float) -> Row:
    """Return a row of which another thing was found; one whose label is not known stays."""
    if not row.figures:
        return row
    return replace(row, figures=_figures(int(row.figures["label"]), found, np.array([probability], np.float32)))


def _shares(rows: Sequence[Row]) -> dict[str, float]:
    """Return the share of positives among the pictures of each source whose label is known; none where none is told."""
    labels: dict[str, list[bool]] = {}
    for row in rows:
        if row.figures and SOURCE in row.traits:
            labels.setdefault(str(row.traits[SOURCE]), []).append(row.figures["label"] > 0)
    return {source: sum(own) / len(own) for source, own in labels.items()}


def _pooled(totals: Float64[np.ndarray, " 6"]) -> dict[str, float]:
    tp, fp, tn, right, count, positives = totals.tolist()
    each = [_ratio(tn, count - positives), _ratio(tp, positives)]
    present = [value for value in each if value == value]
    return {
        "accuracy": _ratio(right, count),
        "balanced_accuracy": sum(present) / len(present) if present else float("nan"),
        **_found(tp, tp + fp, positives),
    }


def _found(right: float, passed: float, positives: float) -> dict[str, float]:
    """Return precision, recall and their harmonic mean, which is 0 where no positive is found."""
    f1 = 2 * right / (passed + positives) if positives else float("nan")
    return dict(zip(FOUND, (_ratio(right, passed), _ratio(right, positives), f1), strict=True))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
