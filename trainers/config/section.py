"""The section `training` of pipeline.yaml: a list of trainings, each of the task that it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, RootModel, SerializeAsAny, ValidationInfo, model_validator

from synthgen.core.yaml_file import validated
from trainers.config.loop import TrainingConfig
from trainers.config.registry import CONFIGS

__all__ = ["TrainingSection", "training_config", "training_model", "validated_training"]


def training_model(task: str) -> type[TrainingConfig]:
    """Return the config model of a task.

    Raises:
        ConfigError: There is no such task.
    """
    model: type[TrainingConfig] = CONFIGS[task]
    return model


def training_config(values: Any, context: dict[str, Any] | None = None) -> TrainingConfig:
    """Validate one training; `task` picks the model, segmentation where there is none.

    Raises:
        ValidationError: A field is unknown or wrong; `task` is not registered.
    """
    if not isinstance(values, Mapping):
        return TrainingConfig.model_validate(values, context=context)
    task = values.get("task", "segmentation")
    model = training_model(task) if isinstance(task, str) and task in CONFIGS else _UnknownTask
    return model.model_validate(values, context=context)


def validated_training(values: Mapping[str, Any], where: Path | str, *, base: Path) -> TrainingConfig:
    """Validate one training; relative paths in it start at `base`, and `where` opens each line of a message.

    Raises:
        ConfigError: There is no such task; a field is unknown or wrong.
    """
    return validated(training_model(str(values.get("task", "segmentation"))), values, where, base=base)


class _UnknownTask(TrainingConfig):
    """Never valid: says which tasks there are."""

    @model_validator(mode="before")
    @classmethod
    def _refuse(cls, values: Mapping[str, Any]) -> None:
        raise ValueError(f"unknown task {values['task']!r}; choose one of: {', '.join(CONFIGS)}")


def _by_task(values: Any, info: ValidationInfo) -> TrainingConfig:
    return values if isinstance(values, TrainingConfig) else training_config(values, info.context)


Training = Annotated[SerializeAsAny[TrainingConfig], BeforeValidator(_by_task)]


class TrainingSection(RootModel[tuple[Training, ...]]):
    """A list of trainings with distinct names."""

    @model_validator(mode="after")
    def _distinct(self) -> TrainingSection:
        titles = [config.title for config in self.root]
        for title in titles:
            if titles.count(title) > 1:
                raise ValueError(f"two trainings are called {title!r}; give one a name of its own")
        return self
