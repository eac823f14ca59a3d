"""Classes that a task tells apart: all targets as one, or the categories of the dataset. No torch in here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from synthgen.core.classes import Classes, name_in
from synthgen.core.config import Model
from synthgen.core.errors import ConfigError

__all__ = ["ClassesConfig"]

Names = Annotated[tuple[str, ...], Field(min_length=1)]


class ClassesConfig(Model):
    """What of a target's category is learnt; a base of tasks that tell classes apart.

    Attributes:
        classes: "one" for all targets as one class without a name; "categories" for those of the dataset, after
            `class_map`; or the names of the classes, in this order. A model's own config has the names.
        class_map: Category → class, to rename and to merge; null drops a category: it is no target then. "*" is every
            category that is not named.
    """

    classes: Literal["one", "categories"] | Names = "one"
    class_map: dict[str, str | None] = Field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The classes; none where all targets are one, or where the dataset has yet to say."""
        return () if isinstance(self.classes, str) else self.classes

    @property
    def outputs(self) -> int:
        """Number of classes, 1 where all targets are one."""
        return max(1, len(self.names))

    def number_of(self, category: str) -> int | None:
        """Return the place of a category's class, from 0; None where it is dropped, or is none of the classes."""
        if not self.names:
            return 0
        name = name_in(self.class_map, category)
        return self.names.index(name) if name in self.names else None

    def with_categories(self, categories: Sequence[str]) -> Self:
        """Return the same with the names of the classes that a dataset's `categories` have.

        Raises:
            ConfigError: `class_map` names no category, or drops them all.
        """
        if self.classes != "categories":
            return self
        return self.model_copy(update={"classes": Classes.of(categories, self.class_map).names})

    @model_validator(mode="after")
    def _distinct(self) -> ClassesConfig:
        if len({*self.names}) < len(self.names):
            raise ValueError(f"classes: one stands there twice: {', '.join(self.names)}")
        if self.names:
            _check_names(self.names)
        if self.class_map and self.classes == "one":
            raise ValueError("class_map goes with classes: categories; with one class all targets are the same")
        return self


def _check_names(names: Sequence[str]) -> None:
    try:
        Classes.of(names)
    except ConfigError as error:
        raise ValueError(f"classes: {error}") from None
