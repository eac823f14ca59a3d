"""A model whose batch norm goes by the statistics of the pictures that it is scored on, not by those it learnt from.

The pictures are used, but not their truth (Schneider et al. 2020; Nado et al. 2020). Such a score is transductive: it
is worth what it says only where many pictures of the same camera can be had before the first is judged.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np

from synthgen.core.errors import DatasetError, TrainingError
from synthgen.core.letterbox import Fit
from synthgen.core.picture import Samples
from trainers.learn.batch_norm import estimated_anew, has_statistics
from trainers.learn.checkpoint import TrainedModel
from trainers.score.load import load_batches

__all__ = ["adapted", "check_adaptable"]

BATCH = 32  # at most


def adapted(model: TrainedModel, samples: Samples, fit: Fit = "letterbox") -> TrainedModel:
    """Return the model with all its batch norm estimated anew on the pictures; the given one stays as it is.

    Mean and variance are the means of those of batches of about 32 pictures, in order, as the network sees them.

    Raises:
        TrainingError: It has no batch norm.
        DatasetError: There are fewer than two pictures, or one cannot be read.
    """
    check_adaptable(model)
    count = len(samples)
    if count < 2:
        raise DatasetError(f"{model.title}: batch norm cannot be estimated on {count} picture; give two or more")
    batch = next(size for size in range(BATCH, 1, -1) if count % size != 1)  # one picture alone has no variance
    other = replace(model, network=deepcopy(model.network))
    with estimated_anew(other.network):
        for pictures in load_batches(samples, batch=batch, size=model.size, fit=fit):
            other.outputs(np.stack([picture.image for picture in pictures]))
    return other


def check_adaptable(model: TrainedModel) -> None:
    """Refuse what has nothing to estimate anew.

    Raises:
        TrainingError: The network has no batch norm.
    """
    if not has_statistics(model.network):
        raise TrainingError(f"{model.title}: has no batch norm whose statistics could be estimated; leave --adapt out")
