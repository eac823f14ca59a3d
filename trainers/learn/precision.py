"""Which precision "auto" stands for: bfloat16 where a device computes with it, else 32 bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch

from trainers.config.loop import TrainingConfig

__all__ = ["Exact", "fast_precision", "precision_of"]

Exact = Literal["32-true", "bf16-mixed", "16-mixed"]
CPU_FEATURES = ("avx512_bf16", "amx_bf16")  # a step takes half the time with the former, and longer without either


def precision_of(config: TrainingConfig) -> Exact:
    """Return the precision of a training on this machine."""
    if config.precision != "auto":
        return config.precision
    gpu = config.device != "cpu" and torch.cuda.is_available()
    # an older torch does not tell what a CPU can do
    features: Mapping[str, Any] = {} if gpu else getattr(torch.cpu, "get_capabilities", dict)()
    return fast_precision(features, gpu=gpu and torch.cuda.is_bf16_supported(including_emulation=False))


def fast_precision(features: Mapping[str, Any], *, gpu: bool) -> Exact:
    """Return bf16-mixed if a GPU has bfloat16, or the CPU one of the `features` for it, by name; else 32-true."""
    return "bf16-mixed" if gpu or any(features.get(name) for name in CPU_FEATURES) else "32-true"
