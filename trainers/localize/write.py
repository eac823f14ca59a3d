"""What lies beside the table of localized pictures: heat maps, masks, overlays, and boxes as `predict` writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synthgen.core.files import make_directory
from synthgen.core.pictures import write_picture
from synthgen.core.types import RGB
from synthgen.draw import heat, outline
from synthgen.draw.palette import WHITE
from synthgen.formats.pseudo_table import PseudoLabel
from trainers.predict.write import INSTANCES_FILE, LINES_FILE, instance_entries, write_list

__all__ = ["HEATMAPS", "MASKS", "OVERLAYS", "Pictures"]

HEATMAPS, MASKS, OVERLAYS = "heatmaps", "masks", "overlays"


class Pictures:
    """Writes what is shown of rows of a table."""

    def draw(self, row: PseudoLabel, image: RGB, folder: Path) -> None:
        """Write a picture's heat map (grey, 0–255), its mask (0 or 255), and both over it, each a PNG of its size.

        The heat map is that of the table, stretched over the picture.

        Raises:
            OutputError: One cannot be written.
        """
        height, width = row.size
        codes = cv2.resize(row.heat, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8)
        shown = outline(heat(image, codes.astype(np.float32) / 255), row.mask, WHITE)
        pictures = {HEATMAPS: codes, MASKS: row.mask.astype(np.uint8) * 255, OVERLAYS: shown}
        for name, picture in pictures.items():
            make_directory(folder / name)
            write_picture(folder / name / f"{row.image_id}.png", picture)

    def tell(self, rows: Iterator[PseudoLabel], folder: Path) -> None:
        """Write an entry for each picture that could be read: a line of instances.jsonl, and an item of instances.json.

        Raises:
            OutputError: One cannot be written.
        """
        lines = folder / LINES_FILE
        with lines.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(_entry(row)) + "\n" for row in rows if row.size != (0, 0))
        write_list(lines, folder / INSTANCES_FILE)


def _entry(row: PseudoLabel) -> dict[str, Any]:
    return {
        "name": row.image_id,
        "source": row.file,
        "height": row.size[0],
        "width": row.size[1],
        "foreground": float(row.mask.mean()),
        "score": round(row.score, 4),
        "valid": row.valid,
        "instances": instance_entries(row.boxes),
    }
