"""A commented pipeline.yaml for two folders, which runs as it is."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import yaml
from dask.system import CPU_COUNT

from synthgen.assets.cast import Cast
from synthgen.assets.catalog import Asset, AssetsConfig, Catalog
from synthgen.assets.intake import load_catalog
from synthgen.assets.licences import licence_counts
from synthgen.assets.splits import SplitShares
from synthgen.core.errors import AssetError
from synthgen.core.text import printable
from synthgen.core.types import SPLITS, Size, Split

__all__ = ["Draft", "draft", "frame_of"]

STEP = 32  # pixels: sides that networks of five halvings take
AREA = 256 * 256  # pixels of a frame, about
FLATTEST = 2.0  # aspect of a frame; flatter photos are cropped
SHOWN = 12  # categories or licences in a comment
WIDTH = 41  # of what stands before a comment
SHARES = tuple(  # that are tried, the first that will do is taken: with few groups, a small share may get none
    SplitShares(train=train, val=val, test=test)
    for train, val, test in ((0.7, 0.15, 0.15), (0.6, 0.2, 0.2), (0.5, 0.25, 0.25))
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A pipeline file, and the catalog that it was written for.

    Attributes:
        text: YAML.
        catalog: What the folders hold.
        shares: How the file deals them to the splits.
    """

    text: str
    catalog: Catalog
    shares: SplitShares


def draft(foregrounds: Path, backgrounds: Path, file: Path) -> Draft:
    """Look at every asset of two folders, and write a pipeline for them that is to lie at `file`.

    Raises:
        AssetError: A folder is missing, a catalog.csv is broken, or nothing usable was found.
    """
    catalog = load_catalog(AssetsConfig(foregrounds=foregrounds, backgrounds=backgrounds))
    shares, lacking = _shares(catalog)
    sizes = [(asset.height, asset.width) for asset in catalog.backgrounds]
    frame = frame_of(sizes)
    samples = {"train": 1000} if shares.train == 1 else {"train": 1000, "val": 100, "test": 100}
    facts = {
        "file": printable(file.name),
        "assets": _assets(catalog, frame),
        "foregrounds": _seen_from(foregrounds, file),
        "backgrounds": _seen_from(backgrounds, file),
        "splits": _splits(shares, lacking),
        "size": _size(sizes, frame),
        "samples": ", ".join(f"{split}: {count}" for split, count in samples.items()),
        "recipe": _recipe(catalog),
        "output": _quoted(f"runs/{file.stem}"),
        "engine": _line(f"engine: {{kind: local, workers: {CPU_COUNT}}}", "processes that render"),
    }
    return Draft(PAGE.format(**facts), catalog, shares)


def frame_of(sizes: list[Size]) -> Size:
    """Return a frame (height, width) for photos of these sizes: their usual aspect, about 256² pixels, sides of 32."""
    aspect = median(min(max(width / height, 1 / FLATTEST), FLATTEST) for height, width in sizes)
    height, width = (AREA / aspect) ** 0.5, (AREA * aspect) ** 0.5
    return (STEP * max(round(height / STEP), 1), STEP * max(round(width / STEP), 1))


def _shares(catalog: Catalog) -> tuple[SplitShares, dict[Split, list[str]]]:
    """Return shares of the splits that give each a target and a scene, and the categories that each split lacks.

    Of those that do, the first that give each split all categories, or else the first; else all is for training.
    """
    found = [(shares, lacking) for shares in SHARES if (lacking := _lacking(catalog, shares)) is not None]
    whole = [(shares, lacking) for shares, lacking in found if not any(lacking.values())]
    return next(iter([*whole, *found]), (SplitShares(train=1), {}))


def _lacking(catalog: Catalog, shares: SplitShares) -> dict[Split, list[str]] | None:
    """Return the categories of targets that each split lacks; None where one would have no target or no scene."""
    try:
        casts = [Cast.of(catalog, split, shares) for split in SPLITS]
    except AssetError:
        return None
    every = sorted({asset.category for asset in catalog.foregrounds if asset.role == "target"})
    return {cast.split: sorted(set(every) - {asset.category for asset in cast.targets}) for cast in casts}


def _splits(shares: SplitShares, lacking: dict[Split, list[str]]) -> str:
    if shares.train == 1:
        return (
            "  # Some split would get no cutout or no scene: there are too few groups (files numbered alike are one,\n"
            "  # where no catalog.csv names them). With more, write:\n"
            "  # splits: {train: 0.7, val: 0.15, test: 0.15}\n"
            "  splits: {train: 1}"
        )
    setting = ", ".join(f"{split}: {getattr(shares, split):g}" for split in SPLITS)
    line = _line(f"  splits: {{{setting}}}", "by group of assets; none is in two splits")
    missing = [
        f"{split} has no {', '.join(map(printable, names[:SHOWN]))}{', …' if len(names) > SHOWN else ''}"
        for split, names in lacking.items()
        if names
    ]
    if not missing:
        return line
    return f"  # Few groups: {'; '.join(missing)}. Add cutouts, or try other shares.\n{line}"


def _size(sizes: list[Size], frame: Size) -> str:
    height, width = frame
    heights, widths = sorted(size[0] for size in sizes), sorted(size[1] for size in sizes)
    seen = f"scenes have {heights[0]}–{heights[-1]} × {widths[0]}–{widths[-1]}"
    return _line(f"size: [{height}, {width}]", f"height, width in pixels, divisible by {STEP} to train on; {seen}")


def _assets(catalog: Catalog, frame: Size) -> str:
    targets = [asset for asset in catalog.foregrounds if asset.role == "target"]
    others = len(catalog.foregrounds) - len(targets)
    refused = sum(finding.action == "quarantined" for finding in catalog.findings)
    lines = [
        f"{_many(len(targets), 'cutout')} of {_many(len({asset.group for asset in targets}), 'group')}, "
        f"{_many(others, 'harmless distractor')}, {_many(len(catalog.backgrounds), 'scene')}",
        *([f"{_many(refused, 'file')} refused: `synthgen assets check` says why"] if refused else []),
        *_small(targets, frame),
    ]
    return "\n".join(f"  # {line}" for line in lines)


def _small(targets: list[Asset], frame: Size) -> list[str]:
    """Return a line about cutouts that scenes would enlarge, as recipes draw objects up to the frame's length."""
    least = max(frame) // 2
    small = sum(max(asset.height, asset.width) < least for asset in targets)
    if not small:
        return []
    return [f"{small:,} of the cutouts are below {least} pixels, and blur when enlarged: lower size or recipe.scale"]


def _recipe(catalog: Catalog) -> str:
    categories = Counter(asset.category for asset in catalog.foregrounds if asset.role == "target")
    licences = Counter(licence_counts((*catalog.foregrounds, *catalog.backgrounds)))
    weights = ", ".join(f"{_quoted(name)}: 1" for name, _ in categories.most_common(SHOWN))
    lines = [
        f"Categories, each of which comes equally often: {_counted(categories)}. Weights change that:",
        f"categories: {{{weights}}}",
        f"Licences of the assets: {_counted(licences)}. Some may be left out:",
        'licences: {deny: ["CC-BY-NC*"]}',
    ]
    return "\n".join(f"  # {line}" for line in lines)


def _counted(counts: Counter[str]) -> str:
    shown = ", ".join(f"{printable(name) or 'none given'} ({count})" for name, count in counts.most_common(SHOWN))
    return shown + (f" and {len(counts) - SHOWN} more" if len(counts) > SHOWN else "")


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _line(setting: str, comment: str) -> str:
    return f"{setting:<{WIDTH - 2}}  # {comment}"


def _seen_from(folder: Path, file: Path) -> str:
    """Return the folder as the file names it: relative where it lies beside or below it, in full elsewhere."""
    here, there = file.absolute().parent, folder.absolute()
    near = there.is_relative_to(here) or there.is_relative_to(here.parent)
    return _quoted(f"{Path(os.path.relpath(there, here)).as_posix()}/" if near else str(there))


def _quoted(value: str) -> str:
    """Return text as YAML between quotes, on one line whatever it holds."""
    dumped: str = yaml.safe_dump(value, default_style='"', allow_unicode=True, width=10**9)
    return dumped.strip()


PAGE = """\
# Written by `synthgen init` for the two folders below; it runs as it is:
#   synthgen generate {file} --dry-run   what it would make and cost, and nine pictures of it
#   synthgen generate {file}             the dataset
# Relative paths are relative to this file. An unknown key is an error.

seed: 0                                  # any whole number; sample i depends on it, the recipe and the assets alone

assets:
{assets}
  foregrounds: {foregrounds}
  backgrounds: {backgrounds}
{splits}

{size}
samples: {{{samples}}}

recipe:
  preset: photographs                    # or webcam, cctv, paper; `synthgen recipe {file}` prints what it stands for
  # What stands here lies upon the preset, key by key:
  # instances: {{min: 1, max: 3}}          # targets in a picture
  # negatives: 0.25                      # share of pictures without one
  # rotation: {{min: -15, max: 15}}        # degrees, for things that stand upright
{recipe}

output:
  path: {output}
  shard_rows: 500                        # rows in a Parquet file
  image: {{codec: jpeg, quality: 90}}      # or {{codec: png}}

{engine}

# `synthgen run {file}` trains, too, where a list of networks stands here:
# training:
#   - {{network: unet, encoder: mobilenet_v2, epochs: 10}}
"""
