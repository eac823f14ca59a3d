"""Models of before: a flat origin, a config without a task, a point without parts, names that are no longer written."""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import Any

__all__ = ["config_of_before", "origin_of_before", "point_of_before"]

LOOP = {
    "weight_decay": 0.0,
    "encoder_rate": 1.0,
    "schedule": "constant",
    "freeze_batch_norm": False,
    "precision": "32-true",
}
DATA = ("manifest_sha256", "fingerprint", "samples", "categories", "licences")


def config_of_before(text: str) -> dict[str, Any]:
    """Return the fields of a config that is stored as JSON, as they are written today; what it leaves out was so."""
    values: dict[str, Any] = {"task": "segmentation", **LOOP, **json.loads(text)}
    values["weights"] = PurePath(values.get("weights", "none")).name  # never an author's folder
    values["name"] = re.sub(r"^\W+|[^\w.+=-]", "_", values.get("name", ""))[:150]
    return values


def origin_of_before(values: dict[str, Any]) -> dict[str, Any]:
    """Return an origin as it is written today; one of today stays as it is."""
    if "sources" in values:
        return values
    score = values["val_foreground_iou"]
    return {
        "sources": [{name: values[name] for name in DATA}],
        "weights": values["weights"],
        "watched": None if score is None else ["val_foreground_iou", score],
    }


def point_of_before(values: dict[str, Any]) -> dict[str, Any]:
    """Return an operating point as it is written today; one that names no parts keeps those it always had."""
    return {"closing": 0.0, "least_area": 0.0001, "least_score": 0.0, **values}
