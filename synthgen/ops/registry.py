"""Ops by name, each registered once with its recipe; the recipe sections that draw ops follow from it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from synthgen.core.config import Model
from synthgen.core.registry import Registry

__all__ = ["Growing", "OpRegistry", "OpSection"]


class OpRegistry(Registry[type[Any]]):
    """Ops by name: frozen dataclasses of drawn numbers. Each op is a field of the registry's recipe section, too."""

    def __init__(self, noun: str) -> None:
        """Start empty; `noun` names an op in messages, e.g. "blend"."""
        super().__init__(noun)
        self._recipes: dict[str, type[Model]] = {}
        self._section: type[OpSection] | None = None

    def register(self, name: str, op: type[Any], recipe: type[Model]) -> type[Any]:  # type: ignore[override]
        """Add `op` under `name`; `recipe` holds its ranges, and its `draw(rng)` gives an `op`.

        Register before a config that names the op is validated, and in every process that draws or renders it.

        Raises:
            ValueError: The name is taken, by another op or by a setting of the section.
        """
        if self._section is not None and hasattr(self._section(), name) and name not in self:
            raise ValueError(
                f"{self.noun} {name!r} would hide a setting of {self._section.__name__}; choose another name"
            )
        super().register(name, op)
        self._recipes[name] = recipe
        if self._section is not None:
            self._section.extend({name: recipe})
        return op

    def fill(self, section: type[OpSection]) -> None:
        """Give `section` a field for every op, and for those that will be registered later."""
        self._section = section
        section.extend(self._recipes)


class OpSection(Model):
    """Base of the recipe sections that draw ops: a field for each op of `registry`, beside the section's own."""

    registry: ClassVar[OpRegistry]

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Fill a section that names its registry."""
        super().__pydantic_init_subclass__(**options)
        if "registry" in vars(cls):
            cls.registry.fill(cls)

    @classmethod
    @abstractmethod
    def field_for(cls, recipe: type[Model], description: str) -> FieldInfo:
        """Return the field of an op that has this recipe."""

    @classmethod
    def extend(cls, recipes: Mapping[str, type[Model]]) -> None:
        """Add the fields of registered ops."""
        for name, recipe in recipes.items():
            description = (cls.registry[name].__doc__ or "").partition("\n")[0]
            cls.model_fields[name] = cls.field_for(recipe, description)
        cls.model_rebuild(force=True)


class Growing:
    """Marks a field whose type is an `OpSection`: it is validated as the section is when validation happens.

    pydantic copies the fields of a section into the model around it, where an op registered later would be unknown.
    """

    def __get_pydantic_core_schema__(self, section: type[OpSection], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Ask the section itself."""
        self._section = section
        return core_schema.no_info_plain_validator_function(section.model_validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the section as it is now."""
        return handler(self._section.__pydantic_core_schema__)
