"""Pictures that an arm won and lost against the reference: what both found in them, one above the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from synthgen.core.pictures import write_picture
from synthgen.core.types import AnyRGB
from synthgen.draw import beside, captioned, legend, scaled, titled
from synthgen.draw.palette import PAPER
from trainers.config.evaluation import EvaluationConfig
from trainers.experiment.arms import Arm
from trainers.experiment.merit import MERITS, gains_of, merit
from trainers.experiment.places import Place
from trainers.experiment.scoring import score_at
from trainers.predict.open import open_predictor
from trainers.score.result import Example, Result, Row
from trainers.show.sheets import LEGENDS, picture_of

__all__ = ["Told", "draw_won_and_lost"]

MOST = 6  # pictures in a sheet
SIDE = 230  # of a picture, pixels
LEAST = 1e-6  # that counts as won


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """An arm at a place, as its runs left it.

    Attributes:
        arm: What was trained.
        models: The model of each seed's run.
        rows: What was measured on each picture, by seed.
    """

    arm: Arm
    models: Mapping[int, Path]
    rows: Mapping[int, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A picture, by its number, and the seed with which it was won or lost most."""

    number: int
    seed: int
    gain: float


def draw_won_and_lost(
    folder: Path, place: Place, arm: Told, reference: Told, evaluation: EvaluationConfig
) -> list[str]:
    """Draw the pictures most won and most lost over the seeds; return the names of the files, at most two.

    The models look again at those pictures alone. Where one of them was deleted, nothing is drawn.
    """
    seeds = [seed for seed in arm.rows if seed in reference.rows]
    if not seeds or not all(told.models[seed].is_file() for told in (arm, reference) for seed in seeds):
        return []
    gains = gains_of(place.kind, arm.rows, reference.rows)
    files = []
    for verb, sign in (("won", 1.0), ("lost", -1.0)):
        chosen = _chosen(sign * gains, seeds)
        if chosen:
            files.append(f"{place.key}-{arm.arm.file}-{verb}.png")
            sheet = _sheet(place, arm, reference, chosen, evaluation)
            title = f"{arm.arm.name}: most {verb} against {reference.arm.name}"
            drawn = "" if len(seeds) == 1 else f": means over {len(seeds)} seeds, drawn with the clearest seed"
            facts = f"{place.key}, by {MERITS[place.kind]}{drawn}"
            write_picture(folder / files[-1], titled(sheet, title, facts, margin=16))
    return files


def _chosen(gains: Float64[np.ndarray, "seeds pictures"], seeds: Sequence[int]) -> list[_Chosen]:
    means = gains.mean(axis=0)
    best = np.argsort(-means, kind="stable")[:MOST]
    return [
        _Chosen(number, seeds[int(gains[:, number].argmax())], float(means[number]))
        for number in best.tolist()
        if means[number] > LEAST
    ]


def _sheet(place: Place, arm: Told, reference: Told, chosen: Sequence[_Chosen], evaluation: EvaluationConfig) -> AnyRGB:
    """Draw a column for each picture: what the reference found above what the arm found."""
    columns: dict[int, AnyRGB] = {}
    for seed in dict.fromkeys(each.seed for each in chosen):
        own = [each for each in chosen if each.seed == seed]
        numbers = [each.number for each in own]
        theirs, ours = (
            score_at(place, open_predictor(told.models[seed]), evaluation, numbers) for told in (reference, arm)
        )
        for each, below, above in zip(own, _tiles(place, ours), _tiles(place, theirs), strict=True):
            name = ours.rows[numbers.index(each.number)].name
            tiles = [_captioned(reference.arm, *above), _captioned(arm.arm, *below)]
            columns[each.number] = captioned(np.concatenate(tiles), f"{name}, seed {seed}", paper=PAPER)
    sheet = beside([columns[each.number] for each in chosen], gap=12, paper=PAPER)
    explained = legend(LEGENDS[place.kind], sheet.shape[1], paper=PAPER)
    return np.concatenate([sheet, explained]) if LEGENDS[place.kind] else sheet


def _tiles(place: Place, result: Result) -> list[tuple[AnyRGB, float]]:
    """Return each picture with what was found in it, and how well it was done, in the order of the rows."""
    examples: dict[str, Example] = {example.name: example for example in result.examples}
    return [(scaled(picture_of(place.kind, examples[row.name]), SIDE), merit(place.kind, row)) for row in result.rows]


def _captioned(arm: Arm, picture: AnyRGB, done: float) -> AnyRGB:
    """Put a picture into the middle of a square, below how well it was done and by which arm."""
    square = np.full((SIDE, SIDE, 3), PAPER, np.uint8)
    height, width = picture.shape[:2]
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    square[top : top + height, left : left + width] = picture
    return captioned(square, f"{done:.2f}  {arm.name}", paper=PAPER)
