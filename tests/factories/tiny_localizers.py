"""Localizers for tests: one that looks at colours, and says so as a registered method would."""

from collections.abc import Mapping, Sequence

import pytest
import torch

from synthgen.core.errors import TrainingError
from trainers.config.registry import LOCALIZERS


class Coloured:
    """Finds what is of the colour that a prompt names, on a grid of 32×32."""

    title, size, device, positive = "coloured", (32, 32), torch.device("cpu"), True
    params: Mapping[str, object] = {"by": "colour"}
    shown = 0

    def relevance(self, pixels: torch.Tensor, prompts: Sequence[str]) -> torch.Tensor:
        Coloured.shown += len(pixels)
        channels = [("red", "green", "blue").index(prompt) for prompt in prompts]
        return torch.stack([pixels[:, own] - 0.5 * (pixels.sum(1) - pixels[:, own]) for own in channels], dim=1)


def coloured(config):
    """Open it, unless a prompt is no colour."""
    for prompt in config.prompts:
        if prompt not in ("red", "green", "blue"):
            raise TrainingError(f"prompt {prompt!r}: no colour; give red, green or blue")
    Coloured.shown = 0
    return Coloured()


@pytest.fixture
def coloured_method(monkeypatch):
    """Register it as "coloured"."""
    monkeypatch.setitem(LOCALIZERS._targets, "coloured", "tiny_localizers:coloured")
