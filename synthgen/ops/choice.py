"""What blends, harmonisers and shadows have in common: a recipe section that chooses one by name.

A section has `modes` and a field of the same name for each op; a drawn op is a frozen dataclass
that goes into the scene as {"kind": name, …numbers}.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field, field_validator
from pydantic.fields import FieldInfo

from synthgen.core.config import Model
from synthgen.core.registry import Registry
from synthgen.ops.registry import OpSection

__all__ = ["ChoiceRecipe", "frozen", "op_from_json", "op_to_json"]


class ChoiceRecipe(OpSection):
    """Base of the sections: names, each equally often, and the ranges of each.

    Attributes:
        modes: Names from the section's registry.
    """

    modes: tuple[str, ...] = Field(min_length=1)

    @field_validator("modes")
    @classmethod
    def _known(cls, modes: tuple[str, ...]) -> tuple[str, ...]:
        for mode in modes:
            if mode not in cls.registry:
                raise ValueError(f"unknown {cls.registry.noun} {mode!r}; choose among: {', '.join(cls.registry)}")
        return modes

    @classmethod
    def field_for(cls, recipe: type[Model], description: str) -> FieldInfo:
        """Return a field that holds the op's own ranges unless others are given."""
        return FieldInfo(annotation=recipe, default=recipe(), description=description)

    def draw_mode(self, rng: np.random.Generator) -> str:
        """Choose a name."""
        return self.modes[int(rng.integers(len(self.modes)))] if len(self.modes) > 1 else self.modes[0]

    def draw_numbers(self, mode: str, rng: np.random.Generator) -> Any:
        """Draw the op of that name."""
        return getattr(self, mode).draw(rng)

    def draw(self, rng: np.random.Generator) -> Any:
        """Choose an op and draw its numbers."""
        return self.draw_numbers(self.draw_mode(rng), rng)


def op_to_json(registry: Registry[type[Any]], op: Any) -> dict[str, Any]:
    """Return {"kind": name, …numbers}."""
    return {
        "kind": registry.name_of(type(op)),
        **{name: getattr(op, name) for name in op.__slots__},
    }  # asdict copies, at five times the cost


def op_from_json(registry: Registry[type[Any]], value: dict[str, Any]) -> Any:
    """Rebuild what `op_to_json` wrote.

    Raises:
        ConfigError: The kind is unknown to this version.
    """
    numbers = {name: frozen(entry) for name, entry in value.items() if name != "kind"}
    return registry[value["kind"]](**numbers)


def frozen(value: Any) -> Any:
    """Turn JSON's lists into the tuples they were."""
    return tuple(frozen(item) for item in value) if isinstance(value, list) else value
