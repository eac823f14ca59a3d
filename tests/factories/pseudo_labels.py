"""Pseudo-labels for tests, and photographs with a table of them."""

from pathlib import Path

import numpy as np

from synthgen.core.geometry import encode_rle
from synthgen.core.picture import Boxes
from synthgen.core.pictures import write_picture
from synthgen.formats.pseudo_table import PseudoLabel, picture_hash
from synthgen.shards.grey_png import write_grey_png


def pseudo_label(file, *, mask, heat=None, boxes=None, score=0.5, valid=True, label=None, reason="", data=b""):
    """A row of a table, of the picture whose file holds `data`."""
    return PseudoLabel(
        image_id=Path(file).stem,
        file=file,
        picture_hash=picture_hash(data),
        size=mask.shape,
        method="test",
        params_json="{}",
        label=label,
        heatmap=write_grey_png(mask.astype(np.uint8) * 255 if heat is None else heat),
        mask_rle=encode_rle(mask),
        boxes=Boxes.of([], [], []) if boxes is None else boxes,
        score=score,
        valid=valid,
        reason=reason,
    )


def labelled_photographs(folder, rows):
    """Write a photograph of 12×16 for each row, (name, values of its row), and return the rows with their files."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, (name, values) in enumerate(rows):
        image = np.full((12, 16, 3), 20 * number % 200, np.uint8)
        image[3:9, 4:12] = 255
        write_picture(folder / name, image)
        mask = np.zeros((12, 16), bool)
        mask[3:9, 4:12] = values.get("label") != 0
        made.append(pseudo_label(name, **{"mask": mask, "data": (folder / name).read_bytes(), **values}))
    return made
