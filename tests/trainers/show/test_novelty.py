"""What was held out stands beside what was learnt, for predictors of every kind."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from predictors import BrightBoxes, BrightLabels, BrightPixels, frame_with
from synthgen.core.picture import Boxes, DecodedPicture, Truth
from trainers.commands.scoring import write_results
from trainers.score.benchmark import Benchmark
from trainers.score.evaluate import SCORERS, evaluate
from trainers.score.slices import slices_of
from trainers.show.novelty import novelty_lines, novelty_table, sides_of

BOX = (10, 20, 40, 50)
SCORE = {"pixels": "foreground_iou", "boxes": "box_recall", "labels": "recall"}


class BrightThings(BrightBoxes):
    """Finds boxes, and does not say of what."""

    def boxes(self, images):
        return [replace(found, categories=("",) * len(found)) for found in super().boxes(images)]


PREDICTORS = {"pixels": BrightPixels, "boxes": BrightThings, "labels": BrightLabels}


def picture(name, category, *, bright=True):
    """A picture whose target is bright, so that it is found, or dark, so that it is not."""
    mask = frame_with(BOX)[:, :, 0] if category else frame_with()[:, :, 0]
    image = frame_with(BOX) if category and bright else frame_with()
    boxes = Boxes.of([BOX], [category]) if category else Boxes.of([], [])
    return DecodedPicture(name, name, image, Truth((mask > 0).astype(np.uint8), boxes, int(bool(category))))


def result(kind, held_out=("bow",)):
    """Guns are found, bows are not, and one picture in five shows neither."""
    pictures = [picture(f"gun{n}", "gun") for n in range(2)] + [
        picture(f"bow{n}", "bow", bright=False) for n in range(2)
    ]
    benchmark = Benchmark("d, test", "test", [*pictures, picture("none", "")], kind, ("bow", "gun"), held_out)
    return benchmark, evaluate(PREDICTORS[kind](), benchmark)


@pytest.mark.parametrize("kind", ["pixels", "boxes", "labels"])
def test_a_predictor_that_knows_guns_alone_is_told_so(kind):
    _, found = result(kind)
    seen, unseen = sides_of({"m": found})["m"]
    assert (seen.label, seen.pictures) == ("seen", 3) and (unseen.label, unseen.pictures) == ("unseen", 3)
    assert (seen.scores[SCORE[kind]], unseen.scores[SCORE[kind]]) == (1, 0)
    assert 0 < found.scores[SCORE[kind]] < 1
    assert set(seen.scores) == set(found.scores)


@pytest.mark.parametrize("kind", ["pixels", "boxes", "labels"])
def test_it_stands_in_markdown_json_and_on_the_terminal(kind, tmp_path):
    benchmark, found = result(kind)
    heard = Console(file=io.StringIO(), width=100)
    write_results(tmp_path, {"m": {benchmark: found}}, heard, named=False)
    assert "categories seen and held out" in heard.file.getvalue()
    text = (tmp_path / "results.md").read_text()
    assert "Categories seen and held out (bow):" in text
    assert "| m | seen | 3 | " in text and "| m | unseen | 3 | " in text
    told = json.loads((tmp_path / "results.json").read_text())["novelty"]["m"]
    assert (told["seen"]["scores"][SCORE[kind]], told["unseen"]["scores"][SCORE[kind]]) == (1, 0)


def test_where_nothing_was_held_out_nothing_is_told():
    _, found = result("labels", held_out=())
    sides = sides_of({"m": found})
    assert sides == {} and novelty_table(sides, "t") is None and list(novelty_lines(sides, {"m": found})) == []
    assert slices_of(found.rows, SCORERS["labels"], ("novelty",)) == ()
