"""What an import is told: checked before any work."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationError

from synthgen.core.config import Model
from synthgen.core.errors import ConfigError
from synthgen.core.grouping import GroupPattern
from synthgen.core.types import MaskSource, Role

__all__ = ["ImportSettings", "checked_settings"]


class ImportSettings(Model):
    """How a source is taken in.

    Attributes:
        name: What the source is called in the names of groups.
        role: Of what is imported: "target", "distractor" or "background"; None for what the source says, or target.
        category: Of what the source does not name.
        classes: Categories renamed, merged (two to one name), or dropped (to None).
        min_size: Least long side of an object, pixels.
        source: For the catalog, where the source itself says nothing, its name by default; likewise `licence` and
            `author`.
        group_by: Regular expression; what it matches in a name, its first group or all, is the group.
        licence: As `source`.
        author: As `source`.
        invert: Masks are black where the object is.
        truncated: What becomes of objects that are cut off: "refuse", or "edge", to lie at the frame's edge.
        mask_source: Who outlined the objects that are marked on photographs.
        alike: What becomes of an object that looks like one that is there: "group", it joins its group, or "refuse".
        every: Seconds of a video that one background is taken from.
        clip: A video is taken in frame by frame, blurred and unchanged ones, too, so that it can be shown as one.
    """

    name: str = Field(default="source", min_length=1)
    role: Role | None = None
    category: str = Field(default="object", min_length=1)
    classes: dict[str, str | None] = Field(default_factory=dict)
    min_size: int = Field(default=32, ge=1, le=100_000)
    source: str = ""
    group_by: GroupPattern = ""
    licence: str = ""
    author: str = ""
    invert: bool = False
    truncated: Literal["refuse", "edge"] = "refuse"
    mask_source: MaskSource = "gt"
    alike: Literal["group", "refuse"] = "group"
    every: float = Field(default=2.0, gt=0, le=86_400)
    clip: bool = False


def checked_settings(**options: object) -> ImportSettings:
    """Make settings of the command's options.

    Raises:
        ConfigError: A value cannot be; the message names the option.
    """
    try:
        return ImportSettings.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        option = f"--{str(first['loc'][0]).replace('_', '-')}" if first["loc"] else "options"
        raise ConfigError(f"{option}: {first['msg'].removeprefix('Value error, ')}") from None
