"""Labels scored in several domains, in one table: each model beside what can be told without looking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.table import Table

from synthgen.core.files import write_atomic
from trainers.score.result import Result
from trainers.show.columns import cell_of, columns_of, short_title

__all__ = ["domain_table", "write_domains"]

Domains = Sequence[tuple[str, Mapping[str, Result]]]  # name of the domain, and the results of each model by its name
BRIEF = ("balanced_accuracy", "f1", "auc", "auc_within")  # in the terminal, which has shown each domain's own table


def domain_table(domains: Domains) -> Table:
    """Return a section for each domain, with a row for each baseline and each model, for the terminal."""
    columns = [column for column in columns_of(scores for _, _, scores in _lines(domains)) if column in BRIEF]
    table = Table(title="domains")
    for column in ("domain", "model"):
        table.add_column(column, overflow="fold")
    for column in map(short_title, columns):
        table.add_column(column, justify="right", min_width=6)
    for own in domains:
        for place, (domain, name, scores) in enumerate(_lines([own])):
            cells = (cell_of(column, scores[column]) for column in columns)
            table.add_row("" if place else domain, name, *cells)
        table.add_section()
    return table


def write_domains(folder: Path, domains: Domains) -> Path:
    """Write domains.md, the same table with all scores, and return it; each domain has a JSON of its own."""
    columns = columns_of(scores for _, _, scores in _lines(domains))
    lines = ["# Domains", "", f"| domain | model | {' | '.join(columns)} |", "|---" * (2 + len(columns)) + "|"]
    for domain, name, scores in _lines(domains):
        lines.append(f"| {domain} | {name} | {' | '.join(cell_of(column, scores[column]) for column in columns)} |")
    write_atomic(folder / "domains.md", "\n".join([*lines, ""]).encode())
    return folder / "domains.md"


def _lines(domains: Domains) -> Iterator[tuple[str, str, Mapping[str, float]]]:
    for domain, results in domains:
        first = next(iter(results.values()))
        for name, scores in first.baselines.items():
            yield domain, name, scores
        for name, result in results.items():
            yield domain, name, result.scores
