"""The arms of an experiment: one for each count of a series. No torch in here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthgen.core.errors import ConfigError
from trainers.experiment.config import COUNTED, ExperimentConfig, Stage
from trainers.study.naming import name_of

__all__ = ["Arm", "arms_of", "reference_of"]


@dataclass(frozen=True, slots=True)
class Arm:
    """What is trained, but for the seed.

    Attributes:
        name: In tables: that of the series, and the count where the series has several.
        series: Name in the file.
        stages: Each with one count of photographs and one of pictures.
        varied: What the arms of its series differ in: "photographs" or "pictures"; empty for a series of one.
        count: How many of these; 0 for all.
    """

    name: str
    series: str
    stages: tuple[Stage, ...]
    varied: str = ""
    count: int = 0

    @property
    def file(self) -> str:
        """The name in letters that are safe as a file's."""
        return name_of("", self.name, {})

    @property
    def synthetic(self) -> bool:
        """Whether it learns from synthetic pictures alone."""
        return all(stage.real == 0 for stage in self.stages)

    @property
    def real(self) -> bool:
        """Whether it learns from real pictures alone."""
        return all(stage.real == 1 for stage in self.stages)


def arms_of(experiment: ExperimentConfig, path: Path) -> tuple[Arm, ...]:
    """Lay out the arms in the order of the file; `path` is the file, for messages.

    Raises:
        ConfigError: Two arms have one name, or there is no such reference.
    """
    arms = tuple(arm for name, stages in experiment.arms.items() for arm in _series(name, stages))
    names = [arm.name for arm in arms]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{path}: two arms are called {name!r}; give one another name")
    reference_of(experiment, arms, path)
    return arms


def reference_of(experiment: ExperimentConfig, arms: Sequence[Arm], path: Path) -> Arm:
    """Return the arm that the others are compared with: of a series with several counts, that with most pictures.

    Raises:
        ConfigError: There is none of that name.
    """
    named = [arm for arm in arms if experiment.reference in (arm.name, arm.series)]
    if not named:
        known = ", ".join(dict.fromkeys(arm.series for arm in arms))
        raise ConfigError(f"{path}: reference: no arm {experiment.reference!r}; there are: {known}")
    return max(named, key=lambda arm: arm.count or float("inf"))


def _series(name: str, stages: Sequence[Stage]) -> Iterator[Arm]:
    """Yield an arm for each count, where one is given several times."""
    several = [(stage, field) for stage in stages for field in COUNTED if len(getattr(stage, field)) > 1]
    if not several:
        yield Arm(name, name, tuple(stages))
        return
    ((varied, field),) = several  # no arm has more
    for count in getattr(varied, field):
        own = (stage.model_copy(update={field: (count,)}) if stage is varied else stage for stage in stages)
        yield Arm(f"{name}, {f'{count:,}' if count else 'all'} {field}", name, tuple(own), field, count)
