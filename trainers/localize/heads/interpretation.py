"""What the heads of a CLIP look at: a table heads × texts, by TextSpan over a folder of pictures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from synthgen.core.errors import ConfigError, TrainingError
from synthgen.core.files import write_atomic
from synthgen.core.types import AnyRGB
from synthgen.core.yaml_file import read_yaml
from trainers.clip.vision_transformer import TransformerTower
from trainers.localize.asking import pixels_for
from trainers.localize.heads.decomposition import decomposed
from trainers.localize.heads.text_span import text_span
from trainers.localize.patches import ByPatches

__all__ = ["Head", "check_kind", "interpreted", "texts_of", "write_interpretation"]

OURS = Path(__file__).with_name("descriptions.yaml")
LAYERS, TEXTS = 4, 5  # the last layers, which write almost all of an embedding (Gandelsman et al. 2024); texts a head
KINDS = (".md", ".csv")


@dataclass(frozen=True, slots=True)
class Head:
    """What one head looks at.

    Attributes:
        layer: Its layer, from 0.
        head: Its place in the layer, from 0.
        texts: What it varies by, the text that tells most first.
        shares: Of its variance that each text tells beyond those before it, 0–1.
    """

    layer: int
    head: int
    texts: tuple[str, ...]
    shares: tuple[float, ...]


def texts_of(file: Path | None = None) -> tuple[str, ...]:
    """Return the texts of a YAML file: lists of short descriptions under names of groups; by default ours.

    Raises:
        ConfigError: It cannot be read, or holds something else.
    """
    file = file or OURS
    groups = read_yaml(file, "file of descriptions")
    for name, texts in groups.items():
        if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
            raise ConfigError(f"{file}: {name} is no list of texts; write each description as a line of its own")
    found = tuple(dict.fromkeys(chain.from_iterable(groups.values())))
    if not found:
        raise ConfigError(f"{file}: holds no description; write some under the name of a group")
    return found


@torch.no_grad()
def interpreted(
    localizer: ByPatches,
    parts: Iterable[Sequence[AnyRGB]],
    texts: Sequence[str],
    *,
    layers: int = LAYERS,
    count: int = TEXTS,
) -> list[Head]:
    """Return what each head of the last layers looks at, by pictures that differ as those do that matter.

    Args:
        localizer: What stands on the CLIP, and says to what size pictures are brought.
        parts: Pictures of any sizes, some at a time.
        texts: Descriptions to choose from.
        layers: The last of them that are looked at.
        count: Texts a head.

    Raises:
        TrainingError: There are fewer than two pictures, or a text says nothing to the tower.
    """
    tower = localizer.tower
    assert isinstance(tower, TransformerTower), "ClipTextSpan stands on no other"
    words, depth = tower.text(list(texts)).cpu().numpy(), len(list(tower.layers.blocks))
    shown, by_head = range(max(0, depth - layers), depth), list[Tensor]()
    for images in parts:
        found = decomposed(tower, pixels_for(localizer, images))
        by_head.append(torch.stack([found.by_head(layer) for layer in shown], 1).cpu())
    if sum(map(len, by_head)) < 2:
        raise TrainingError("a head is told by what it varies by, and there are fewer than two pictures; give more")
    given = torch.cat(by_head).numpy()
    return [
        _told(layer, head, given[:, place, head], words, texts, count)
        for place, layer in enumerate(shown)
        for head in range(given.shape[2])
    ]


def check_kind(file: Path) -> None:
    """Refuse a name that does not say how the table is written.

    Raises:
        ConfigError: It ends neither in .md nor in .csv.
    """
    if file.suffix not in KINDS:
        raise ConfigError(f"{file}: a table of heads is written as {' or '.join(KINDS)}; give a name that ends so")


def write_interpretation(file: Path, heads: Sequence[Head]) -> None:
    """Write the table, atomically: as Markdown, a row a head; or as CSV, a row a head and text.

    Raises:
        ConfigError: The file's name ends neither in .md nor in .csv.
        OutputError: It cannot be written.
    """
    check_kind(file)
    write_atomic(file, (_markdown(heads) if file.suffix == ".md" else _csv(heads)).encode())


def _told(
    layer: int,
    head: int,
    given: Float[np.ndarray, "n e"],
    words: Float[np.ndarray, "k e"],
    texts: Sequence[str],
    count: int,
) -> Head:
    span = text_span(given, words, count)
    return Head(layer, head, tuple(texts[place] for place in span.texts), span.shares)


def _markdown(heads: Sequence[Head]) -> str:
    lines = ["| layer | head | texts, and the share of its variance that each tells | all |", "|---|---|---|---|"]
    for head in heads:
        told = "; ".join(f"{text} ({share:.0%})" for text, share in zip(head.texts, head.shares, strict=True))
        lines.append(f"| {head.layer} | {head.head} | {told.replace('|', '/')} | {sum(head.shares):.0%} |")
    return "\n".join([*lines, ""])


def _csv(heads: Sequence[Head]) -> str:
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["layer", "head", "place", "text", "share"])
    for head in heads:
        told = zip(head.texts, head.shares, strict=True)
        rows.writerows([head.layer, head.head, place, text, f"{share:.4f}"] for place, (text, share) in enumerate(told))
    return file.getvalue()
