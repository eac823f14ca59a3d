"""What a classifier cannot learn from, refused before training."""

from __future__ import annotations

from collections.abc import Iterator

from synthgen.core.errors import TrainingError
from synthgen.core.picture import Samples
from synthgen.shards.reader import ShardDataset
from trainers.config.classification import ClassificationConfig
from trainers.loading.columns import label_column
from trainers.loading.photographs import annotated
from trainers.loading.source import TellsLabels

__all__ = ["check_data"]


def check_data(config: ClassificationConfig, dataset: ShardDataset | None, samples: Samples | None) -> None:
    """Check that both labels are there; samples that tell theirs only when they are made are passed over.

    Raises:
        DatasetError: It cannot be read.
        TrainingError: All that is to be learnt from shows a target, or nothing does.
    """
    if samples is not None and not isinstance(samples, TellsLabels):
        return
    seen: set[bool] = set()
    for label in _labels(config, dataset, samples):
        seen.add(label)
        if len(seen) == 2:
            return
    found = "every picture shows a target" if True in seen else "no picture shows a target"
    raise TrainingError(
        f"{config.title}: {found}, so there is nothing to tell apart; "
        "set recipe.negatives within 0–1 and generate anew, or add photographs of the other label"
    )


def _labels(config: ClassificationConfig, dataset: ShardDataset | None, samples: Samples | None) -> Iterator[bool]:
    """Yield the labels that are known, those first that are read fastest."""
    if isinstance(samples, TellsLabels) and config.dataset_share:
        yield from (samples.label(index) > 0 for index in range(len(samples)))
    elif dataset is not None and config.dataset_share:
        labels = label_column(dataset, "train")[: config.samples or None]
        yield from (bool(label) for label in labels if label >= 0)
    for source in config.photographs:
        photographs = annotated(source)
        truths = (photographs[index].truth for index in range(len(photographs)))
        yield from (truth.label > 0 for truth in truths if truth.label is not None)
