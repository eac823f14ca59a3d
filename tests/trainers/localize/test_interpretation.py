"""The table of heads × texts: where its texts come from, what is in it, and how it is written."""

import csv

import numpy as np
import pytest
import torch

from synthgen.core.errors import ConfigError, TrainingError
from tiny_clip import saved_clip
from trainers.config.localizer import LocalizerConfig
from trainers.localize.asking import pixels_for
from trainers.localize.heads.decomposition import decomposed
from trainers.localize.heads.interpretation import Head, interpreted, texts_of, write_interpretation
from trainers.localize.heads.text_span import text_span
from trainers.localize.methods.clip_text_span import clip_text_span


@pytest.fixture(scope="module")
def localizer(tmp_path_factory):
    clip = saved_clip(tmp_path_factory.mktemp("clip"))
    return clip_text_span(LocalizerConfig(method="clip_text_span", clip=clip, prompts=("a cat",)))


def pictures(count: int, seed: int = 0) -> list[np.ndarray]:
    return list(np.random.default_rng(seed).integers(0, 256, (count, 40, 48, 3), np.uint8))


def test_ours_are_many_short_texts_of():
    ours = texts_of()
    assert len(ours) >= 150 and len(set(ours)) == len(ours)
    assert all(len(text.split()) <= 8 for text in ours)


def test_a_users_file_has_groups_of_texts(tmp_path):
    (tmp_path / "mine.yaml").write_text("animals: [a cat, a dog]\ncolours: [something red, a cat]\n")
    assert texts_of(tmp_path / "mine.yaml") == ("a cat", "a dog", "something red")


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
        texts_of(tmp_path / "mine.yaml")


def test_each_head_of_the_last_layers_is_told_by_the_texts_of_its_span(localizer):
    tower, parts = localizer.tower, [pictures(4, seed) for seed in range(2)]
    texts = texts_of()[:30]
    heads = interpreted(localizer, parts, texts, layers=2, count=3)
    assert [(head.layer, head.head) for head in heads] == [(layer, head) for layer in (1, 2) for head in range(4)]
    with torch.no_grad():
        given = torch.cat([decomposed(tower, pixels_for(localizer, part)).by_head(2)[:, 1] for part in parts]).numpy()
    span = text_span(given, tower.text(texts).numpy(), 3)
    assert heads[5].texts == tuple(texts[place] for place in span.texts) and heads[5].shares == span.shares


def test_one_picture_tells_nothing(localizer):
    with pytest.raises(TrainingError, match="fewer than two pictures"):
        interpreted(localizer, [pictures(1)], ("a cat", "a dog"))
    with pytest.raises(TrainingError, match="fewer than two pictures"):
        interpreted(localizer, [], ("a cat", "a dog"))


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
