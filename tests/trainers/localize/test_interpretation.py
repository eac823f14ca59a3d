"""The table of heads × texts: where its texts come from, what is in it, and how it is written."""

import csv

import pytest
import torch

from synthgen.core.errors import ConfigError, TrainingError
from tiny_clip import saved_clip
from trainers.clip.load import open_tower
from trainers.localize.decomposition import decomposed
from trainers.localize.interpretation import Head, descriptions, interpreted, write_interpretation
from trainers.localize.text_span import text_span


@pytest.fixture(scope="module")
def tower(tmp_path_factory):
    return open_tower(saved_clip(tmp_path_factory.mktemp("clip")))


def test_ours_are_many_short_descriptions():
    ours = descriptions()
    assert len(ours) >= 150 and len(set(ours)) == len(ours)
    assert all(len(text.split()) <= 8 for text in ours)


def test_a_users_file_has_groups_of_texts(tmp_path):
    (tmp_path / "mine.yaml").write_text("animals: [a cat, a dog]\ncolours: [something red, a cat]\n")
    assert descriptions(tmp_path / "mine.yaml") == ("a cat", "a dog", "something red")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a cat\n", "expected a mapping"),
        ("animals: a cat\n", "animals is no list of texts"),
        ("answers: [yes, no]\n", "answers is no list of texts"),
        ("animals: []\n", "holds no description"),
    ],
)
def test_another_file_is_refused(tmp_path, text, said):
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(ConfigError, match=said):
        descriptions(tmp_path / "mine.yaml")


def test_each_head_of_the_last_layers_is_told_by_the_texts_of_its_span(tower):
    batches = [torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(seed)) for seed in range(2)]
    texts = descriptions()[:30]
    heads = interpreted(tower, batches, texts, layers=2, count=3)
    assert [(head.layer, head.head) for head in heads] == [(layer, head) for layer in (1, 2) for head in range(4)]
    given = torch.cat([decomposed(tower, pixels).by_head(2)[:, 1] for pixels in batches]).numpy()
    span = text_span(given, tower.text(texts).numpy(), 3)
    assert heads[5].texts == tuple(texts[place] for place in span.texts) and heads[5].shares == span.shares


def test_one_picture_tells_nothing(tower):
    with pytest.raises(TrainingError, match="fewer than two pictures"):
        interpreted(tower, [torch.rand(1, 3, 32, 32)], ("a cat", "a dog"))
    with pytest.raises(TrainingError, match="fewer than two pictures"):
        interpreted(tower, [], ("a cat", "a dog"))


HEADS = [Head(10, 0, ("a cat", "a | dog"), (0.5, 0.25)), Head(11, 3, ("a car",), (0.125,))]


def test_the_table_is_written_as_markdown_or_csv(tmp_path):
    write_interpretation(tmp_path / "heads.md", HEADS)
    lines = (tmp_path / "heads.md").read_text().splitlines()
    assert lines[2] == "| 10 | 0 | a cat (50%); a / dog (25%) | 75% |" and len(lines) == 4
    write_interpretation(tmp_path / "heads.csv", HEADS)
    rows = list(csv.DictReader((tmp_path / "heads.csv").read_text().splitlines()))
    assert rows[1] == {"layer": "10", "head": "0", "place": "1", "text": "a | dog", "share": "0.2500"}
    with pytest.raises(ConfigError, match=r"written as \.md or \.csv"):
        write_interpretation(tmp_path / "heads.txt", HEADS)
