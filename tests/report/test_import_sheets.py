"""Sheets of an import: every tile can be found again in the catalog."""

import numpy as np

from annotated import photograph
from synthgen.formats.offer import Mark, Photograph
from synthgen.importing.settings import ImportSettings
from synthgen.importing.take_in import take_in
from synthgen.report import import_tables


def test_tiles_say_category_quality_cut_sides_and_the_end_of_a_long_name(tmp_path, monkeypatch):
    image, ring, _ = photograph()
    cut = np.zeros_like(ring)
    cut[2:40, :25] = True
    name = "a-photograph-of-many-things-000000159269"
    marks = (Mark("7", "ring", lambda size: ring), Mark("8", "bent", lambda size: cut))
    found = take_in([Photograph(name, lambda: image, marks)], tmp_path / "into", ImportSettings(truncated="edge"))
    said = []
    monkeypatch.setattr(
        import_tables,
        "captioned",
        lambda tile, text, **_: (said.append(text), np.pad(tile, ((22, 0), (0, 0), (0, 0))))[1],
    )
    import_tables.import_sheet(found, "title")
    assert sorted(text for text in said if text.startswith("…")) == ["…-000000159269-7", "…-000000159269-8"]
    assert sum(text.endswith(" ring") for text in said) == sum(text.endswith(" bent, cut l") for text in said) == 1
