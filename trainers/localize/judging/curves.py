"""Mean IoU against the threshold, a line for each localizer, with a mark where its threshold was chosen."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from jaxtyping import Float64

from trainers.localize.judging.choosing import axes_of
from trainers.localize.judging.judge import Judgement
from trainers.localize.judging.tables import ranked
from trainers.localize.judging.verdict import Verdict
from trainers.show.figures import save_figure

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["draw_thresholds"]

COLOURS = ("#8c9096", "#22242a", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
LINES = ("-", "--", ":", "-.")  # once the colours are used up


def draw_thresholds(path: Path, judgement: Judgement) -> None:
    """Draw the curves on the pictures that are scored, by the sentence and morphology that stay with a localizer."""
    axes = axes_of(judgement.bench)
    figure, axis = plt.subplots(figsize=(9, 4.6), layout="constrained")
    for number, (name, verdict) in enumerate(ranked(judgement)):
        curve = _curve(judgement, verdict)
        if curve is None:
            continue
        colour, line = COLOURS[number % len(COLOURS)], LINES[number // len(COLOURS) % len(LINES)]
        axis.plot(axes.thresholds, curve, line, color=colour, label=name, linewidth=1.6)
        threshold = verdict.chosen.post.threshold
        axis.plot(threshold, np.interp(threshold, axes.thresholds, curve), "o", color=colour, markersize=6)
    axis.set(xlim=(0, 1), xlabel="threshold", ylabel="mean IoU")
    axis.set_ylim(bottom=0)
    axis.set_title(f"{judgement.bench.title}: IoU against the threshold; a dot where it was chosen", fontsize=11)
    axis.grid(alpha=0.3)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    save_figure(figure, path)


def _curve(judgement: Judgement, verdict: Verdict) -> Float64[np.ndarray, " t"] | None:
    """Return the mean IoU at each threshold; None where the morphology is none of those that were tried."""
    setting = axes_of(judgement.bench).setting_of(verdict.chosen.post)
    if setting is None:
        return None
    tried = next(each for each in verdict.tried if each.template == verdict.chosen.template)
    curve: np.ndarray = tried.scored[0, setting]
    return curve
