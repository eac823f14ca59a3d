"""The columns of a study's table: what was chosen, the scores that there are, and what they cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from trainers.tasks.segmentation.confusion import class_measure

__all__ = ["columns_of", "name_of_column", "title_of"]

Row = Mapping[str, Any]
FIRST = {"runs": "{runs:.0f}", "weights": "{weights}"}
COST = {
    "parameters": "{parameters:,.0f}",
    "that learn": "{trainable:,.0f}",
    "GFLOP": "{gflop_forward:.3f}",
    "training TFLOP": "{tflop_training:.1f}",
    "seconds": "{seconds:.0f}",
    "images/s": "{images_per_second:.0f}",
}
SPREAD = {"seeds": "{least:.4f}–{greatest:.4f}", "95 % over images": "{low:.4f}–{high:.4f}"}
SUMMARY = ("mean_iou", "foreground_iou")  # told of every benchmark, by its name
TITLES = {  # of scores, in the table's order; any other score has its own name as its title, and comes last
    "mean_iou": "mIoU",
    "foreground_iou": "fg IoU",
    "image_iou": "per image",
    "dice": "dice",
    "precision": "precision",
    "recall": "recall",
    "boundary_f": "boundary F",
    "false_alarms": "false alarms",
    "box_recall": "box recall",
    "box_precision": "box precision",
    "box_ap": "box AP",  # of studies of before
    "ap": "AP",
    "ap50": "AP50",
    "mask_ap": "mask AP",
    "recall_at_1_fa": "recall at 1 FA",
    "sequence_error": "sequence error",
    "pointing": "pointing",
}
HIDDEN = (  # they say little without the others; results.parquet has them
    *("pixels_inside", "boxes"),
    *(f"{shape}{score}" for shape in ("", "mask_") for score in ("ap75", "ap_small", "ap_medium", "ap_large")),
    "mask_ap50",
)
PLACES = {"boxes": "photographs"}  # where a benchmark's pictures come from, if its key does not tell
DIGITS = {"false_alarms": 2, "box_recall": 3, "box_precision": 3, "box_ap": 3, "ap": 3, "ap50": 3, "pointing": 3}


def title_of(score: str) -> str:
    """Return what a score is called in tables and beside curves."""
    return TITLES.get(score, score.replace("_", " "))


def name_of_column(row: Row) -> str:
    """Return the title of the headline of a run that went well, such as "test fg IoU"."""
    places = {
        f"{key}_{score}": f"{key} {title_of(score)}" for key, names in row["benchmarks"].items() for score in names
    }
    return places[row["headline"]]


def columns_of(rows: Sequence[Row]) -> dict[str, str]:
    """Return the title of each column, and how a line is written there.

    Args:
        rows: Of the runs that went well.
    """
    benchmarks: dict[str, dict[str, None]] = {}
    for row in rows:
        for key, scores in row["benchmarks"].items():
            told = (score for score in scores if class_measure(score) is None)  # classes have a table of their own
            benchmarks.setdefault(key, {}).update(dict.fromkeys(told))
    headlines = {row["headline"] for row in rows}
    watched = {score for key, scores in benchmarks.items() for score in scores if f"{key}_{score}" in headlines}
    columns = dict(FIRST)
    for key, scores in benchmarks.items():
        decides = any(f"{key}_{score}" in headlines for score in scores)
        for score in _ordered(scores) if decides else _brief(key, scores, watched):
            columns[_title(key, score, decides)] = f"{{{key}_{score}:.{DIGITS.get(score, 4)}f}}"
            if f"{key}_{score}" in headlines:
                columns |= SPREAD
    return columns | COST


def _ordered(scores: Collection[str]) -> list[str]:
    known = [score for score in TITLES if score in scores]
    return known + [score for score in scores if score not in TITLES and score not in HIDDEN]


def _brief(key: str, scores: Collection[str], watched: Collection[str]) -> list[str]:
    """Return what is told of a benchmark that does not decide."""
    summary = [score for score in SUMMARY[: 1 if key == "train" else 2] if score in scores]
    return summary or [score for score in scores if score in watched] or _ordered(scores)


def _title(key: str, score: str, decides: bool) -> str:
    if decides and score in TITLES and score not in SUMMARY:
        return title_of(score)
    return f"{PLACES.get(key, key).replace('_', ' ')} {title_of(score)}"
