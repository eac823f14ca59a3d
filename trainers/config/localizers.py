"""Several localizers to be judged beside one another. No torch in here."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from synthgen.core.config import Model
from trainers.config.clip import ClipConfig
from trainers.config.file_name import FileName
from trainers.config.localizer import LocalizerConfig, Prompts, with_place

__all__ = ["BLIND", "LocalizersConfig"]

BLIND = ("centre", "uniform")
"""Methods that look at no picture; every other is compared with both."""
SHARED = ("prompts", "backgrounds", "clip")


class LocalizersConfig(Model):
    """Localizers to be judged on the same pictures.

    Attributes:
        localizers: Each by the name that it has in tables and files.
        prompts: What those look for that say no prompts of their own.
        backgrounds: Of those that stand on a CLIP and say none of their own.
        clip: The CLIP of those that look and name neither a `clip` nor a `model` nor an `encoder`.
        templates: Sentences that are tried in turn with each localizer that stands on a CLIP and says none of its own.
            The one that does best where the post-processing is chosen is kept.
        names: What a class of the pictures is called in a prompt, where pictures are asked for by their class:
            `{n04086273: revolver}`. A class that is not named here is called what it is.
    """

    localizers: Annotated[dict[FileName, LocalizerConfig], Field(min_length=1)]
    prompts: Prompts = ()
    backgrounds: Prompts = ()
    clip: ClipConfig | None = None
    templates: Annotated[Prompts, Field(min_length=1)] = ("{}",)
    names: dict[str, Annotated[str, Field(min_length=1)]] = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _share(cls, values: Any) -> Any:
        """Give each localizer what it does not say itself."""
        localizers = values.get("localizers") if isinstance(values, dict) else None
        if not isinstance(localizers, dict):
            return values
        own = {name: _completed(each, values) if isinstance(each, dict) else each for name, each in localizers.items()}
        return {**values, "localizers": own}

    @field_validator("templates")
    @classmethod
    def _have_places(cls, templates: Prompts) -> Prompts:
        return tuple(map(with_place, templates))

    def templates_of(self, name: str) -> tuple[str, ...]:
        """Return the sentences that are tried with a localizer."""
        config = self.localizers[name]
        told = config.clip is None or "template" in config.model_fields_set
        return (config.template,) if told else self.templates


def _completed(own: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """Return what a localizer says, and what all say where it can use that."""
    stands = own.get("method") in BLIND or any(own.get(name) for name in ("model", "encoder"))
    wanted = ("prompts",) if stands else SHARED
    return {**{name: shared[name] for name in wanted if shared.get(name)}, **own}
