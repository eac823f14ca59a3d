"""Localizers judged on a bench: asked, tried along the grid, and scored by what was chosen on other pictures.

Maps stay coarse and in memory. What is done to them is done picture by picture, wherever `run_jobs` runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from rich.console import Console

from synthgen.core.errors import SynthgenError, TrainingError
from synthgen.core.progress import progress
from synthgen.parallel import EngineConfig
from trainers.config.localizers import BLIND
from trainers.localize.judging.bench import Bench
from trainers.localize.judging.choosing import Choice, Tried, axes_of, best_of, tried_on
from trainers.localize.judging.lineup import Candidate, Lineup
from trainers.localize.judging.maps import LOC, Maps, maps_of
from trainers.localize.judging.measured import of_mask
from trainers.localize.judging.verdict import OnPicture, Verdict

__all__ = ["Judgement", "judge"]


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What became of all localizers.

    Attributes:
        bench: The pictures.
        verdicts: By name; those that look at nothing first.
        maps: The maps of each localizer, for each of its sentences.
        failed: Why another localizer could not be judged, by its name.
    """

    bench: Bench
    verdicts: Mapping[str, Verdict]
    maps: Mapping[str, tuple[Maps, ...]]
    failed: Mapping[str, str]


def judge(bench: Bench, lineup: Lineup, engine: EngineConfig, console: Console) -> Judgement:
    """Judge all localizers; one that cannot be asked is told, and the rest goes on.

    Raises:
        TrainingError: None could be asked but those that look at nothing.
        DatasetError: A picture cannot be read any more.
        EngineError: A worker died.
    """
    maps, failed = _asked(bench, lineup, console)
    if failed and all(each.name in failed or each.config.method in BLIND for each in lineup.candidates):
        raise TrainingError("\n".join(f"{name}: {reason}" for name, reason in failed.items()))
    present = [each for each in lineup.candidates if each.name in maps]
    every = [each for candidate in present for each in maps[candidate.name]]
    verdicts = {}
    with progress(console, "try the grid", total=len(every) * len(bench), unit="maps") as report:
        tried = tried_on(bench, every, engine, report)
        for each in present:
            own = maps[each.name]
            verdicts[each.name] = _verdict(bench, each, own, tuple(islice(tried, len(own))))
    return Judgement(bench, verdicts, maps, failed)


def _asked(bench: Bench, lineup: Lineup, console: Console) -> tuple[dict[str, tuple[Maps, ...]], dict[str, str]]:
    maps: dict[str, tuple[Maps, ...]] = {}
    failed: dict[str, str] = {}
    for candidate in lineup.candidates:
        total = len(bench) * len(candidate.templates)
        try:
            with progress(console, f"ask {candidate.name}", total=total, unit="images") as report:
                maps[candidate.name] = tuple(maps_of(candidate, bench, lineup.prompts, report))
        except SynthgenError as error:
            failed[candidate.name] = str(error)
    return maps, failed


def _verdict(bench: Bench, candidate: Candidate, maps: Sequence[Maps], tried: tuple[Tried, ...]) -> Verdict:
    chosen, by_fold = _chosen(bench, candidate, tried)
    best = best_of(axes_of(bench), {each.template: each.scored for each in tried})
    choices = {n: choice for fold, choice in zip(bench.folds, by_fold, strict=True) for n in fold.score}
    places = {each.template: place for place, each in enumerate(maps)}
    rows = tuple(_row(bench, n, choices[n], maps[places[choices[n].template]], tried) for n in bench.scored)
    kept = tuple(replace(each, of_maps={}) for each in tried)  # the rows have what they need of them
    return Verdict(candidate, maps[0].title, chosen, best, kept, rows)


def _chosen(bench: Bench, candidate: Candidate, tried: Sequence[Tried]) -> tuple[Choice, tuple[Choice, ...]]:
    """Return the choice that stays with a localizer, and that by which the pictures of each fold are scored."""
    if candidate.post is not None:
        brought = Choice(candidate.config.template, candidate.post, float("nan"))
        return brought, (brought,) * len(bench.folds)
    axes, counts = axes_of(bench), [len(fold.choose) for fold in bench.folds]
    folds = range(len(bench.folds))
    by_fold = tuple(best_of(axes, {each.template: each.choosing[fold] for each in tried}) for fold in folds)
    return best_of(axes, {each.template: each.chosen_over(counts) for each in tried}), by_fold


def _row(bench: Bench, number: int, choice: Choice, maps: Maps, tried: Sequence[Tried]) -> OnPicture:
    picture = bench.picture(number)
    of_map = next(each.of_maps[number] for each in tried if each.template == choice.template)
    figures = of_mask(maps.relevance[number], picture, bench.kind, choice.post, positive=maps.positive)
    figures["pointing"] = of_map.pointing
    if maps.named:  # the box is right, and so is one of the first guesses of the class
        right = zip(LOC, maps.named[number], strict=True)
        figures |= {f"loc_{most}": figures["gt_known"] * own for most, own in right}
    return OnPicture(number, choice, figures, of_map)
