"""Localizers for tests that see something: how colourful a place is; and files that name them."""

from pathlib import Path

import pytest
import torch
import yaml

from synthgen.core.errors import TrainingError
from trainers.config.registry import LOCALIZERS

SIDE = 64


class Colourful:
    """Finds what has a colour; asked for "nothing", it finds that everywhere."""

    title, params, positive = "colourful", {}, True
    size, device = (SIDE, SIDE), torch.device("cpu")

    def __init__(self, template="{}"):
        self.template = template

    def relevance(self, pixels, prompts):
        if "unheard of" in prompts:
            raise TrainingError("colourful: 'unheard of' means nothing to it; ask for something else")
        colour = pixels.amax(dim=1, keepdim=True) - pixels.amin(dim=1, keepdim=True)
        found = torch.nn.functional.avg_pool2d(colour, 4)
        if self.template.startswith("blurred"):
            found = torch.nn.functional.avg_pool2d(found, 5, 1, 2)
        return found.expand(-1, len(prompts), -1, -1)


class Naming(Colourful):
    """Takes every picture for the first class that there is."""

    def fits(self, pixels, prompts):
        return -torch.arange(len(prompts)).float().expand(len(pixels), -1)


def colourful(config):
    return Colourful(config.template)


def naming(config):
    return Naming(config.template)


@pytest.fixture
def more_localizers(monkeypatch):
    """Let configs name them."""
    targets = {**LOCALIZERS._targets, "colourful": "localizers:colourful", "naming": "localizers:naming"}
    monkeypatch.setattr(LOCALIZERS, "_targets", targets)


def localizers_file(path: Path, localizers=None, **values):
    """Write a file of localizers that are asked for a disc."""
    named = localizers or {"colour": {"method": "colourful"}}
    path.write_text(yaml.safe_dump({"prompts": ["disc"], "localizers": named, **values}))
    return path
