"""Write the tables of docs/reference.md from the config models.

A field's meaning is what its model's docstring says of it under `Attributes:`; so the models are the one place to
change. `tests/test_project.py` compares the page with what this would write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from synthgen.config import GenerationConfig
from synthgen.core.grouping import GroupPattern
from synthgen.core.paths import LocalFile, LocalFolder, LocalPath, LocalSource
from synthgen.core.ranges import CountRange, FloatRange, Mixture, Within
from synthgen.ops.blend.registry import BlendRecipe
from synthgen.ops.camera.effect import EffectRecipe
from synthgen.ops.camera.registry import CameraRecipe
from synthgen.ops.harmonize.registry import HarmonizeRecipe
from synthgen.ops.harmonize.strength import StrengthRecipe
from synthgen.ops.light import LightRecipe
from synthgen.ops.shadow.registry import ShadowRecipe
from synthgen.scene.grounds import PlainRecipe
from synthgen.scene.recipe import Recipe
from trainers.config.classification import ClassificationConfig
from trainers.config.contrastive import ContrastiveConfig
from trainers.config.detection import DetectionConfig
from trainers.config.evaluation import EvaluationConfig
from trainers.config.file_name import FileName
from trainers.config.localize import LocalizeConfig
from trainers.config.localizers import LocalizersConfig
from trainers.config.loop import TrainingConfig
from trainers.config.operating_point import OperatingPoint
from trainers.config.pseudo_label import PseudoLabelConfig
from trainers.config.registry import CONFIGS, OneOf
from trainers.config.segmentation import SegmentationConfig
from trainers.experiment.config import ExperimentConfig, Stage
from trainers.loop.config import LoopConfig
from trainers.study.config import StudyConfig

PAGE = Path(__file__).with_name("reference.md")

Model = type[BaseModel]
WORDS: dict[Any, str] = {
    Any: "anything",
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    LocalFile: "file",
    LocalFolder: "folder",
    LocalPath: "path",
    LocalSource: "file or folder",
    FileName: "name of a folder",
    GroupPattern: "regular expression",
}
RANGE = {"min", "max", "strata", "weight"}
COUNTS = {2: "two", 3: "three"}
LIMITS = {"ge": "from", "gt": "above", "le": "at most", "lt": "below"}
NUMBERS = {2**64: "2⁶⁴", 10**12: "10¹²"}


class Row(NamedTuple):
    """What is said of one field of a config."""

    key: str
    value: str
    default: str
    meaning: str


class Table(NamedTuple):
    """The fields of a model, each followed by those of the models within it.

    Attributes:
        model: It.
        prefix: What stands before the keys.
        apart: Keys whose inner fields have a table of their own.
        base: Model whose fields are told elsewhere.
        shared: Base of inner models, whose fields are told once, at the end.
    """

    model: Model
    prefix: str = ""
    apart: tuple[str, ...] = ()
    base: Model | None = None
    shared: Model | None = None


OPS = ("recipe.background.plain", "recipe.light", "recipe.harmonize", "recipe.shadow", "recipe.blend", "recipe.camera")
TABLES = {
    "pipeline": Table(GenerationConfig, apart=("recipe",)),
    "recipe": Table(Recipe, "recipe.", apart=OPS),
    "blends": Table(BlendRecipe, "recipe.blend."),
    "harmonisers": Table(HarmonizeRecipe, "recipe.harmonize.", shared=StrengthRecipe),
    "light": Table(LightRecipe, "recipe.light."),
    "plain grounds": Table(PlainRecipe, "recipe.background.plain."),
    "shadows": Table(ShadowRecipe, "recipe.shadow."),
    "camera": Table(CameraRecipe, "recipe.camera.", shared=EffectRecipe),
    "training": Table(TrainingConfig),
    "segmentation": Table(SegmentationConfig, base=TrainingConfig),
    "detection": Table(DetectionConfig, base=TrainingConfig),
    "classification": Table(ClassificationConfig, base=TrainingConfig),
    "contrastive": Table(ContrastiveConfig, base=TrainingConfig),
    "evaluation": Table(EvaluationConfig, "evaluation."),
    "operating point": Table(OperatingPoint),
    "experiment": Table(ExperimentConfig, apart=("real", "evaluation", "arms")),
    "stage": Table(Stage),
    "loop": Table(LoopConfig, apart=("scored", "evaluation")),
    "pseudo-labels": Table(PseudoLabelConfig),
    "localize": Table(LocalizeConfig),
    "localizers": Table(LocalizersConfig, apart=("localizers", "clip")),
    "study": Table(StudyConfig, apart=("evaluation",)),
}


def main() -> None:
    """Write it."""
    PAGE.write_text(written())


def written() -> str:
    """Return docs/reference.md with its tables replaced."""
    page = PAGE.read_text()
    for name, it in TABLES.items():
        begin, end = f"<!-- {name}: written by docs/build_reference.py -->\n", f"<!-- end of {name} -->"
        before, rest = page.split(begin)
        page = f"{before}{begin}\n{table(rows(it))}\n{end}{rest.split(end)[1]}"
    return page


def rows(it: Table) -> Iterator[Row]:
    """Iterate over the rows of a table."""
    own = vars(it.model).get("__annotations__", {})
    passed = {name for name in it.base.model_fields if name not in own} if it.base else set()
    for row in fields(it.model, it, it.prefix, passed):
        yield row._replace(value=choices(CONFIGS), default="segmentation") if row.key == "task" and not it.base else row
    if it.shared is not None:
        yield from fields(it.shared, it, f"{it.prefix}NAME.")


def fields(model: Model, it: Table, prefix: str, passed: Iterable[str] = (), given: Any = None) -> Iterator[Row]:
    """Iterate over rows; `given` is the default of the whole model, if there is one: it decides those of its fields."""
    hints, meanings = get_type_hints(model, include_extras=True), meanings_of(model)
    for name in [name for name in model.model_fields if name not in passed]:
        key, info = prefix + name, model.model_fields[name]
        hint = hints.get(name, info.annotation)
        default = info.get_default(call_default_factory=True) if given is None else getattr(given, name)
        if name not in meanings:
            raise SystemExit(f"{model.__module__}.{model.__name__}: say under `Attributes:` what {name} means")
        yield Row(key, words(hint, info.metadata), shown(default), meanings[name])
        inner, path = inner_model(hint)
        if inner is not None and key not in it.apart:
            told = it.shared.model_fields if it.shared is not None and issubclass(inner, it.shared) else ()
            yield from fields(inner, it, key + path, told, default if isinstance(default, inner) else None)


def meanings_of(model: Model) -> dict[str, str]:
    """Return what a model's docstring, or one of a model that it builds upon, says of each field.

    A model with one field of its own may say it in its first line. Fields that are ops are described by these.
    """
    found: dict[str, str] = {}
    for part in reversed([part for part in model.__mro__ if issubclass(part, BaseModel)]):
        text = cleandoc(part.__doc__ or "")
        own = [name for name in vars(part).get("__annotations__", ()) if name in model.model_fields]
        if len(own) == 1 and own[0] not in found:
            found[own[0]] = text.partition("\n")[0]
        listed = re.search(r"(?ms)^Attributes:\n(.*?)(?=^\S|\Z)", text)
        for name, meaning in re.findall(r"(?ms)^    (\w+): (.*?)(?=^    \w|\Z)", listed[1] if listed else ""):
            found[name] = " ".join(meaning.split())
    described = {name: info.description for name, info in model.model_fields.items() if info.description}
    return {name: in_code(text) for name, text in {**found, **described}.items()}


def in_code(text: str) -> str:
    """Return a docstring's text as Markdown: quoted words are code."""
    return re.sub(r'"([^"\s]+)"', r"`\1`", text).replace("|", "\\|")


def words(hint: Any, bounds: Iterable[Any] = ()) -> str:
    """Return in plain words what a type takes."""
    bounds = [part for bound in bounds for part in (bound.metadata if isinstance(bound, FieldInfo) else (bound,))]
    if hint in WORDS:
        return WORDS[hint] + (limits(bounds) if hint in (int, float) else "")
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        known = next((bound.registry for bound in inner if isinstance(bound, OneOf)), None)
        return words(inner[0], (*inner[1:], *bounds)) if known is None else choices(known)
    if origin in (Union, UnionType):
        return ", or ".join(words(part, bounds) for part in inner if part is not NoneType)
    if origin is Literal:
        return choices(inner)
    if origin is tuple and inner[-1] is not Ellipsis:
        return f"{COUNTS[len(inner)]} {several(words(inner[0]))}"
    if origin is tuple:
        some = any(getattr(bound, "min_length", 0) for bound in bounds)
        return f"list of {several(words(inner[0]))}{', at least one' if some else ''}"
    if origin is dict:
        return "mapping" if inner[1] is Any else f"{several(words(inner[1]))} by name"
    return range_words(hint, bounds) if is_range(hint) else "mapping"


def choices(names: Iterable[str]) -> str:
    """Return what one may choose among."""
    return ", ".join(f"`{name}`" for name in names)


def several(word: str) -> str:
    """Return the plural of a word of `words`."""
    return re.sub(r"^(whole number|number|text|file|folder|range|mapping)\b", r"\1s", word)


def is_range(model: Any) -> bool:
    """Return whether a type is a range and nothing else."""
    kinds = FloatRange | CountRange
    return isinstance(model, type) and issubclass(model, kinds) and set(model.model_fields) <= RANGE


def range_words(model: Model, bounds: Iterable[Any]) -> str:
    """Return what a range takes."""
    whole = " of whole numbers" if issubclass(model, CountRange) else ""
    within = next((bound for bound in bounds if isinstance(bound, Within)), None)
    said = "" if within is None else f" within {number(within.low)}–{number(within.high)}"
    above = f", {number(within.low)} excluded" if within is not None and within.above else ""
    return f"range{whole}{said}{above}" + (", or strata" if issubclass(model, Mixture) else "")


def limits(bounds: Iterable[Any]) -> str:
    """Return the limits of a number."""
    found = {name: getattr(bound, name) for bound in bounds for name in LIMITS if hasattr(bound, name)}
    if "ge" in found and "le" in found:
        return f", {number(found['ge'])}–{number(found['le'])}"
    return "".join(f", {word} {number(found[name])}" for name, word in LIMITS.items() if name in found)


def inner_model(hint: Any) -> tuple[Model | None, str]:
    """Return the model whose fields a field holds, and what stands between its key and theirs."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return inner_model(inner[0])
    if origin in (Union, UnionType, tuple, dict):
        path = {tuple: "[]", dict: ".NAME"}.get(origin, "")
        for part in inner:
            model, further = inner_model(part)
            if model is not None:
                return model, path + further
    if isinstance(hint, type) and issubclass(hint, BaseModel) and not is_range(hint):
        return hint, "."
    return None, ""


def shown(default: Any) -> str:
    """Return a default in plain words."""
    if default is PydanticUndefined:
        return "required"
    if isinstance(default, bool):
        return str(default).lower()
    if default is None or (not isinstance(default, BaseModel | int | float) and not default):
        return "none"
    if isinstance(default, BaseModel):
        return f"{number(default.min)}–{number(default.max)}" if is_range(type(default)) else ""
    if isinstance(default, tuple):
        return f"{len(default)} of them" if isinstance(default[0], BaseModel) else f"[{', '.join(map(shown, default))}]"
    return number(default) if isinstance(default, int | float) else str(default)


def number(value: float) -> str:
    """Return a number as one reads it."""
    return NUMBERS.get(value) or (f"{value:,.0f}" if value == int(value) else f"{value:.4g}").replace("-", "−")


def table(found: Iterable[Row]) -> str:
    """Return rows as a table in Markdown."""
    lines = "".join(f"| `{row.key}` | {row.value} | {row.default} | {row.meaning} |\n" for row in found)
    return "| key | value | default | meaning |\n|---|---|---|---|\n" + lines


if __name__ == "__main__":
    main()
