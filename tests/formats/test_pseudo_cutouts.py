"""Pseudo-masks offered to be cut out: what passes is a mark for each object, what does not has its reason."""

from dataclasses import replace

import numpy as np
import pytest

from annotated import photograph
from pseudo_labels import pseudo_label
from synthgen.core.errors import DatasetError
from synthgen.core.picture import Boxes
from synthgen.core.pictures import write_picture
from synthgen.formats.cutouts.pseudo import HarvestGate, pseudo_offers
from synthgen.formats.offer import Photograph, Refused
from synthgen.formats.pseudo_table import write_pseudo_table

IMAGE, RING, BENT = photograph()
OPEN = HarvestGate()


@pytest.fixture
def write(tmp_path):
    """Return what writes photographs and a table of the values of their rows, and returns folder and table."""

    def written(*rows, name="table.parquet", method="one"):
        images = tmp_path / "images"
        images.mkdir(exist_ok=True)
        labels = []
        for number, values in enumerate(rows):
            image = IMAGE.copy()
            image[0, 0] = number  # no two photographs are of the same bytes
            write_picture(images / f"p{number}.png", image)
            data = (images / f"p{number}.png").read_bytes()
            labels.append(pseudo_label(f"p{number}.png", **{"mask": RING, "data": data, **values}))
        write_pseudo_table(tmp_path / name, [replace(label, method=method) for label in labels])
        return images, tmp_path / name

    return written


def test_each_large_part_is_a_mark_of_the_box_that_fits_it(write):
    boxes = Boxes.of([[140, 40, 200, 140], [30, 50, 110, 130]], ["bent", "ring"], [0.5, 0.5])
    specks = np.zeros_like(RING)
    specks[2:5, 2:5] = True
    (offer,) = pseudo_offers(*write({"mask": RING | BENT | specks, "boxes": boxes}), None, OPEN)
    assert offer.name == "p0" and {mark.category for mark in offer.marks} == {"ring", "bent"}
    for mark in offer.marks:
        np.testing.assert_array_equal(mark.mask(RING.shape), {"ring": RING, "bent": BENT}[mark.category])
    np.testing.assert_array_equal(offer.image()[1:], IMAGE[1:])


def test_what_does_not_pass_has_its_reason_and_what_shows_no_target_is_passed_over(write):
    nothing = np.zeros_like(RING)
    rows = (
        {"score": 0.9},
        {"score": 0.2},
        {"score": 0.9, "valid": False, "reason": "area above 60 %"},
        {"score": 0.9, "mask": BENT},
        {"score": 0.9, "mask": nothing, "label": 0},
        {"score": 0.9, "mask": ~nothing},
    )
    gate = HarvestGate(least_score=0.5, least_area=BENT.mean() + 0.01, most_area=0.5)
    passed, *others = pseudo_offers(*write(*rows), None, gate)
    assert isinstance(passed, Photograph) and passed.name == "p0"
    assert [(other.item, other.reason.split(" ")[0]) for other in others] == [
        ("p1.png", "score"),
        ("p2.png", "area"),
        ("p3.png", "area"),
        ("p5.png", "area"),
    ]


def test_two_methods_have_to_agree(write):
    images, first = write({}, {}, {})
    half = RING.copy()
    half[:90] = False
    _, second = write({}, {"mask": half}, {"valid": False, "reason": "nothing found"}, name="two.parquet", method="two")
    found = pseudo_offers(images, first, second, HarvestGate(agreement=0.6))
    assert isinstance(found[0], Photograph)
    assert found[1] == Refused("p1.png", "the methods agree by an IoU below 0.6")
    assert found[2] == Refused("p2.png", "refused by the other method: nothing found")
    assert isinstance(pseudo_offers(images, first, second, HarvestGate(agreement=0.4))[1], Photograph)


def test_the_masks_are_those_of_the_first_table(write):
    images, first = write({})
    grown = RING | np.roll(RING, 3, axis=1)
    _, second = write({"mask": grown}, name="two.parquet", method="two")
    for tables, mask in (((first, second), RING), ((second, first), grown)):
        (offer,) = pseudo_offers(images, *tables, OPEN)
        np.testing.assert_array_equal(offer.marks[0].mask(RING.shape), mask)


def test_a_catalog_beside_the_photographs_gives_licence_and_group(write):
    images, table = write({}, {})
    line = "a,p0.png,scene,street,background,https://creativecommons.org/licenses/by/4.0/,Ann,flickr"
    (images / "catalog.csv").write_text(f"id,file,category,group,role,licence,author,source\n{line}\n")
    known, unknown = pseudo_offers(images, table, None, OPEN)
    assert (known.credit.licence, known.credit.author, known.credit.source) == ("CC-BY-4.0", "Ann", "flickr")
    assert (known.group, unknown.group, unknown.credit.licence) == ("street", "", "")


def test_tables_of_other_pictures_are_refused(write):
    images, first = write({}, {})
    _, fewer = write({}, name="two.parquet", method="two")
    with pytest.raises(DatasetError, match=r"is of other pictures than .*, such as 'p1\.png'"):
        pseudo_offers(images, first, fewer, OPEN)
    with pytest.raises(DatasetError, match=r"is by the same method as .*; give a table by another method"):
        pseudo_offers(images, first, first, OPEN)
    write_picture(images / "p1.png", IMAGE[::-1].copy())
    with pytest.raises(DatasetError, match=r"table\.parquet: is of other pictures: .*p1\.png is not the file"):
        pseudo_offers(images, first, None, OPEN)
    (images / "p1.png").unlink()
    with pytest.raises(DatasetError, match=r"holds no file 'p1\.png'"):
        pseudo_offers(images, first, None, OPEN)


def test_where_nothing_passes_there_is_one_line(write):
    with pytest.raises(DatasetError, match=r"none of 2 pseudo-masks passes \(2 score below 0\.9\); look at its sheet"):
        pseudo_offers(*write({}, {}), None, HarvestGate(least_score=0.9))
    with pytest.raises(DatasetError, match="no photograph shows a target"):
        pseudo_offers(*write({"label": 0, "mask": np.zeros_like(RING)}), None, OPEN)
