"""The tables of a judgement: scores with intervals, differences to what looks at nothing, what was chosen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trainers.config.localizer import PostProcessing
from trainers.config.localizers import BLIND
from trainers.localize.judging.choosing import Choice, Means
from trainers.localize.judging.grid import SIDE
from trainers.localize.judging.judge import Judgement
from trainers.localize.judging.verdict import HEADLINES, PARTS, Verdict, drawn
from trainers.score.compare import Difference, Drawn, Sampled, difference_of
from trainers.score.resample import interval, resampled_groups
from trainers.show.columns import cell_of

__all__ = ["Section", "post_text", "ranked", "sections_of"]

TITLES = {
    "iou": "IoU",
    "f1": "F1",
    "gt_known": "GT-known",
    "px_ap": "PxAP",
    "max_box_acc": "MaxBoxAcc",
    "max_box_acc_v2": "MaxBoxAccV2",
    "loc_1": "Loc@1",
    "loc_5": "Loc@5",
    "parts_before": "parts before",
    "parts_after": "parts after",
}
ORDERS = {"none": "none", "dilate_erode": "dilate, then erode", "erode_dilate": "erode, then dilate"}


@dataclass(frozen=True, slots=True)
class Section:
    """A table with what has to be said of it.

    Attributes:
        title: Above it.
        note: Below the title.
        head: Of the columns; the first is that of the names.
        rows: Cells as they are written.
    """

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def ranked(judgement: Judgement) -> list[tuple[str, Verdict]]:
    """Return the verdicts: those that look at nothing, then the others, the best mean IoU first."""

    def rank(item: tuple[str, Verdict]) -> tuple[bool, float]:
        _, verdict = item
        return verdict.candidate.config.method not in BLIND, -_mean(verdict, "iou")

    return sorted(judgement.verdicts.items(), key=rank)


def sections_of(judgement: Judgement) -> list[Section]:
    """Return all tables."""
    verdicts = dict(ranked(judgement))
    groups = [judgement.bench.groups[number] for number in judgement.bench.scored]
    weights = np.stack(list(resampled_groups(groups)))
    scores = {name: drawn(verdict, weights) for name, verdict in verdicts.items()}
    found = [_scores(judgement, scores)]
    if len(_references(verdicts)) < len(verdicts):
        found += [_differences(verdicts, scores, reference) for reference in _references(verdicts)]
    found.append(_chosen(judgement, verdicts))
    if any(len(verdict.tried) > 1 for verdict in verdicts.values()):
        found.append(_sentences(judgement, verdicts))
    return found


def post_text(post: PostProcessing) -> str:
    """Write what makes masks of maps."""
    kernel = (
        f", kernel {post.kernel:.3f} of the longer side ({post.kernel * SIDE:.0f} of {SIDE} pixels)"
        if post.kernel
        else ""
    )
    return f"{post.interpolation}; morphology: {ORDERS[post.order]}{kernel}; threshold {post.threshold:.3f}"


def _scores(judgement: Judgement, scores: Mapping[str, Drawn]) -> Section:
    columns = list(dict.fromkeys(column for own in scores.values() for column in own.values))
    rows = tuple((name, *(_estimate(own, column) for column in columns)) for name, own in scores.items())
    lines = [
        f"Means over {len(judgement.bench.scored)} pictures, by what was chosen on {judgement.bench.chosen_on}, with "
        "95 % intervals from resampled pictures. A box is right from an IoU of .5.",
        "MaxBoxAcc, MaxBoxAccV2 and PxAP go by no choice: the first two take the best threshold on these pictures.",
    ]
    if judgement.bench.kind == "boxes":
        lines.append("The truth is boxes: IoU is that of the box of the largest contour.")
    if "loc_1" not in columns:
        lines.append("Loc@1 and Loc@5 are not given: no localizer says which class a picture is of.")
    return Section("Scores", " ".join(lines), ("", *map(_title, columns)), rows)


def _differences(verdicts: Mapping[str, Verdict], scores: Mapping[str, Drawn], reference: str) -> Section:
    known = [name for name in HEADLINES if name in scores[reference].values]
    rows = []
    for name in verdicts:
        if verdicts[name].candidate.config.method not in BLIND:
            found = [_difference(scores[name], scores[reference], column) for column in known]
            rows.append((name, *map(_signed, found)))
    return Section(
        f"Difference to {reference}",
        "Picture by picture, both with the same resamples. Above 0 the localizer is better.",
        ("", *map(_title, known)),
        tuple(rows),
    )


def _chosen(judgement: Judgement, verdicts: Mapping[str, Verdict]) -> Section:
    rows = []
    for name, verdict in verdicts.items():
        here = _mean(verdict, "iou")
        rows.append(
            (
                name,
                *_sentence(verdict, verdict.chosen),
                post_text(verdict.chosen.post),
                cell_of("iou", verdict.chosen.value),
                cell_of("iou", here),
                cell_of("iou", verdict.best.value),
                post_text(verdict.best.post),
            )
        )
    halves = len(judgement.bench.folds) > 1
    note = (
        "Each half of the pictures was scored by what was best on the other. What is written to files is best on both."
        if halves
        else f"Chosen on {judgement.bench.chosen_on} by mean IoU, and applied to the pictures that are scored."
    )
    head = ("", "sentence", "chosen", "IoU where chosen", "IoU where scored", "best IoU where scored", "which would be")
    return Section(
        "What was chosen",
        f"{note} The best where scored is chosen and reported on the same pictures, as papers do; it is too high.",
        head,
        tuple(rows),
    )


def _sentences(judgement: Judgement, verdicts: Mapping[str, Verdict]) -> Section:
    counts = [len(fold.choose) for fold in judgement.bench.folds]
    rows = []
    for name, verdict in verdicts.items():
        for tried in verdict.tried if len(verdict.tried) > 1 else ():
            choosing = tried.chosen_over(counts)
            rows.append((name, tried.template, _best(choosing), _best(tried.scored)))
    return Section(
        "Sentences",
        "The best mean IoU of the whole grid for each sentence. It was chosen by the first of the two numbers.",
        ("", "sentence", "where chosen", "where scored"),
        tuple(rows),
    )


def _best(means: Means) -> str:
    return cell_of("iou", float(means[0].max()))


def _sentence(verdict: Verdict, choice: Choice) -> tuple[str, ...]:
    return (choice.template if verdict.candidate.config.method not in BLIND else "",)


def _references(verdicts: Mapping[str, Verdict]) -> list[str]:
    return [name for name, verdict in verdicts.items() if verdict.candidate.config.method in BLIND]


def _mean(verdict: Verdict, figure: str) -> float:
    return float(np.mean([row.figures[figure] for row in verdict.rows]))


def _difference(own: Drawn, reference: Drawn, score: str) -> Difference:
    return difference_of(Sampled.of([own], score), Sampled.of([reference], score))


def _title(column: str) -> str:
    return TITLES.get(column, column)


def _estimate(own: Drawn, column: str) -> str:
    if column not in own.values:
        return "–"
    if column in PARTS:
        return f"{own.values[column]:.1f}"
    low, high = interval(own.resamples[column])
    return f"{own.values[column]:.3f} ({low:.3f}–{high:.3f})"


def _signed(found: Difference) -> str:
    if math.isnan(found.low):
        return f"{found.value:+.3f}"
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})".replace("-", "−")
