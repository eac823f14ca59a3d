"""Generated assets for tests: a few coloured shapes with holes, and noisy scenes."""

from pathlib import Path

import cv2
import numpy as np

from synthgen.assets.catalog import Asset, AssetsConfig, Catalog
from synthgen.assets.intake import load_catalog
from synthgen.assets.library import Library, build_library


def write_tiny_assets(
    folder: Path, *, foregrounds: int = 12, backgrounds: int = 12, distractors: int = 4
) -> AssetsConfig:
    """Write the folders with their catalogs and return the section that names them."""
    rng = np.random.default_rng(5)
    (folder / "foregrounds").mkdir(parents=True)
    (folder / "backgrounds").mkdir(parents=True)
    rows = []
    for number in range(foregrounds + distractors):
        role = "target" if number < foregrounds else "distractor"
        category = "handgun" if role == "target" else "phone"
        name = f"{role}-{number:02d}"
        write_png(folder / "foregrounds" / f"{name}.png", pistol(rng))
        rows.append(f"{name},{name}.png,{category},{name},{role},CC0-1.0,tests,tests,")
    write_catalog(folder / "foregrounds", rows)
    rows = []
    for number in range(backgrounds):
        write_png(folder / "backgrounds" / f"scene-{number:02d}.png", scenery(rng))
        rows.append(
            f"scene-{number:02d},scene-{number:02d}.png,office,scene-{number:02d},background,CC0-1.0,tests,tests,"
        )
    write_catalog(folder / "backgrounds", rows)
    return AssetsConfig(foregrounds=folder / "foregrounds", backgrounds=folder / "backgrounds")


def make_rifles(assets: AssetsConfig) -> None:
    """Make every fourth target a rifle, the others stay handguns."""
    catalog = assets.foregrounds / "catalog.csv"
    lines = catalog.read_text().splitlines(keepends=True)
    rows = [line.replace("handgun", "rifle") if number % 4 == 1 else line for number, line in enumerate(lines)]
    catalog.write_text("".join(rows))


def tiny_library(folder: Path):
    """Return the catalog and the open library of freshly written assets."""
    catalog = load_catalog(write_tiny_assets(folder))
    return catalog, Library.open(build_library(catalog, folder))


def asset_of(catalog: Catalog, asset_id: str) -> Asset:
    """Return the asset of that id, cutouts first."""
    return next(asset for asset in (*catalog.foregrounds, *catalog.backgrounds) if asset.id == asset_id)


def pistol(rng) -> np.ndarray:
    """An L of one colour with a hole, soft at the edge: RGBA uint8."""
    alpha = np.zeros((96, 128), dtype=np.uint8)
    cv2.rectangle(alpha, (8, 10), (118, 38), 255, -1)
    cv2.rectangle(alpha, (16, 30), (48, 86), 255, -1)
    cv2.rectangle(alpha, (52, 44), (72, 58), 255, 4)
    alpha = cv2.GaussianBlur(alpha, (3, 3), 0)
    colour = rng.integers(20, 236, 3, dtype=np.uint8)
    return np.dstack([np.broadcast_to(colour, (*alpha.shape, 3)), alpha])


def scenery(rng) -> np.ndarray:
    """A smooth random landscape with noise: RGB uint8."""
    coarse = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
    return cv2.resize(coarse, (240, 180), interpolation=cv2.INTER_CUBIC)


def write_png(path: Path, pixels: np.ndarray) -> None:
    """Write RGB or RGBA."""
    code = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    assert cv2.imwrite(str(path), cv2.cvtColor(pixels, code))


def write_catalog(folder: Path, rows: list[str]) -> None:
    """Write catalog.csv; an empty sha256 is not checked."""
    header = "id,file,category,group,role,licence,author,source,sha256"
    (folder / "catalog.csv").write_text("\n".join([header, *rows, ""]))
