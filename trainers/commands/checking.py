"""What `synthgen doctor` says of the trainers: torch, and the devices that it sees."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from synthgen.core.text import size_text
from synthgen.start.machine import Check

__all__ = ["check_devices"]

EXTRA = ("torchvision", "segmentation-models-pytorch", "timm", "lightning", "torchmetrics", "kornia", "onnxruntime")


def check_devices() -> Iterator[Check]:
    """Yield what there is to train with; an environment without torch is one that only generates."""
    if find_spec("torch") is None:
        yield Check("torch", "ok", "not installed, so nothing can be trained here", "")
        return
    import torch

    missing = [name for name in EXTRA if not _installed(name)]
    found = f"torch {torch.__version__}"
    if missing:
        yield Check("torch", "broken", f"{found}; missing: {', '.join(missing)}", "pip install 'synthgen[train]'")
    else:
        yield Check("torch", "ok", found)
    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            free, whole = torch.cuda.mem_get_info(number)
            name = torch.cuda.get_device_name(number)
            yield Check("device", "ok", f"{name}, {size_text(free)} free of {size_text(whole)}")
    elif torch.backends.mps.is_available():
        yield Check("device", "ok", "Apple GPU (mps)")
    elif torch.version.cuda is not None and _has_nvidia():
        yield Check(
            "device",
            "warning",
            f"an NVIDIA driver is there, and torch for CUDA {torch.version.cuda} sees no device",
            "install a driver that this torch supports, or a torch for this driver",
        )
    else:
        yield Check("device", "ok", "no GPU: trainings run on the processor")


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _has_nvidia() -> bool:
    return Path("/proc/driver/nvidia/version").exists()
