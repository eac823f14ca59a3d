"""A recipe turned towards what a model fails on: one knob a function, each a set of options with weights.

A recipe is a mapping here, as `synthgen recipe` prints it: all values spelled out. Nothing else than weights is turned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthgen.core.errors import ConfigError
from trainers.loop.weights import moved_towards
from trainers.score.slices import Slice

__all__ = ["KNOBS", "Knob", "Option", "Turn", "check_knobs", "turned"]

Recipe = Mapping[str, Any]
HIDDEN = 0.05  # occlusion from which a target counts as behind something


@dataclass(frozen=True, slots=True)
class Option:
    """What a knob can choose.

    Attributes:
        name: In words.
        weight: How often it is chosen, 0–1.
        low: Lower end of the trait where it is chosen; None for all.
        high: Upper end.
        value: Value of the trait instead, if it has names.
    """

    name: str
    weight: float
    low: float | None = None
    high: float | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Knob:
    """Options of a recipe that come more or less often.

    Attributes:
        field: Of the recipe, for messages.
        trait: By which pictures tell the options apart, as in `trainers.score.traits.TRAITS`.
        options: Of a recipe, with the categories that the targets have; none where the recipe leaves no choice.
        turn: A recipe with other weights of the same options.
    """

    field: str
    trait: str
    options: Callable[[Recipe, Sequence[str]], tuple[Option, ...]]
    turn: Callable[[Recipe, Sequence[Option], Sequence[float]], Recipe]


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of one option.

    Attributes:
        knob: Name in `KNOBS`.
        option: In words.
        error: 1 less the score of the pictures where it was chosen; None where there were none.
        before: Its weight.
        after: Likewise.
    """

    knob: str
    option: str
    error: float | None
    before: float
    after: float


def turned(
    recipe: Recipe,
    slices: Sequence[Slice],
    knobs: Sequence[str],
    *,
    categories: Sequence[str],
    gain: float,
    bounds: tuple[float, float],
) -> tuple[Recipe, tuple[Turn, ...]]:
    """Return the recipe with the weights of its knobs moved towards what fails, and what became of each option.

    Args:
        recipe: All values spelled out.
        slices: Of a model's rows on pictures of this recipe.
        knobs: Names in `KNOBS`.
        categories: Of the targets that may be weighed.
        gain: As in `trainers.loop.weights.moved_towards`.
        bounds: Likewise.
    """
    log: list[Turn] = []
    for name in knobs:
        knob = KNOBS[name]
        options = knob.options(recipe, categories)
        if len(options) < 2:  # the assets have one category
            continue
        errors = [_error(slices, knob.trait, option) for option in options]
        before = [option.weight for option in options]
        after = moved_towards(before, errors, gain=gain, bounds=bounds)
        recipe = knob.turn(recipe, options, after)
        log += [Turn(name, *each) for each in zip((o.name for o in options), errors, before, after, strict=True)]
    return recipe, tuple(log)


def check_knobs(recipe: Recipe, knobs: Sequence[str], *, bounds: tuple[float, float]) -> None:
    """Refuse knobs that a recipe leaves no choice for, or whose weights lie outside of the bounds from the first.

    Categories that the recipe does not weigh are those of the assets, of which nobody knows yet.

    Raises:
        ConfigError: There is such a knob.
    """
    for name in knobs:
        knob = KNOBS[name]
        options = knob.options(recipe, ())
        if not options and knob.trait == "category":
            continue
        if len(options) < 2:
            raise ConfigError(f"knob {name}: recipe.{knob.field} leaves no choice; give two options, or leave it out")
        if len(options) * bounds[0] > 1 or len(options) * bounds[1] < 1:
            raise ConfigError(f"knob {name}: {len(options)} weights within {bounds[0]:g}–{bounds[1]:g} cannot make 1")
        for option in options:
            if not bounds[0] <= option.weight <= bounds[1]:
                raise ConfigError(
                    f"knob {name}: recipe.{knob.field} gives {option.name} a weight of {option.weight:g}, outside of "
                    f"the bounds {bounds[0]:g}–{bounds[1]:g}; widen bounds, change the recipe, or leave the knob out"
                )


def _error(slices: Sequence[Slice], trait: str, option: Option) -> float | None:
    """Return 1 less the score where an option is chosen: the mean over slices, by how far they overlap and hold."""
    parts = [(_overlap(part, option) * part.decisive, 1 - part.score) for part in slices if part.trait == trait]
    known = [(weight, error) for weight, error in parts if weight > 0 and error == error]
    total = sum(weight for weight, _ in known)
    return sum(weight * error for weight, error in known) / total if total else None


def _overlap(part: Slice, option: Option) -> float:
    """Return the share of a slice's range that lies within an option's; one without an end lies within, or does not."""
    if option.value is not None:
        return float(part.label == option.value)
    low, high = option.low or 0.0, float("inf") if option.high is None else option.high
    first, last = part.low or 0.0, float("inf") if part.high is None else part.high
    if last == float("inf"):
        return float(high > first)
    return max(0.0, min(high, last) - max(low, first)) / (last - first)


def _changed(recipe: Recipe, path: Sequence[str], value: Any) -> Recipe:
    """Return the recipe with another value at a path of keys."""
    first, *rest = path
    return {**recipe, first: _changed(recipe[first], rest, value) if rest else value}


def _strata(field: str, unit: str, *, folded: bool) -> Knob:
    """Return the knob of a range's strata; `folded` where the trait is its distance from 0."""

    def options(recipe: Recipe, categories: Sequence[str]) -> tuple[Option, ...]:
        strata = recipe[field].get("strata") or ()
        weights = [part.get("weight") or 1.0 for part in strata]  # without weights they come equally often
        return tuple(_stratum(part, weight / sum(weights)) for part, weight in zip(strata, weights, strict=True))

    def _stratum(part: Mapping[str, float], weight: float) -> Option:
        low, high = part["min"], part["max"]
        name = f"{low:g}–{high:g}{unit}"
        if not folded:
            return Option(name, weight, low, high)
        ends = sorted((abs(low), abs(high)))
        return Option(name, weight, 0.0 if low < 0 < high else ends[0], ends[1])

    def turn(recipe: Recipe, chosen: Sequence[Option], weights: Sequence[float]) -> Recipe:
        pairs = zip(recipe[field]["strata"], weights, strict=True)
        return _changed(recipe, (field, "strata"), [{**part, "weight": weight} for part, weight in pairs])

    return Knob(f"{field}.strata", "rotation" if folded else "size", options, turn)


def _grounds(recipe: Recipe, categories: Sequence[str]) -> tuple[Option, ...]:
    share = float(recipe["background"]["plain"]["share"])
    return Option("plain", share, value="plain"), Option("scene", 1 - share, value="scene")


def _hidings(recipe: Recipe, categories: Sequence[str]) -> tuple[Option, ...]:
    share = float(recipe["occluders"]["probability"])
    return Option("hidden", share, HIDDEN, None), Option("in view", 1 - share, None, HIDDEN)


def _categories(recipe: Recipe, categories: Sequence[str]) -> tuple[Option, ...]:
    """Return those that the recipe weighs; others, such as harvested ones, come as often as the mean of these."""
    weighed: Mapping[str, float] = recipe["categories"] or {}
    mean = sum(weighed.values()) / len(weighed) if weighed else 1.0
    weights = {name: weighed.get(name, mean) for name in (*weighed, *categories)}
    total = sum(weights.values())
    return tuple(Option(name, weight / total, value=name) for name, weight in weights.items())


KNOBS: Mapping[str, Knob] = {
    "scale": _strata("scale", "", folded=False),
    "rotation": _strata("rotation", "°", folded=True),
    "ground": Knob(
        "background.plain.share",
        "ground",
        _grounds,
        lambda recipe, _, weights: _changed(recipe, ("background", "plain", "share"), weights[0]),
    ),
    "occluders": Knob(
        "occluders.probability",
        "occlusion",
        _hidings,
        lambda recipe, _, weights: _changed(recipe, ("occluders", "probability"), weights[0]),
    ),
    "categories": Knob(
        "categories",
        "category",
        _categories,
        lambda recipe, options, weights: _changed(
            recipe, ("categories",), {option.name: weight for option, weight in zip(options, weights, strict=True)}
        ),
    ),
}
"""What can be turned, by name."""
