"""The localizers that are judged, out of the file or the folder that names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthgen.core.errors import ConfigError
from synthgen.core.yaml_file import read_yaml, validated
from trainers.config.localizer import ChosenLocalizer, LocalizerConfig, PostProcessing
from trainers.config.localizers import BLIND, LocalizersConfig

__all__ = ["Candidate", "Lineup", "lineup_of"]

NOUN = "file of localizers"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A localizer to be judged.

    Attributes:
        name: In tables and files.
        config: How it is opened.
        templates: Sentences that are tried in turn.
        post: What makes masks of its maps, where that was chosen before.
    """

    name: str
    config: LocalizerConfig
    templates: tuple[str, ...]
    post: PostProcessing | None = None


@dataclass(frozen=True, slots=True)
class Lineup:
    """All localizers that are judged beside one another.

    Attributes:
        candidates: Those that look at nothing first.
        prompts: What each picture is asked for; empty where each localizer has prompts of its own.
        names: What a class of the pictures is called in a prompt, where it is not called what it is.
    """

    candidates: tuple[Candidate, ...]
    prompts: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def knows(self, shown: str) -> bool:
        """Whether all can be asked for what a picture shows: one that stands on an encoder knows its classes alone."""
        name = self.names.get(shown, shown)
        return all(name in each.config.classes for each in self.candidates if each.config.ground == "encoder")


def lineup_of(path: Path, shown: Sequence[str] = ()) -> Lineup:
    """Return the localizers of a file, or of each file of a folder, and those that look at nothing.

    A file is a `LocalizersConfig`, or a `ChosenLocalizer`, which is called as the file is. A folder holds files of the
    latter kind.

    Args:
        path: The file or folder.
        shown: What each picture shows, where each is asked for that; it takes the place of the file's prompts.

    Raises:
        ConfigError: There is none, or a file cannot be read or says something wrong.
    """
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise ConfigError(f"{path}: holds no .yaml; give a {NOUN}, or a folder of chosen ones")
    if not path.is_dir() and "localizer" not in (values := read_yaml(path, NOUN)):
        config = validated(LocalizersConfig, _asked(values, shown), path, base=path.parent)
        names, prompts = config.names, tuple(config.names.get(each, each) for each in shown)
        named = {name: config.templates_of(name) for name in config.localizers}
        found = [Candidate(name, config.localizers[name], templates) for name, templates in named.items()]
    else:
        names, prompts, found = {}, tuple(shown), [_chosen(file) for file in files]
    if prompts:
        wanted = tuple(dict.fromkeys(prompts))
        found = [_asking(each, wanted) for each in found]
    methods = {each.config.method for each in found}
    asked = found[0].config.prompts
    blind = [Candidate(name, LocalizerConfig(method=name, prompts=asked), ("{}",)) for name in BLIND]
    return Lineup((*(each for each in blind if each.name not in methods), *found), prompts, names)


def _asked(values: dict[str, Any], shown: Sequence[str]) -> dict[str, Any]:
    """Return what a file says; its prompts need not be there where the pictures say what they show."""
    if not shown:
        return values
    told = values.get("localizers")
    own = {name: _by_class(each) for name, each in told.items()} if isinstance(told, dict) else told
    return {**values, "localizers": own, "prompts": values.get("prompts") or list(dict.fromkeys(shown))}


def _by_class(localizer: Any) -> Any:
    """Let a localizer with classes begin with these as its prompts: it knows no others."""
    classes = localizer.get("classes") if isinstance(localizer, dict) else None
    return {"prompts": list(classes), **localizer} if classes and isinstance(classes, dict) else localizer


def _chosen(file: Path) -> Candidate:
    chosen = validated(ChosenLocalizer, read_yaml(file, NOUN), file, base=file.parent)
    return Candidate(file.stem, chosen.localizer, (chosen.localizer.template,), chosen.post)


def _asking(candidate: Candidate, prompts: tuple[str, ...]) -> Candidate:
    config = candidate.config.model_copy(update={"prompts": prompts})
    return Candidate(candidate.name, config, candidate.templates, candidate.post)
