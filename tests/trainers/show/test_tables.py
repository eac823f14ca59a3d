"""Tables of results of each kind, and the rows of their pictures."""

import dataclasses
import json
import math
from io import StringIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from ranked_rows import one_found
from trainers.config.operating_point import OperatingPoint
from trainers.score.boxes import BOXES as BOX_SCORER
from trainers.score.result import EMPTY, FULL, MAJORITY, Ranked, Result, Row
from trainers.show.tables import read_rows, score_table, write_rows, write_scores

NAN = float("nan")


def result(kind, scores, baselines, *figures):
    rows = tuple(Row(f"p{number}", f"g{number}", found) for number, found in enumerate(figures))
    return Result("net", "bench", kind, rows, scores, {next(iter(scores)): (0.25, 0.75)}, baselines, ())


PIXELS = result(
    "pixels",
    {"foreground_iou": 0.5, "mean_iou": 0.7, "false_alarms": NAN},
    {name: {"foreground_iou": 0.0, "mean_iou": 0.4, "false_alarms": NAN} for name in (EMPTY, FULL)},
    {"tp": 50, "fp": 25, "tn": 900, "fn": 25, "boundary_f": 0.5},
    {"tp": 0, "fp": 0, "tn": 1000, "fn": 0, "false_alarms": 0},
)
LABELS = result(
    "labels", {"accuracy": 0.75, "auc": NAN}, {MAJORITY: {"accuracy": 0.5, "auc": NAN}}, {"label": 1, "found": 1}
)
BOXES = result("boxes", {"box_recall": 0.5, "boxes": 3}, {EMPTY: {"box_recall": 0, "boxes": 0}}, {"hits": 1})


def test_markdown_has_baselines_intervals_and_sizes(tmp_path):
    lines = write_scores(tmp_path, {"net": PIXELS}, "Title").read_text().splitlines()
    assert "| model | foreground_iou | mean_iou | false_alarms |" in lines
    assert f"| {EMPTY} | 0.0000 | 0.4000 | – |" in lines and "| net | 0.5000 | 0.7000 | – |" in lines
    assert "- net: foreground_iou 0.2500–0.7500" in lines and "- net: small 0.5000" in lines


def test_json_has_no_nan_and_parquet_a_row_for_each_picture(tmp_path):
    write_scores(tmp_path, {"net": PIXELS}, "Title", "val")
    found = json.loads((tmp_path / "val.json").read_text())
    assert found["scores"]["net"] == {"foreground_iou": 0.5, "mean_iou": 0.7, "false_alarms": None}
    assert found["samples"] == {"net": 2} and found["by_size"] == {"net": {"small": 0.5}}
    first, second = pq.read_table(tmp_path / "val-rows.parquet").to_pylist()
    assert (first["model"], first["name"], first["group"], first["tp"]) == ("net", "p0", "g0", 50)
    assert first["false_alarms"] is None and second["boundary_f"] is None


@pytest.mark.parametrize(("found", "cells"), [(BOXES, ("0.5000", "3")), (LABELS, ("0.7500", "–"))])
def test_other_kinds_have_columns_of_their_own(tmp_path, found, cells):
    text = write_scores(tmp_path, {"net": found}, "Title").read_text()
    assert f"| net | {' | '.join(cells)} |" in text and "pixels on target" not in text


def test_operating_points_fit_and_found_boxes_are_told(tmp_path):
    ranked = one_found(True, category="gun")
    rows = (Row("a", "", {"hits": 1}, ranked, pairs=(("gun", "gun"), (None, "gun"))), Row("b", "", {"hits": 0}))
    point = OperatingPoint(threshold=0.4, closing=0.025, least_area=0.01)
    told = dataclasses.replace(BOXES, rows=rows, point=point, fit="stretch")
    text = write_scores(tmp_path, {"net": told}, "Title").read_text()
    assert "- net: threshold 0.4, closing 0.025, least area 0.01" in text
    found = json.loads((tmp_path / "results.json").read_text())
    assert found["fit"] == {"net": "stretch"} and found["operating_points"]["net"] == point.model_dump()
    first, second = pq.read_table(tmp_path / "results-rows.parquet").to_pylist()
    assert (first["box_scores"], first["box_categories"], first["box_right"]) == ([0.9], ["gun"], [2**40 - 1])
    assert (first["true_categories"], first["found_categories"]) == (["gun", None], ["gun", "gun"])
    assert second["box_scores"] is second["true_categories"] is None


def test_traits_are_columns_where_they_are_known(tmp_path):
    rows = (
        Row("a", "", {"hits": 1}, {}, {"size": 0.2, "ground": "plain", "category": ("gun", "rifle")}),
        Row("b", "", {"hits": 0}),
    )
    write_scores(tmp_path, {"net": dataclasses.replace(BOXES, rows=rows)}, "Title")
    first, second = pq.read_table(tmp_path / "results-rows.parquet").to_pylist()
    assert (first["trait_size"], first["trait_ground"], first["trait_category"]) == (0.2, "plain", ["gun", "rifle"])
    assert second["trait_size"] is second["trait_category"] is None


def test_the_terminals_table_fits_eighty_columns():
    console = Console(width=80, record=True, file=StringIO())
    console.print(score_table({"net": PIXELS}, "Title"))
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 80 and any("fg IoU" in line and "false" not in line for line in lines)


def test_rows_come_back_as_they_were_written(tmp_path):
    ranked = {**one_found(True, category="gun"), "mask": Ranked((), (), (), (), ("gun",), (1,))}
    figures = {"hits": 1, "found": 2, "share": 0.25}
    found = Row("p", "g", figures, ranked, pairs=(("gun", "gun"), ("gun", None), (None, "")))
    nothing = Row("n", "g", {"hits": 0}, {"box": Ranked((), (), (), (), (), ())})
    described = Row("d", "g", {"hits": 0}, {}, {"size": 0.2, "ground": "plain", "category": ("gun", "rifle")})
    unknown = Row("q", "g", {})
    rows = {"net": (found, nothing, described, unknown), "other": PIXELS.rows}
    write_rows(tmp_path / "rows.parquet", {name: dataclasses.replace(PIXELS, rows=own) for name, own in rows.items()})
    assert read_rows(tmp_path / "rows.parquet") == rows


def test_rows_of_before_are_read_and_have_no_average_precision(tmp_path):
    figures = {"hits": [1, 0], "found": [2, 0], "truth": [1, 1], "inside": [9, 0], "pixels": [10, 0]}
    boxes = {"found_scores": [[0.9, 0.4], None], "found_hits": [[True, False], None]}
    names = {"model": ["net", "net"], "name": ["a", "b"], "group": ["", ""]}
    pq.write_table(pa.table({**names, **figures, **boxes}), tmp_path / "rows.parquet")
    scores = BOX_SCORER.scores(read_rows(tmp_path / "rows.parquet")["net"])
    assert (scores["box_recall"], scores["box_precision"], scores["boxes"]) == (0.5, 0.5, 2)
    assert all(math.isnan(scores[name]) for name in ("ap", "ap50", "mask_ap", "recall_at_1_fa"))
