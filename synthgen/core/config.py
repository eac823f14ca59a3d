"""The base of every config section."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

__all__ = ["Model"]

STRICT = ("bool", "int", "float", "str")  # what YAML and JSON have types for


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Iterate over a schema and all that it holds."""
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list | tuple) else ()
    if isinstance(schema, dict):
        yield schema
    for part in inner:
        yield from _parts(part)


class Model(BaseModel):
    """Base of every config section: unknown keys, NaN and infinities are errors; values are frozen.

    Numbers, text and booleans must be given as such: "10" is no number, true is no 1. A whole number may stand for
    a fraction. What YAML cannot say is converted: lists become tuples, text becomes paths.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Make the plain types strict; `strict` of pydantic would refuse lists and text where it has no type."""
        schema = handler(source)
        for part in _parts(schema):
            if part.get("type") in STRICT:
                part["strict"] = True
        return schema
