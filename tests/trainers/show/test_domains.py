"""Several domains of labels in one table, each with its own baselines."""

from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from predictors import SIZE, BrightLabels
from synthgen.core.picture import DecodedPicture, Truth
from trainers.score.benchmark import Benchmark
from trainers.score.evaluate import evaluate
from trainers.score.result import MAJORITY, SOURCE_ALONE
from trainers.show.domains import domain_table, write_domains


def scored(labels, sources=()):
    """What a predictor gets that finds bright pictures positive: all positives are bright, and the first picture is."""
    greys = [255 * (label or number == 0) for number, label in enumerate(labels)]
    pictures = [
        DecodedPicture(str(number), "", np.full((*SIZE, 3), grey, np.uint8), Truth(label=label))
        for number, (grey, label) in enumerate(zip(greys, labels, strict=True))
    ]
    return {"bright": evaluate(BrightLabels(), Benchmark("b", "domain-b", pictures, "labels", sources=sources))}


@pytest.fixture
def domains():
    street = scored((0, 0, 1, 1), ("films", "films", "films", "shop"))
    return [("street", street), ("street", scored((1, 0)))]  # two of one name are two all the same


def test_each_domain_has_its_baselines_and_models(domains, tmp_path):
    header, _, *lines = write_domains(tmp_path, domains).read_text().splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert [row[:2] for row in cells] == [
        ["street", MAJORITY],
        ["street", SOURCE_ALONE],
        ["street", "bright"],
        ["street", MAJORITY],
        ["street", "bright"],
    ]
    columns = [name.strip() for name in header.strip("|").split("|")]
    told = dict(zip(columns, cells[2], strict=True))
    assert (told["recall"], told["auc"], told["auc_within"]) == ("1.0000", "0.7500", "0.7500")
    assert dict(zip(columns, cells[4], strict=True))["auc_within"] == "–"


def test_the_terminals_table_is_brief(domains):
    console = Console(width=80, record=True, file=StringIO())
    console.print(domain_table(domains))
    text = console.export_text()
    assert text.count("street") == 2 and "in src." in text and "precis." not in text
    assert max(map(len, text.splitlines())) <= 80
