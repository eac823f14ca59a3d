"""What an evaluation tells beyond the scores. No torch in here."""

from __future__ import annotations

from synthgen.core.config import Model
from synthgen.formats.degraded import Camera

__all__ = ["Inspection"]


class Inspection(Model):
    """What else is asked of a model.

    Attributes:
        slices: Whether scores are told by what pictures have in common.
        degrade: The camera through which photographs are scored at five severities; None for none.
        adapt: Whether the model is scored again with batch norm estimated on the pictures.
    """

    slices: bool = False
    degrade: Camera | None = None
    adapt: bool = False

    @property
    def given(self) -> tuple[str, ...]:
        """The options that were given."""
        return tuple(f"--{name}" for name, value in self if value)
