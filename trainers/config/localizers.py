"""Several localizers to be judged beside one another; and one whose post-processing was chosen. No torch in here."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from synthgen.core.config import Model
from trainers.config.clip import ClipConfig
from trainers.config.file_name import FileName
from trainers.config.localizer import LocalizerConfig, PostProcessing, Prompts

__all__ = ["BLIND", "ChosenLocalizer", "LocalizersConfig"]

BLIND = ("centre", "uniform")
"""Methods that look at no picture; every other is compared with both."""
SHARED = ("prompts", "backgrounds", "clip")


class ChosenLocalizer(Model):
    """A localizer with what makes masks of its maps; `synthgen evaluate --localizer` writes one.

    Attributes:
        localizer: How it is opened.
        post: How a map becomes a mask.
        chosen_on: The pictures on which `post` and the localizer's template were chosen.
    """

    localizer: LocalizerConfig
    post: PostProcessing
    chosen_on: str = ""


class LocalizersConfig(Model):
    """Localizers to be judged on the same pictures.

    Attributes:
        localizers: Each by the name that it has in tables and files.
        prompts: What those look for that say no prompts of their own.
        backgrounds: Likewise; see the localizer's own field.
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

    @model_validator(mode="after")
    def _have_places(self) -> LocalizersConfig:
        for template in self.templates:
            if template.count("{}") != 1:
                raise ValueError(f'template {template!r} has no place for a prompt; write one "{{}}"')
        return self

    def templates_of(self, name: str) -> tuple[str, ...]:
        """Return the sentences that are tried with a localizer."""
        config = self.localizers[name]
        told = config.clip is None or "template" in config.model_fields_set
        return (config.template,) if told else self.templates


def _completed(own: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    stands = own.get("method") in BLIND or any(own.get(name) for name in ("clip", "model", "encoder"))
    wanted = [name for name in SHARED if shared.get(name) and not (name == "clip" and stands)]
    return {**{name: shared[name] for name in wanted}, **own}
