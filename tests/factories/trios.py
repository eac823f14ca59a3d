"""A folder in CocoGlide's layout, and one in ImageNet's, of coloured rectangles on grey."""

import json

import cv2
import numpy as np

GREY = 110


def rectangle(number, size=(48, 64)):
    """Return a picture (RGB) and the mask of what is coloured in it."""
    image = np.full((*size, 3), GREY, np.uint8)
    mask = np.zeros(size, np.uint8)
    mask[10 : 24 + number, 12 + 2 * number : 34 + 3 * number] = 255
    image[mask > 0] = (200, 60, 40)
    return image, mask


def write_trios(folder, count=6, prompts=("cup", "hat")):
    """Write trios; return the lines of their table."""
    lines = []
    for part in ("real", "fake", "mask"):
        (folder / part).mkdir(parents=True)
    for number in range(count):
        image, mask = rectangle(number)
        line = {
            **{part: f"{part}/{number}.png" for part in ("real", "fake", "mask")},
            "prompt": prompts[number % len(prompts)],
        }
        cv2.imwrite(str(folder / line["real"]), image[:, :, ::-1])
        cv2.imwrite(str(folder / line["fake"]), image)
        cv2.imwrite(str(folder / line["mask"]), mask)
        lines.append(line)
    (folder / "table.json").write_text(json.dumps(lines))
    return lines


def voc_xml(boxes, size=(48, 64)):
    """Spell annotations; a box is (class, xmin, ymin, xmax, ymax)."""
    corners = ("xmin", "ymin", "xmax", "ymax")
    spelt = [
        (name, "".join(f"<{at}>{value}</{at}>" for at, value in zip(corners, box, strict=True))) for name, *box in boxes
    ]
    objects = "".join(f"<object><name>{name}</name><bndbox>{box}</bndbox></object>" for name, box in spelt)
    told = f"<size><width>{size[1]}</width><height>{size[0]}</height><depth>3</depth></size>"
    return f"<annotation>{told}{objects}</annotation>"


def write_voc(folder, count=4):
    """Write pictures and annotations of a synset each, as ImageNet has them in folders of synsets."""
    for number in range(count):
        synset = f"n0408627{number % 2}"
        image, mask = rectangle(number)
        down, across = np.nonzero(mask)
        box = (synset, across.min(), down.min(), across.max(), down.max())
        for place in ("Data", "Annotations"):
            (folder / place / synset).mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"Data/{synset}/{synset}_{number}.JPEG"), image[:, :, ::-1])
        others = [(synset, 0, 0, 4, 5), ("n04086279", 40, 30, 60, 40)]
        xml = voc_xml([box, *others] if number == 0 else [box])
        (folder / f"Annotations/{synset}/{synset}_{number}.xml").write_text(xml)
